"""study report and study video: written from what was read, or a sentence."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.errors import StudyError
from fer_core.media.videos import VideoReader
from fer_core.studies.catalogue import create_study
from fer_core.studies.edits import Exclude, Ignore, Rename
from fer_core.studies.mend import enter_edits
from fer_core.studies.settings import choose_settings
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.studies.store import Study
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
    assert run("report", "films", "--out", str(out)).strip() == str(out)
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert [path.name for path in out.parent.iterdir()] == ["films.html"]


@pytest.mark.parametrize("faces", ["blurred", "drawn", "boxed"])
def test_a_video_is_written_with_faces_as_asked(study: Study, tmp_path: Path, faces: str) -> None:
    write_readings(study, study.recording("p1"))
    out = tmp_path / "out.mp4"
    run("video", "films", "p1", "--out", str(out), "--faces", faces)
    with VideoReader(out) as video, VideoReader(tmp_path / "p1.mp4") as source:
        assert len(list(video)) == len(list(source)) == 10


@pytest.mark.parametrize("faces", ["blurred", "boxed"])
def test_stretches_that_were_left_out_are_shown_covered_or_cut(
    study: Study, tmp_path: Path, faces: str
) -> None:
    write_readings(study, study.recording("p1"))
    enter_edits(study, {"p1": [Exclude(start_s=0.2, end_s=0.5)]})

    def written(left_out: str) -> list[tuple[float, float]]:
        out = tmp_path / f"{left_out}.mp4"
        run("video", "films", "p1", "--out", str(out), "--faces", faces, "--left-out", left_out)
        with VideoReader(out) as video:
            return [(frame.seconds, _detail(frame.rgb)) for frame in video]

    shown, covered, cut = written("shown"), written("covered"), written("cut")
    assert [time_s for time_s, _ in covered] == [time_s for time_s, _ in shown]
    assert len(cut) == len(shown) - 3
    assert [time_s for time_s, _ in cut] == pytest.approx([n / 10 for n in range(7)], abs=0.01)
    # A frame that is blurred whole has next to no edges left; a blot over a face has few, too.
    share = 0.3 if faces == "boxed" else 0.8
    hidden = [each < share * plain for (_, each), (_, plain) in zip(covered, shown, strict=True)]
    assert hidden == [2 <= number < 5 for number in range(10)]


def _detail(rgb: NDArray[np.uint8]) -> float:
    return float(np.abs(np.diff(rgb.astype(float), axis=1)).mean())


def test_names_are_drawn_in_and_who_does_not_count_is_not(study: Study, tmp_path: Path) -> None:
    write_readings(study, study.recording("p1"))
    numbers, names, nobody = (tmp_path / f"{each}.mp4" for each in ("a", "b", "c"))
    run("video", "films", "p1", "--out", str(numbers), "--faces", "boxed")
    enter_edits(study, {"p1": [Rename(track_id=1, name="Zoë")]})
    run("video", "films", "p1", "--out", str(names), "--faces", "boxed")
    enter_edits(study, {"p1": [Ignore(track_id=1)]})
    run("video", "films", "p1", "--out", str(nobody), "--faces", "boxed")
    first = [next(iter(VideoReader(path))).rgb.astype(int) for path in (numbers, names, nobody)]
    with VideoReader(tmp_path / "p1.mp4") as source:
        plain = next(iter(source)).rgb.astype(int)
    assert np.abs(first[0] - first[1]).mean() > 0.5  # another tag
    assert np.abs(first[2] - plain).mean() < 3  # encoded anew, nothing else
    assert np.abs(first[1] - plain).mean() > np.abs(first[2] - plain).mean()


def test_of_who_does_not_count_nothing_is_shown_but_a_blot(study: Study, tmp_path: Path) -> None:
    write_readings(study, study.recording("p1"))
    shown, ignored, blurred = (tmp_path / f"{each}.mp4" for each in ("a", "b", "c"))
    run("video", "films", "p1", "--out", str(shown), "--faces", "drawn")
    enter_edits(study, {"p1": [Ignore(track_id=1)]})
    run("video", "films", "p1", "--out", str(ignored), "--faces", "drawn")
    run("video", "films", "p1", "--out", str(blurred), "--faces", "blurred")
    first, second, third = (
        next(iter(VideoReader(path))).rgb.astype(int) for path in (shown, ignored, blurred)
    )
    assert np.array_equal(second, third)
    assert not np.array_equal(first, third)


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
