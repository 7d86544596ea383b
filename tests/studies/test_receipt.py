"""A receipt says what tables were made of; replayed, they come out again, or it is told why not."""

import json
from pathlib import Path

import pandas as pd
import pytest

from fer_core.errors import StudyError
from fer_core.studies.edits import Event, Exclude, Merge
from fer_core.studies.engines.local import local_engine
from fer_core.studies.lead import run_study
from fer_core.studies.mend import enter_edits
from fer_core.studies.receipt import export_with_receipt, read_receipt
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.studies.store import Study
from fer_core.studies.verify import verify
from tests.studies.conftest import MakeStudy
from tests.studies.drawn import write_faces
from tests.studies.written import Seen, write_readings
from tests.tiny import write_tiny_folder


def coming_back(time_s: float) -> list[Seen]:
    """A face that is away from 1 to 2.5 s, and comes back elsewhere."""
    return [] if 1.0 <= time_s < 2.5 else [Seen(40 if time_s < 1 else 900, 3)]


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    made = make_study(videos=2, seconds=4.0)
    for recording in made.recordings():
        write_readings(made, recording, coming_back)
    set_sheet(made, [Entry("p01", "A", "joke", 0.0, 3.5), Entry("p02", "B", "joke")])
    enter_edits(made, {"p01": [Merge(track_id=2, into=1), Event(at_s=1, label="joke")]})
    return made


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_untouched_study_gives_the_same_tables(study: Study, tmp_path: Path, form: str) -> None:
    exported, path = export_with_receipt(study, tmp_path / "out", form)  # type: ignore[arg-type]
    assert path.name == "receipt.json"
    assert {each.name for each in exported.tables} == set(read_receipt(path).tables)
    verdict = verify(study, read_receipt(path), path.parent)
    assert (verdict.differences, verdict.notes) == ((), ())
    assert (verdict.tables, verdict.parts) == (4, 0)


def test_a_receipt_says_what_the_tables_were_made_of(study: Study, tmp_path: Path) -> None:
    _, path = export_with_receipt(study, tmp_path)
    told = json.loads(path.read_text())
    assert told["basis"]["settings"]["networks"][0]["slug"] == "tiny"
    assert len(told["basis"]["settings"]["networks"][0]["graph_sha256"]) == 64
    assert told["basis"]["settings"]["detector"] == "none"
    assert told["basis"]["edits"]["p01"][0] == {"kind": "merge", "track_id": 2, "into": 1}
    assert told["basis"]["entries"][0]["participant"] == "A"
    first = told["recordings"][0]
    assert first["sha256"] == study.recording("p01").sha256
    assert sorted(first["parts"]) == ["0", "1", "2", "3"]
    assert {"python", "machine", "onnxruntime", "pyarrow"} <= set(told["made_with"])


def test_what_was_changed_since_does_not_hurt_and_is_noted(study: Study, tmp_path: Path) -> None:
    _, path = export_with_receipt(study, tmp_path)
    enter_edits(study, {"p02": [Exclude(start_s=0, end_s=1)]})
    set_sheet(study, [Entry("p01", "Z", "joke")])
    study.settings = study.settings.model_copy(update={"smoothed": False})
    verdict = verify(study, read_receipt(path), tmp_path)
    assert verdict.differences == ()
    assert [note.split()[2] for note in verdict.notes] == ["settings", "sheet", "edits"]


def test_a_table_that_was_touched_is_told(study: Study, tmp_path: Path) -> None:
    _, path = export_with_receipt(study, tmp_path)
    table = tmp_path / "participants.csv"
    table.write_text(table.read_text().replace('"A"', '"B"'))
    verdict = verify(study, read_receipt(path), tmp_path)
    assert verdict.differences == (
        "participants.csv is not what it was when the receipt was written.",
    )


def test_a_receipt_that_was_touched_is_told_with_the_first_difference(
    study: Study, tmp_path: Path
) -> None:
    _, path = export_with_receipt(study, tmp_path)
    told = json.loads(path.read_text())
    told["basis"]["settings"]["networks"][0]["unsure_threshold"] = 1.0
    path.write_text(json.dumps(told))
    verdict = verify(study, read_receipt(path), tmp_path)
    assert "frames.csv comes out otherwise: unsure in row 1 is True, and was False." in (
        verdict.differences
    )


def test_videos_networks_and_readings_that_are_others_are_told(
    study: Study, home: Path, tmp_path: Path
) -> None:
    _, path = export_with_receipt(study, tmp_path)
    content = bytearray((home / "p01.mp4").read_bytes())
    content[len(content) // 2] ^= 1  # the same length
    (home / "p01.mp4").write_bytes(content)
    study.remove(study.recording("p02"))
    (home / "models" / "tiny").rename(home / "old")
    write_tiny_folder(home / "models", "tiny", seed=5)
    part = sorted((study.folder / "readings").rglob("*.parquet"))[0]
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    told = " ".join(verify(study, read_receipt(path), tmp_path).differences)
    assert "The network tiny is another one" in told
    assert "p01: " in told
    assert "has changed since it was added" in told
    assert "p02 (p02.mp4) is not in the study any more." in told
    assert "p01, part 0: what was read is not what it was." in told
    assert "The tables cannot be made anew" in told


@pytest.mark.slow
def test_reading_anew_finds_what_nobody_read(make_study: MakeStudy, tmp_path: Path) -> None:
    study = make_study(seconds=2.0, detector="haar")
    run_study(study, local_engine(1))
    _, path = export_with_receipt(study, tmp_path / "true")
    verdict = verify(study, read_receipt(path), path.parent, read=True)
    assert (verdict.differences, verdict.parts) == ((), 2)
    other = make_study("made up", seconds=2.0)
    write_readings(other, other.recording("p01"))
    _, path = export_with_receipt(other, tmp_path / "false")
    assert verify(other, read_receipt(path), path.parent).differences == ()
    verdict = verify(other, read_receipt(path), path.parent, read=True)
    assert verdict.differences == (
        "p01, part 0: read anew, it is another one.",
        "p01, part 1: read anew, it is another one.",
    )


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"study": 1}', b"[1]"])
def test_something_else_is_no_receipt(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(content)
    with pytest.raises(StudyError, match="this is no receipt"):
        read_receipt(path)


def test_a_receipt_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="this is no receipt"):
        read_receipt(tmp_path / "nowhere.json")


def test_a_missing_table_is_made_anew_all_the_same(study: Study, tmp_path: Path) -> None:
    _, path = export_with_receipt(study, tmp_path)
    rows = len(pd.read_csv(tmp_path / "frames.csv"))
    assert rows == 2 * 40
    (tmp_path / "frames.csv").unlink()
    assert verify(study, read_receipt(path), tmp_path).differences == ()


def test_a_video_that_was_moved_is_told(study: Study, home: Path, tmp_path: Path) -> None:
    _, path = export_with_receipt(study, tmp_path)
    (home / "p01.mp4").unlink()
    write_faces(home / "other.mp4", 1.0, seed=9)
    (told,) = verify(study, read_receipt(path), tmp_path).differences
    assert told.startswith("p01: ")
    assert "not there any more" in told
