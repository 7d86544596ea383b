"""Reading a study: the same bytes whoever reads; nothing lost or read twice, whatever happens."""

import hashlib
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from fer_core.errors import StudyError
from fer_core.media import timeline
from fer_core.media.videos import VideoPart, VideoReader, index_video
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.parts import FrameReader, read_part
from fer_core.pipeline.readings import Readings, from_parquet, to_parquet
from fer_core.pipeline.video import read_video
from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import create_study, open_study
from fer_core.studies.change import reading_cost
from fer_core.studies.engines import worker_command
from fer_core.studies.engines.local import local_engine
from fer_core.studies.engines.process import Worker
from fer_core.studies.lead import Ended, run_study
from fer_core.studies.parts import PartReader
from fer_core.studies.progress import pause, progress_of, retry
from fer_core.studies.queue import Queue
from fer_core.studies.schema import PartRow
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from fer_core.zoo import load_classifier
from tests.media.made import write_video
from tests.studies.conftest import MakeStudy
from tests.studies.drawn import write_faces
from tests.studies.workers import (
    ROOT,
    engine_of,
    session_of,
)
from tests.tiny import write_tiny_folder
from tests.waiting import wait_for

pytestmark = pytest.mark.slow  # every study is read by processes


def files_of(study: Study) -> dict[str, bytes]:
    """By recording and part: readings, byte for byte."""
    folder = study.folder / "readings" / study.settings.readings_key
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet")}


def written_at(study: Study) -> dict[str, tuple[int, int]]:
    """By file, what tells one writing from another."""
    return {
        str(path): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (study.folder / "readings").rglob("*.parquet")
    }


def test_a_worker_begins_without_what_only_the_leader_needs() -> None:
    """Two thirds of a worker's start were spent on these, once for each worker."""
    seen = subprocess.run(
        [sys.executable, "-X", "importtime", *worker_command()[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stderr
    modules = {line.rpartition("|")[2].strip() for line in seen.splitlines()}
    assert "fer_core.studies.parts" in modules
    assert not modules & {"pandas", "scipy", "sqlalchemy", "plotly", "streamlit", "sklearn"}


def attempts(study: Study) -> list[int]:
    with study.database.read() as session:
        return [row.attempts for row in session.query(PartRow).order_by(PartRow.number)]


def errors(study: Study) -> list[str]:
    return [error for each in progress_of(study).recordings for error in each.errors]


# --- the same bytes ---


def test_one_worker_and_three_give_the_same_bytes(make_study: MakeStudy) -> None:
    both = {"videos": 2, "seconds": 3.0, "networks": ("tiny", "tiny_b"), "detector": "haar"}
    one = make_study("one", **both)
    assert run_study(one, local_engine(1)) == Ended(parts=6)
    three = make_study("three", **both)
    assert run_study(three, local_engine(3)) == Ended(parts=6)
    assert len(files_of(one)) == 6
    assert files_of(three) == files_of(one)


@pytest.mark.parametrize("detector", ["none", "haar"])
def test_a_further_network_reads_alone_and_gives_the_bytes_of_both_at_once(
    make_study: MakeStudy, detector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = make_study("once", seconds=3.0, networks=("tiny_b", "tiny"), detector=detector)
    run_study(once, local_engine(1))
    study = make_study("later", seconds=3.0, detector=detector)
    run_study(study, local_engine(1))
    study.settings = once.settings
    cost = reading_cost(study, study.settings)
    assert (cost.anew_s, cost.further) == (0.0, ("tiny_b",))
    assert cost.further_s == pytest.approx(cost.of_seconds)
    seen = read_here(study, monkeypatch)
    assert seen == [("tiny_b",)] * 3
    assert files_of(study) == files_of(once)
    # Fewer networks, in another order: no picture is looked at.
    study.settings = choose_settings(("tiny",), detector=detector)
    assert read_here(study, monkeypatch) == []
    study.settings = choose_settings(("tiny", "tiny_b"), detector=detector)
    assert reading_cost(study, study.settings).further == ()
    assert read_here(study, monkeypatch) == []
    fresh = make_study("fresh", seconds=3.0, networks=("tiny", "tiny_b"), detector=detector)
    run_study(fresh, local_engine(1))
    assert files_of(study) == files_of(fresh)


def test_a_further_network_of_frames_that_were_scaled_down(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boxes of the scaled frame cannot be had from those of the video: faces are found again."""
    monkeypatch.setattr("fer_core.media.frames.LONGEST_PX", 270)
    once = make_study("once", seconds=2.0, networks=("tiny", "tiny_b"), detector="haar")
    assert once.index_of(once.recordings()[0]).scale > 1
    read_here(once, monkeypatch)
    study = make_study("later", seconds=2.0, detector="haar")
    read_here(study, monkeypatch)
    study.settings = once.settings
    assert read_here(study, monkeypatch) == [("tiny_b",)] * 2
    assert files_of(study) == files_of(once)


def read_here(study: Study, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Read a study in this process; which networks read each part that was looked at."""
    seen: list[tuple[str, ...]] = []

    def counting(
        video: VideoReader, part: VideoPart, reader: FrameReader, *, every: int
    ) -> Readings:
        seen.append(reader.networks)
        return read_part(video, part, reader, every=every)

    monkeypatch.setattr("fer_core.studies.parts.read_part", counting)
    queue, reader = Queue(study), PartReader()
    queue.recover()
    queue.refresh()
    while (task := queue.take()) is not None:
        answer = reader.answer(task)
        assert not answer.error
        queue.enter(answer)
    reader.close()
    return seen


def test_what_was_found_otherwise_before_is_read_anew(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are only put together where everything that they share is equal."""
    study = make_study(seconds=3.0, detector="haar")
    run_study(study, local_engine(1))
    (path,) = sorted(study.folder.rglob("part-00001.parquet"))
    table = from_parquet(path.read_bytes())
    moved = Readings.of_table(table)
    moved.boxes[:] += 1.0
    about = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
    path.write_bytes(to_parquet(moved.to_table(about)))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with study.database.write() as session:
        session.execute(update(PartRow).where(PartRow.number == 1).values(sha256=sha256))
    broken = sorted(study.folder.rglob("part-00002.parquet"))[0]
    study.settings = choose_settings(("tiny", "tiny_b"), detector="haar")
    broken.write_bytes(b"not a table")
    seen = read_here(study, monkeypatch)
    assert sorted(seen, key=len) == [("tiny_b",), ("tiny_b",), *[("tiny", "tiny_b")] * 2]
    fresh = make_study("fresh", seconds=3.0, networks=("tiny", "tiny_b"), detector="haar")
    run_study(fresh, local_engine(1))
    assert files_of(study) == files_of(fresh)


def test_a_study_reads_what_the_video_command_reads(make_study: MakeStudy, home: Path) -> None:
    study = make_study(seconds=3.0, every=2)
    run_study(study, local_engine(1))
    path = home / "p01.mp4"
    network = load_classifier(home / "models" / "tiny")
    from fer_core.faces import make_detector

    whole = read_video(path, Pipeline(make_detector("none"), network), every=2)
    parts = [
        Readings.of_table(from_parquet(content)) for _, content in sorted(files_of(study).items())
    ]
    rows = whole.assembled.readings
    assert sum(len(part) for part in parts) == len(rows)
    assert [t for part in parts for t in part.time_s.tolist()] == rows.time_s.tolist()
    assert [p for part in parts for p in part.probabilities[0].tolist()] == (
        rows.probabilities[0].tolist()
    )


@pytest.mark.parametrize("workers", [0, 1000])
def test_so_many_workers_cannot_be(workers: int) -> None:
    with pytest.raises(StudyError, match="1 to 256"):
        local_engine(workers)


# --- killed ---


def test_a_killed_worker_costs_nothing_but_its_part(make_study: MakeStudy, home: Path) -> None:
    study = make_study(seconds=4.0)
    once = home / "once"
    engine = engine_of(
        """
if task.number == 2 and not Path(sys.argv[1]).exists():
    Path(sys.argv[1]).touch()
    os.kill(os.getpid(), signal.SIGKILL)
""",
        str(once),
    )
    assert run_study(study, engine) == Ended(parts=4)
    assert attempts(study) == [1, 1, 2, 1]
    other = make_study("other", seconds=4.0)
    run_study(other, local_engine(1))
    assert files_of(study) == files_of(other)


def test_a_part_that_always_kills_its_worker_is_left_out(make_study: MakeStudy) -> None:
    study = make_study(seconds=4.0)
    killer = engine_of("if task.number == 1: os.kill(os.getpid(), signal.SIGKILL)", processes=2)
    assert run_study(study, killer) == Ended(parts=3)
    assert "ended by the system, perhaps for want of memory" in errors(study)[0]
    (now,) = progress_of(study).recordings
    assert (now.state, now.done, now.failed) == ("failed", 3, 1)
    before = written_at(study)
    assert run_study(study, local_engine(1)).parts == 0  # not without being asked
    assert retry(study) == 1
    assert run_study(study, local_engine(1)) == Ended(parts=1)
    assert before.items() <= written_at(study).items()


def test_a_killed_leader_loses_nothing_and_nothing_is_read_twice(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(videos=2, seconds=5.0, detector="haar", networks=("tiny", "tiny_b"))
    command = [sys.executable, "-m", "fer_core", "study", "run", study.name, "--workers", "2"]
    leader = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for(lambda: sum(each.done for each in progress_of(study).recordings) >= 2)
    leader.kill()
    leader.wait()
    wait_for(lambda: not session_of(leader.pid))  # its workers end by themselves
    assert progress_of(study).leader is None
    before, done = written_at(study), sum(each.done for each in progress_of(study).recordings)
    assert 2 <= done < 10
    ended = run_study(study, local_engine(1))
    assert ended.sentence == ""
    assert ended.parts == 10 - len(before)  # what was whole was entered, and not read
    assert before.items() <= written_at(study).items()
    assert progress_of(study).is_read


def test_a_part_that_nobody_entered_is_known_again(make_study: MakeStudy) -> None:
    study = make_study(seconds=3.0)
    run_study(study, local_engine(1))
    before = written_at(study)
    with study.database.write() as session:  # as if killed between the file and the entry
        session.execute(delete(PartRow).where(PartRow.number == 1))
        session.execute(update(PartRow).where(PartRow.number == 2).values(state="reading"))
    assert run_study(study, local_engine(1)) == Ended()
    assert written_at(study) == before
    assert progress_of(study).is_read


def test_a_file_of_something_else_is_not_taken_for_a_part(make_study: MakeStudy) -> None:
    study = make_study(seconds=3.0)
    run_study(study, local_engine(1))
    right = files_of(study)
    first, second, _ = sorted((study.folder / "readings").rglob("*.parquet"))
    with study.database.write() as session:
        session.execute(delete(PartRow))
    first.write_bytes(second.read_bytes())
    assert run_study(study, local_engine(1)) == Ended(parts=1)
    assert files_of(study) == right


# --- damaged, changed, gone ---


def test_a_part_that_is_damaged_or_gone_is_read_again(make_study: MakeStudy) -> None:
    study = make_study(seconds=4.0)
    run_study(study, local_engine(1))
    right = files_of(study)
    first, second, *_ = sorted((study.folder / "readings").rglob("*.parquet"))
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    second.unlink()
    assert run_study(study, local_engine(1)) == Ended(parts=2)
    assert files_of(study) == right


def test_a_video_that_is_gone_or_changed_is_told_and_the_others_are_read(
    make_study: MakeStudy, home: Path
) -> None:
    study = make_study(videos=3, seconds=2.0)
    gone, changed = home / "p01.mp4", home / "p02.mp4"
    gone.rename(home / "elsewhere.mp4")
    old = changed.read_bytes()
    changed.write_bytes(write_faces(home / "new.mp4", 2.0, seed=9).read_bytes())
    assert run_study(study, local_engine(1)) == Ended(parts=2)
    told = {each.recording.name: each.recording.error for each in progress_of(study).recordings}
    assert "not there any more" in told["p01"]
    assert "Bring it back" in told["p01"]
    assert "has changed since it was added" in told["p02"]
    assert told["p03"] == ""
    (home / "elsewhere.mp4").rename(gone)
    changed.write_bytes(old)  # another time of change, the same file
    assert run_study(study, local_engine(1)) == Ended(parts=4)
    assert errors(study) == []


def test_a_video_that_changes_while_it_is_read_is_not_believed(
    make_study: MakeStudy, home: Path
) -> None:
    study = make_study(seconds=2.0)
    path = home / "p01.mp4"
    engine = engine_of("with Path(sys.argv[1]).open('ab') as out: out.write(b'x')", str(path))
    run_study(study, engine)
    (now,) = progress_of(study).recordings
    assert now.done == 0
    assert "changed since it was added" in now.recording.error


def test_a_part_that_cannot_be_decoded_is_told_and_the_others_are_read(
    make_study: MakeStudy, home: Path
) -> None:
    study = make_study(videos=2, seconds=2.0)
    broken = engine_of(
        "if task.recording == 'p01': task = task.model_copy(update={'path': '/nowhere.mp4'})"
    )
    assert run_study(study, broken) == Ended(parts=2)
    assert "/nowhere.mp4: the video is not there any more" in errors(study)[0]
    assert [each.state for each in progress_of(study).recordings] == ["failed", "read"]


def test_a_network_that_was_replaced_is_not_taken_for_the_old_one(
    make_study: MakeStudy, home: Path
) -> None:
    study = make_study(seconds=2.0)
    (home / "models" / "tiny").rename(home / "old")
    write_tiny_folder(home / "models", "tiny", seed=5)
    ended = run_study(study, local_engine(1))
    assert "another network than the study was begun with" in ended.sentence
    assert set(attempts(study)) == {0}
    study.settings = choose_settings(("tiny",), detector="none")
    assert run_study(study, local_engine(1)) == Ended(parts=2)


def test_a_disk_that_is_full_ends_the_run_and_loses_nothing(make_study: MakeStudy) -> None:
    study = make_study(seconds=3.0)
    full = engine_of(
        """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if task.number == 1:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""
    )
    ended = run_study(study, full)
    assert ended.parts == 1
    assert "cannot be written" in ended.sentence
    assert "Free some room" in ended.sentence
    (now,) = progress_of(study).recordings
    assert (now.done, now.failed) == (1, 0)
    before = written_at(study)
    assert run_study(study, local_engine(1)) == Ended(parts=2)
    assert before.items() <= written_at(study).items()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY  # only theirs


def test_workers_that_cannot_begin_end_the_run_with_their_last_words(
    make_study: MakeStudy,
) -> None:
    study = make_study(seconds=2.0)
    engine = engine_of("", processes=1)
    broken = type(engine)(**{**{n: getattr(engine, n) for n in engine.__slots__}, "command": (
        sys.executable, "-c", "raise SystemExit('no such library')"
    )})  # fmt: skip
    ended = run_study(study, broken)
    assert "no such library" in ended.sentence
    assert attempts(study) == [0]


def test_a_worker_that_says_nothing_any_more_is_ended(
    make_study: MakeStudy, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_core.studies.lead.SILENT_S", 3.0)
    study = make_study(seconds=2.0)
    once = home / "once"
    engine = engine_of(
        """
if not Path(sys.argv[1]).exists():
    Path(sys.argv[1]).touch()
    os.kill(os.getpid(), signal.SIGSTOP)
""",
        str(once),
    )
    ended = run_study(study, engine)
    assert ended == Ended(parts=2)
    assert sorted(attempts(study)) == [1, 2]


# --- pause, priority, what is added meanwhile ---


def test_a_paused_run_ends_after_its_parts_and_goes_on_later(make_study: MakeStudy) -> None:
    study = make_study(seconds=6.0)

    def pause_at_once() -> None:
        pause(study)

    ended = run_study(study, local_engine(1), tell=pause_at_once)
    assert ended.paused
    assert ended.parts < 6
    now = progress_of(study)
    assert now.paused
    assert now.leader is None
    assert run_study(study, local_engine(1)) == Ended(parts=6 - ended.parts)
    assert not progress_of(study).paused


def test_the_recording_with_the_higher_priority_is_read_first(make_study: MakeStudy) -> None:
    study = make_study(videos=3, seconds=2.0)
    study.prioritise(study.recording("p03"), 5)
    run_study(study, local_engine(1))
    with study.database.read() as session:
        rows = session.query(PartRow).order_by(PartRow.done_at).all()
    names = {each.id: each.name for each in study.recordings()}
    assert [names[row.recording_id] for row in rows] == ["p03"] * 2 + ["p01"] * 2 + ["p02"] * 2


def test_what_is_added_meanwhile_is_read_too(
    make_study: MakeStudy, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_core.studies.lead.LOOK_EVERY_S", 0.05)
    study = make_study(seconds=2.0)
    added = threading.Event()

    def add_one() -> None:
        if not added.is_set():
            added.set()
            study.add([write_faces(home / "late.mp4", 2.0, seed=4)])

    assert run_study(study, local_engine(1), tell=add_one) == Ended(parts=4)


def test_progress_tells_how_long_the_rest_takes(make_study: MakeStudy) -> None:
    study = make_study(videos=2, seconds=4.0)
    before = progress_of(study)
    assert (before.seconds, before.seconds_done, before.left_s) == (8.0, 0.0, None)
    assert [each.state for each in before.recordings] == ["waiting", "waiting"]
    seen = []
    run_study(study, local_engine(1), tell=lambda: seen.append(progress_of(study)))
    running = [now for now in seen if now.speed is not None]
    assert all(now.leader is not None and now.leader.pid == os.getpid() for now in seen)
    for now in running:
        lefts = [each.left_s for each in now.recordings if each.left_s is not None]
        assert lefts == sorted(lefts)  # the second one waits for the first
        assert now.left_s == (lefts[-1] if lefts else None)
    after = progress_of(study)
    assert (after.seconds_done, after.leader, after.is_read) == (8.0, None, True)


def test_another_network_is_read_beside_what_was_read(make_study: MakeStudy) -> None:
    study = make_study(seconds=2.0)
    run_study(study, local_engine(1))
    old = study.settings
    study.settings = choose_settings(("tiny", "tiny_b"), detector="none")
    assert not progress_of(study).is_read
    assert run_study(study, local_engine(1)) == Ended(parts=2)
    study.settings = old
    assert run_study(study, local_engine(1)) == Ended()  # it is still there


def test_workers_run_at_low_priority(make_study: MakeStudy) -> None:
    from queue import SimpleQueue

    worker = Worker(worker_command(), 1, SimpleQueue())
    try:
        wait_for(lambda: worker.ready)
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) >= 15
    finally:
        worker.stop()


def test_an_hour_long_gop_is_decoded_once_by_one_reader(home: Path) -> None:
    # Parts of a recording with one keyframe follow each other in one decoder.
    path = write_faces(home / "a.mp4", 3.0)
    index = index_video(path)
    with VideoReader(path, index) as video:
        counts = [sum(1 for _ in video.part(part)) for part in index.parts]
    assert sum(counts) == index.frames


def test_opening_it_elsewhere_shows_the_same(make_study: MakeStudy) -> None:
    study = make_study(seconds=2.0)
    run_study(study, local_engine(1))
    assert progress_of(open_study(study.name)) == progress_of(study)


def test_an_hour_is_read_in_parts_and_goes_on_where_it_ended(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PART_S", 30.0)
    monkeypatch.setattr(timeline, "LONGEST_PART_S", 120.0)
    study = create_study("long", choose_settings(("tiny",), detector="none"))
    study.add([write_video(home / "hour.mkv", [float(n) for n in range(3600)])])
    (recording,) = study.recordings()
    assert recording.parts > 30
    told: list[float] = []

    def pause_halfway() -> None:
        now = progress_of(study)
        told.append(now.seconds_done)
        if now.seconds_done >= recording.seconds / 4:
            pause(study)

    ended = run_study(study, local_engine(1), tell=pause_halfway)
    assert ended.parts > 0
    before = written_at(study)
    rest = run_study(study, local_engine(2))
    assert ended.parts + rest.parts == recording.parts
    assert before.items() <= written_at(study).items()
    mended = assemble(study, recording)
    assert mended.readings.frame.tolist() == list(range(3600))
    assert mended.readings.time_s.tolist() == [float(n) for n in range(3600)]
    assert mended.track_ids == (1,)
