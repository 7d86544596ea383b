"""How far a study is read, and how long the rest will take, as the database says."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import func, select, update

from fer_core.studies.leader import Leader
from fer_core.studies.queue import DONE, FAILED, READING, WAITING
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.schema import PartRow, RunRow, StudyRow
from fer_core.studies.store import Study

State = Literal["waiting", "reading", "read", "failed"]

_WINDOW_S = 300.0
# How fast it goes is told from the parts of the last minutes.


@dataclass(frozen=True, slots=True)
class RecordingProgress:
    """How far a recording is.

    Attributes:
        recording: which.
        state: ``read`` once all of its parts are, ``failed`` where what is left cannot be.
        parts, done, failed, reading: how many of them are in which state.
        seconds_done: of the video.
        left_s: until all of it is read, those before it in the queue included; None where that
            cannot be told.
        errors: sentences on what is wrong with the file or with parts, each once.
        damaged: frames and packets in it that could not be decoded as they should.
    """

    recording: StudyRecording
    state: State
    parts: int
    done: int
    failed: int
    reading: int
    seconds_done: float
    left_s: float | None
    errors: tuple[str, ...]
    damaged: int


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How far a study is.

    Attributes:
        recordings: in the order in which they are read.
        seconds, seconds_done: of all videos.
        left_s: until everything is read; None where that cannot be told.
        speed: seconds of video in a second; None where nothing was read lately.
        leader: who hands out parts; None while nobody does.
        paused: whether that is because somebody paused it.
        sentence: why the last run ended before everything was read; "" where it did not.
    """

    recordings: tuple[RecordingProgress, ...]
    seconds: float
    seconds_done: float
    left_s: float | None
    speed: float | None
    leader: Leader | None
    paused: bool
    sentence: str

    @property
    def is_read(self) -> bool:
        """Whether nothing is missing that could be read."""
        return all(each.state in ("read", "failed") for each in self.recordings)


class _Counts(NamedTuple):
    """Parts of a recording by state, and what is wrong with some."""

    by_state: dict[str, int]
    damaged: int
    errors: tuple[str, ...]


def progress_of(study: Study) -> StudyProgress:
    """How far a study is with its settings of now."""
    recordings = study.recordings()
    leader = study.leader()
    counts = _counts(study, recordings)
    with study.database.read() as session:
        run = session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(1)).first()
        paused = session.get_one(StudyRow, 1).paused
    speed = None
    if leader is not None and run is not None:
        speed = _speed(study, recordings, run.started_at)
    each_one = _each(recordings, counts, speed)
    return StudyProgress(
        recordings=each_one,
        seconds=sum(each.seconds for each in recordings),
        seconds_done=sum(each.seconds_done for each in each_one),
        left_s=max((each.left_s for each in each_one if each.left_s is not None), default=None),
        speed=speed,
        leader=leader,
        paused=paused and leader is None,
        sentence=run.sentence if run is not None and leader is None else "",
    )


def _counts(study: Study, recordings: Sequence[StudyRecording]) -> dict[int, _Counts]:
    own = PartRow.settings == study.settings.readings_key
    by_state: dict[int, dict[str, int]] = {each.id: {} for each in recordings}
    damaged = dict.fromkeys(by_state, 0)
    errors: dict[int, list[str]] = {
        each.id: [each.error] if each.error else [] for each in recordings
    }
    numbers = select(PartRow.recording_id, PartRow.state, func.count(), func.sum(PartRow.damaged))
    sentences = select(PartRow.recording_id, PartRow.error).distinct()
    with study.database.read() as session:
        for number, state, parts, broken in session.execute(
            numbers.where(own).group_by(PartRow.recording_id, PartRow.state)
        ):
            if number in by_state:  # else it was added this very moment
                by_state[number][state] = parts
                damaged[number] += broken
        for number, error in session.execute(sentences.where(own, PartRow.error != "")):
            if number in errors:
                errors[number].append(error)
    return {
        number: _Counts(by_state[number], damaged[number], tuple(errors[number]))
        for number in by_state
    }


def _speed(study: Study, recordings: Sequence[StudyRecording], begun_at: float) -> float | None:
    """Seconds of video in a second, lately."""
    now = time.time()
    since = max(begun_at, now - _WINDOW_S)
    with study.database.read() as session:
        read = session.scalars(
            select(PartRow.recording_id).where(
                PartRow.settings == study.settings.readings_key,
                PartRow.state == DONE,
                PartRow.done_at > since,
            )
        ).all()
    lengths = {each.id: each.seconds / each.parts for each in recordings}
    video_s = sum(lengths.get(number, 0.0) for number in read)
    return video_s / (now - since) if video_s and now > since else None


def _each(
    recordings: Sequence[StudyRecording], counts: dict[int, _Counts], speed: float | None
) -> tuple[RecordingProgress, ...]:
    found, before_s = [], 0.0
    for recording in recordings:
        by_state, damaged, errors = counts[recording.id]
        done, failed = by_state.get(DONE, 0), by_state.get(FAILED, 0)
        missing = 0 if recording.error else recording.parts - done - failed
        before_s += missing * recording.seconds / recording.parts
        reading = by_state.get(READING, 0) if speed is not None else 0
        found.append(
            RecordingProgress(
                recording=recording,
                state=_state(recording, done, failed, missing, reading),
                parts=recording.parts,
                done=done,
                failed=failed,
                reading=reading,
                seconds_done=done * recording.seconds / recording.parts,
                left_s=before_s / speed if speed and missing else None,
                errors=errors,
                damaged=damaged,
            )
        )
    return tuple(found)


def _state(recording: StudyRecording, done: int, failed: int, missing: int, reading: int) -> State:
    if done == recording.parts:
        return "read"
    if not missing:
        return "failed"
    return "reading" if reading or done else "waiting"


def pause(study: Study) -> None:
    """Have whoever leads end once the parts that are being read are; `run_study` goes on."""
    with study.database.write() as session:
        session.get_one(StudyRow, 1).paused = True


def retry(study: Study, recording: StudyRecording | None = None) -> int:
    """Have parts that were left out read again.

    Args:
        study: whose.
        recording: of which one; None: of all.

    Returns:
        How many parts.
    """
    failed = update(PartRow).where(
        PartRow.settings == study.settings.readings_key, PartRow.state == FAILED
    )
    if recording is not None:
        failed = failed.where(PartRow.recording_id == recording.id)
    with study.database.write() as session:
        changed = session.execute(failed.values(state=WAITING, attempts=0, error=""))
        return int(changed.rowcount)  # type: ignore[attr-defined]  # of an update, it is there
