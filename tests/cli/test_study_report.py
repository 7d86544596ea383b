"""study report and study video: written from what was read, or a sentence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.errors import StudyError
from fer_core.media.videos import VideoReader
from fer_core.studies import Entry, Study, choose_settings, create_study, set_sheet
from tests.studies.drawn import write_faces
from tests.studies.written import write_readings


@pytest.fixture
def study(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    made = create_study("films", choose_settings(["tiny"], detector="none"))
    made.add([write_faces(tmp_path / "p1.mp4", 1.0)])
    set_sheet(made, [Entry("p1", "A", "calm")])
    return made


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["study", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_report_is_one_file(study: Study, tmp_path: Path) -> None:
    write_readings(study, study.recording("p1"))
    out = tmp_path / "reports" / "films.html"
    run("report", "films", "--out", str(out))
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert [path.name for path in out.parent.iterdir()] == ["films.html"]


@pytest.mark.parametrize("faces", ["blurred", "drawn", "boxed"])
def test_a_video_is_written_with_faces_as_asked(study: Study, tmp_path: Path, faces: str) -> None:
    write_readings(study, study.recording("p1"))
    out = tmp_path / "out.mp4"
    run("video", "films", "p1", "--out", str(out), "--faces", faces)
    with VideoReader(out) as video, VideoReader(tmp_path / "p1.mp4") as source:
        assert len(list(video)) == len(list(source)) == 10


def test_only_what_is_read_to_its_end_is_shown(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="nothing of this recording is read yet"):
        run("video", "films", "p1", "--out", str(tmp_path / "out.mp4"))
    assert not (tmp_path / "out.mp4").exists()


def test_the_recording_itself_is_never_replaced(study: Study, tmp_path: Path) -> None:
    write_readings(study, study.recording("p1"))
    before = (tmp_path / "p1.mp4").read_bytes()
    done = CliRunner().invoke(
        app, ["study", "video", "films", "p1", "--out", str(tmp_path / "p1.mp4")]
    )
    assert done.exit_code != 0
    assert (tmp_path / "p1.mp4").read_bytes() == before
