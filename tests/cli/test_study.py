"""Studies by the command line, from nothing to tables that are verified."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from fer_core.cli import app
from fer_core.errors import MienError
from fer_core.media.videos import VideoReader
from fer_core.studies.catalogue import open_study
from tests.studies.conftest import home  # noqa: F401  # a fixture
from tests.studies.drawn import write_faces
from tests.studies.written import happy, write_readings


def run(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["study", *map(str, arguments)])
    assert done.exit_code == code, f"{done.output} {done.exception!r}"
    return done


def refused(*arguments: object) -> str:
    """The sentence with which a command ends."""
    done = CliRunner().invoke(app, ["study", *map(str, arguments)])
    assert isinstance(done.exception, MienError), done.output
    return str(done.exception)


@pytest.fixture
def films(home: Path) -> Path:  # noqa: F811
    """Two videos in a folder, and a file that is none."""
    folder = home / "films"
    folder.mkdir()
    for seed, name in enumerate(("p01", "p02")):
        write_faces(folder / f"{name}.mp4", 2.0, seed=seed)
    (folder / "p03.mp4").write_bytes(b"<html>")
    return folder


def test_from_nothing_to_tables_that_are_verified(home: Path, films: Path) -> None:  # noqa: F811
    run("new", "two films", "--model", "tiny", "--detector", "none")
    added = run("add", "two films", films, code=1)
    assert "p01.mp4: added as p01, 0:02" in added.stdout
    assert "p03.mp4" in added.stderr
    sheet = home / "sheet.csv"
    assert "--sheet" in run("sheet", "two films", "--out", sheet).stdout
    sheet.write_text(
        sheet.read_text().replace("p01,,", "p01,A,joke").replace("p02,,", "p02,B,joke")
    )
    assert "2 rows" in run("add", "two films", "--sheet", sheet).stdout
    run("run", "two films", "--workers", 1)
    status = json.loads(run("status", "two films", "--json").stdout)
    assert [each["state"] for each in status["recordings"]] == ["read", "read"]
    out = home / "out"
    assert "receipt.json" in run("export", "two films", "--out", out).stdout
    table = pd.read_csv(out / "participants.csv")
    assert table["participant"].tolist() == ["A", "B"]
    assert table["seconds"].tolist() == pytest.approx([2.0, 2.0])
    same = run("verify", "two films", out / "receipt.json", "--read").stdout
    assert "The same: 4 tables come out to the bit. 4 parts were read anew" in same
    (out / "frames.csv").write_text("other")
    told = json.loads(run("verify", "two films", out / "receipt.json", "--json", code=1).stdout)
    assert told["differences"] == ["frames.csv is not what it was when the receipt was written."]
    run("delete", "two films", "--yes")
    assert run("list").stdout == ""
    assert (films / "p01.mp4").exists()


@pytest.fixture
def read(films: Path) -> str:
    """A study that was read by code."""
    run("new", "drawn", "--model", "tiny", "--detector", "none")
    run("add", "drawn", films / "p01.mp4", films / "p02.mp4")
    study = open_study("drawn")
    for recording in study.recordings():
        write_readings(study, recording, happy)
    return study.name


def test_edits_are_entered_listed_and_taken_back(read: str, home: Path) -> None:  # noqa: F811
    file = home / "edits.json"
    file.write_text(
        json.dumps(
            [
                {"recording": "p01", "kind": "rename", "track_id": 1, "name": "Ann"},
                {"recording": "p02", "kind": "split", "track_id": 1, "at_s": 1.0},
            ]
        )
    )
    told = run("edit", read, "--file", file).stdout
    assert "p01: face 1 (Ann) 0.0 to 2.0 s, 2.0 s\n  1: Face 1 is called Ann\n" in told
    assert "p02: face 1 0.0 to 1.0 s, 1.0 s, face 2 1.0 to 2.0 s, 1.0 s" in told
    events = home / "events.csv"
    events.write_text("time;label\n0:01;joke\n")
    run("edit", read, "--file", events, "--recording", "p01")
    undone = run("edit", read, "--recording", "p01", "--undo", "--id", 1, "--json").stdout
    (recording,) = json.loads(undone)
    assert [each["undone"] for each in recording["edits"]] == [True, False]
    assert recording["edits"][1]["edit"] == {"kind": "event", "at_s": 1.0, "label": "joke"}
    assert "(Ann)" in run("edit", read, "--recording", "p01", "--redo").stdout


def test_what_needs_no_reading_is_changed_afterwards(read: str) -> None:
    before = open_study(read).settings
    assert json.loads(run("settings", read).stdout) == before.model_dump(mode="json")
    run("settings", read, "--raw", "--unsure-below", 0.9)
    after = open_study(read).settings
    assert (after.smoothed, after.networks[0].unsure_threshold) == (False, 0.9)
    assert after.readings_key == before.readings_key
    run("settings", read, "--unsure-below", 2, code=2)


def test_a_video_is_annotated_as_it_was_mended(read: str, home: Path, films: Path) -> None:  # noqa: F811
    edits = home / "edits.json"
    edits.write_text(
        json.dumps(
            [
                {"recording": "p01", "kind": "split", "track_id": 1, "at_s": 1.0},
                {"recording": "p01", "kind": "ignore", "track_id": 2},
                {"recording": "p01", "kind": "exclude", "start_s": 0, "end_s": 0.5},
            ]
        )
    )
    run("edit", read, "--file", edits)
    out = home / "annotated.mp4"
    assert str(out) in run("annotate", read, "p01", "--out", out).stdout
    drawn = [
        bool(np.abs(new.rgb.astype(int) - old.rgb).mean() > 4.0)  # encoding anew alone: 2
        for new, old in zip(VideoReader(out), VideoReader(films / "p01.mp4"), strict=True)
    ]
    assert drawn == [False] * 5 + [True] * 5 + [False] * 10
    run("annotate", read, "p01", "--out", films / "p02.mp4", code=2)
    run("annotate", read, "p01", "--out", out, "--model", "other", code=2)
    (films / "p01.mp4").unlink()
    assert "not there any more" in refused("annotate", read, "p01", "--out", out)


def test_elan_goes_out_and_in(read: str, home: Path) -> None:  # noqa: F811
    events = home / "events.csv"
    events.write_text("file,time,label\np01,1,joke\n")
    run("edit", read, "--file", events)
    told = run("export", read, "--out", home / "elan", "--format", "elan").stdout
    assert told.splitlines() == [str(home / "elan" / name) for name in ("p01.eaf", "p02.eaf")]
    back = run("edit", read, "--file", home / "elan" / "p01.eaf", "--recording", "p02").stdout
    assert "p02: face 1 0.0 to 2.0 s, 2.0 s\n  2: joke at 1 s" in back


def test_what_cannot_be_is_a_sentence(read: str, home: Path) -> None:  # noqa: F811
    assert "no such study" in refused("export", "other", "--out", home / "out")
    assert "this is no receipt" in refused("verify", read, home / "films" / "p01.mp4")
    assert "edits cannot be taken" in refused("edit", read, "--file", home / "films" / "p01.mp4")
    bad = home / "edits.json"
    for content, why in (
        ("{}", "these are no edits"),
        ("[1]", "these are no edits"),
        ('[{"kind": "ignore", "track_id": 1}]', "does not say of which recording"),
        ('[{"recording": "p01", "kind": "ignore", "track_id": 7}]', "there is no face 7"),
        ('[{"recording": "p07", "kind": "ignore", "track_id": 7}]', "no such recording"),
    ):
        bad.write_text(content)
        assert why in refused("edit", read, "--file", bad)
    run("new", "empty", "--model", "tiny", "--detector", "none")
    assert "nothing of this study is read yet" in refused("export", "empty", "--out", home / "out")


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "--out", "x", "--format", "xlsx"),
        ("edit", "--undo"),
        ("edit", "--undo", "--redo"),
        ("run", "--engine", "cloud"),
    ],
)
def test_wrong_usage(read: str, arguments: tuple[str, ...]) -> None:
    run(arguments[0], read, *arguments[1:], code=2)


def test_the_sheet_is_not_written_over_a_video(read: str, films: Path) -> None:
    before = (films / "p01.mp4").read_bytes()
    run("sheet", read, "--out", films / "p01.mp4", code=2)
    assert (films / "p01.mp4").read_bytes() == before
