"""The queue: which parts of a study are missing. All of it is in the database and on the disk."""

import hashlib
import time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fer_core.errors import ContractError
from fer_core.media.videos import VideoIndex
from fer_core.pipeline.readings import Readings, from_parquet
from fer_core.studies.recordings import StudyRecording, fault_of
from fer_core.studies.schema import PartRow, RecordingRow, StudyRow
from fer_core.studies.sources import enter_settings, kept_parts, sources_of
from fer_core.studies.store import Study
from fer_core.studies.tasks import PartAnswer, PartTask, about_part, part_file, part_task

MOST_ATTEMPTS = 3
"""A part that ended its reader so often is left out."""

WAITING, READING, DONE, FAILED = "waiting", "reading", "done", "failed"
"""States of a part; one without a row waits."""


class Queue:
    """Hands out a study's missing parts and enters what came of them. For who leads, one thread."""

    def __init__(self, study: Study) -> None:
        """Begin with what the database says; see `recover`."""
        self._study = study
        self.settings = study.settings
        self._key = self.settings.readings_key
        self._place = study.place
        enter_settings(study, self.settings)
        self._sources = sources_of(study, self.settings)
        self._indices: dict[int, VideoIndex] = {}
        self._recordings: dict[str, StudyRecording] = {}
        self._missing: dict[str, list[int]] = {}
        self._out: set[tuple[str, int]] = set()
        self.paused = False

    # --- what is there ---

    def recover(self) -> None:
        """Look what is there: parts that were finished are entered, damaged ones are missing again.

        A process that was killed may have left parts that are whole and that nobody entered.

        Raises:
            StorageError: the place of the readings cannot be looked at.
        """
        for recording in self._study.recordings():
            self._note_fault(recording)
            with self._study.database.read() as session:
                own = select(PartRow).where(
                    PartRow.recording_id == recording.id, PartRow.settings == self._key
                )
                rows = {row.number: row for row in session.scalars(own)}
            names = set(self._place.names(f"{self._key}/{recording.name}"))
            for number in range(recording.parts):
                file = part_file(self.settings.readings_key, recording.name, number)
                row = rows.get(number)
                is_there = file.rsplit("/", 1)[1] in names
                if row is None or row.state in (WAITING, READING):
                    if is_there:
                        self._adopt(recording, number, file)
                    elif row is not None:
                        self._set_state(recording, number, WAITING, row.error)
                elif row.state == DONE and not (is_there and self._is_whole(file, row)):
                    self._set_state(
                        recording, number, WAITING, "Its readings were damaged; it is read again."
                    )

    def _adopt(self, recording: StudyRecording, number: int, file: str) -> None:
        content = self._place.read(file) or b""
        try:
            table = from_parquet(content)
            about = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
            wanted = about_part(self.settings, recording.sha256, number)
            if not wanted.items() <= about.items():
                raise ContractError("of another part", where=file)
            frames = Readings.of_table(table.replace_schema_metadata(about)).frames_read
        except ContractError:
            self._set_state(recording, number, WAITING, "")
            return
        self.enter(
            PartAnswer(
                recording=recording.name,
                number=number,
                sha256=hashlib.sha256(content).hexdigest(),
                bytes=len(content),
                frames=frames,
            ),
            recording,
        )

    def _is_whole(self, file: str, row: PartRow) -> bool:
        content = self._place.read(file)
        return content is not None and hashlib.sha256(content).hexdigest() == row.sha256

    def _note_fault(self, recording: StudyRecording) -> str:
        """Enter what is wrong with a recording's file at this moment, or that nothing is."""
        fault = fault_of(recording)
        if fault != recording.error:
            with self._study.database.write() as session:
                session.get_one(RecordingRow, recording.id).error = fault
        return fault

    # --- handing out ---

    @property
    def missing(self) -> bool:
        """Whether there is a part to be read that nobody has."""
        return bool(self._missing)

    def refresh(self) -> None:
        """Take in what others changed: recordings, their order, parts to try again, a pause."""
        recordings = self._study.recordings()
        with self._study.database.read() as session:
            self.paused = session.get_one(StudyRow, 1).paused
            taken: dict[int, set[int]] = {}
            for row in session.execute(
                select(PartRow.recording_id, PartRow.number).where(
                    PartRow.settings == self._key, PartRow.state.in_((DONE, FAILED))
                )
            ):
                taken.setdefault(row.recording_id, set()).add(row.number)
        self._recordings = {each.name: each for each in recordings}
        self._missing = {
            each.name: missing
            for each in recordings
            if not each.error
            and (
                missing := [
                    number
                    for number in range(each.parts)
                    if number not in taken.get(each.id, ()) and (each.name, number) not in self._out
                ]
            )
        }

    def take(self, after: PartTask | None = None) -> PartTask | None:
        """The next part to be read; None where none is missing.

        Args:
            after: what the same reader had before: the part behind it is at hand there.
        """
        while self._missing:
            name = next(iter(self._missing))
            if after is not None and after.recording in self._missing:
                ours, first = self._recordings[after.recording], self._recordings[name]
                if ours.priority == first.priority:
                    name = after.recording
            numbers = self._missing[name]
            if after is not None and name == after.recording and after.number + 1 in numbers:
                number = after.number + 1
            else:
                number = numbers[0]
            recording = self._recordings[name]
            if self._note_fault(recording):
                del self._missing[name]
                continue
            numbers.remove(number)
            if not numbers:
                del self._missing[name]
            return self._task(recording, number)
        return None

    def take_one(self, recording: StudyRecording) -> PartTask | None:
        """The next part of this recording; None where none of it is missing."""
        numbers = self._missing.get(recording.name, [])
        return self._task(recording, numbers[0]) if numbers else None

    def _task(self, recording: StudyRecording, number: int) -> PartTask:
        index = self._indices.get(recording.id)
        if index is None:
            index = self._indices[recording.id] = self._study.index_of(recording)
        with self._study.database.write() as session:
            row = self._row(session, recording, number)
            row.state, row.attempts = READING, row.attempts + 1
            kept = kept_parts(session, self._sources, recording, number)
        self._out.add((recording.name, number))
        return part_task(recording, index, number, self.settings, self._place, kept)

    # --- what came of it ---

    def enter(self, answer: PartAnswer, recording: StudyRecording | None = None) -> None:
        """A part was read."""
        recording = recording or self._recordings[answer.recording]
        self._out.discard((answer.recording, answer.number))
        if fault := self._note_fault(recording):  # nobody knows which file was read
            self._set_state(recording, answer.number, WAITING, fault)
            return
        with self._study.database.write() as session:
            row = self._row(session, recording, answer.number)
            row.state, row.error = DONE, ""
            row.sha256, row.bytes = answer.sha256, answer.bytes
            row.frames, row.damaged = answer.frames, answer.damaged
            row.took_s, row.done_at = answer.took_s, time.time()

    def put_back(self, task: PartTask, error: str = "", *, counts: bool = False) -> None:
        """A part was not read, and is missing again.

        Args:
            task: of the part.
            error: what happened.
            counts: whether it was an attempt; after `MOST_ATTEMPTS` the part is left out.
        """
        self._out.discard((task.recording, task.number))
        recording = self._recordings[task.recording]
        with self._study.database.write() as session:
            row = self._row(session, recording, task.number)
            if counts and row.attempts >= MOST_ATTEMPTS:
                row.state, row.error = FAILED, error
                return
            row.state, row.error = WAITING, error
            if not counts:
                row.attempts -= 1
        self.refresh()

    def _set_state(self, recording: StudyRecording, number: int, state: str, error: str) -> None:
        with self._study.database.write() as session:
            session.execute(
                update(PartRow)
                .where(
                    PartRow.recording_id == recording.id,
                    PartRow.settings == self._key,
                    PartRow.number == number,
                )
                .values(state=state, error=error)
            )

    def _row(self, session: Session, recording: StudyRecording, number: int) -> PartRow:
        """A part's row, made where there is none."""
        row = session.get(PartRow, (recording.id, self._key, number))
        if row is None:
            row = PartRow(
                recording_id=recording.id,
                settings=self._key,
                number=number,
                state=WAITING,
                attempts=0,
                error="",
                sha256="",
                bytes=0,
                frames=0,
                damaged=0,
                took_s=0.0,
                done_at=0.0,
            )
            session.add(row)
        return row
