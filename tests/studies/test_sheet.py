"""The sheet: filled in, brought back from a spreadsheet, and refused row by row."""

from pathlib import Path

import pytest

from fer_core.errors import StudyError
from fer_core.studies.sheet import Entry, read_sheet, set_sheet, sheet, sheet_csv
from fer_core.studies.store import Study
from tests.studies.conftest import MakeStudy


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    return make_study(videos=2, seconds=3.0)


def test_rows_come_back_as_they_were_set(study: Study) -> None:
    entries = (
        Entry("p02", "anna", "B", 0.5, 2.5, 1.0, face=1, note="sneezed"),
        Entry("p01", "anna", "A"),
        Entry("p01", "ben", "A", face=2),
    )
    set_sheet(study, entries)
    assert sheet(study) == entries
    study.remove(study.recording("p01"))
    assert sheet(study) == entries[:1]


def test_it_goes_to_a_spreadsheet_and_back(study: Study) -> None:
    set_sheet(study, [Entry("p01", "anna", "A", 0.5, 2.5, 1.0, 1, "=sneezed; twice")])
    content = sheet_csv(study)
    lines = content.decode().splitlines()
    assert lines[0] == "file,participant,condition,start,end,onset,face,note"
    assert lines[1] == "p01,anna,A,0.5,2.5,1,1,'=sneezed; twice"
    assert lines[2] == "p02,,,,,,,"  # to be filled in
    filled = content.replace(b"p02,,", b"p02,ben,A")
    assert [entry.participant for entry in read_sheet(study, filled, "s.csv")] == ["anna", "ben"]


@pytest.mark.parametrize(
    "content",
    [
        "file,participant,condition,start\np01.mp4,anna,A,0:01.5\n",
        "File;Participant;Condition;Start_s\np01;anna;A;1,5\n",
        "video\tparticipant\tcondition\tstart\n{path}\tanna\tA\t0:00:01.5\n",
        "\ufefffile,participant,condition,start,extra\nfilms/p01.mp4,anna,A,1.5,x\n,,,,\n",
    ],
)
def test_what_spreadsheets_write_is_read(study: Study, home: Path, content: str) -> None:
    text = content.replace("{path}", str(home / "p01.mp4"))
    assert read_sheet(study, text.encode(), "s.csv") == (Entry("p01", "anna", "A", 1.5),)


def test_excels_own_letters_are_read(study: Study) -> None:
    content = "file;participant;condition\np01;Jürgen;A\n".encode("cp1252")
    assert read_sheet(study, content, "s.csv")[0].participant == "Jürgen"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("p09,anna,A,,,", "row 1: there is no recording 'p09'"),
        ("p01,,A,,,", r"row 1 \(p01\) has no participant"),
        ("p01,anna,,,,", r"row 1 \(p01\) has no condition"),
        ("p01,anna,A,,,\np01,anna,A,,,", "is there twice"),
        ("p01,anna,A,2,1,", "ends at 1 s, before it starts at 2 s"),
        ("p01,anna,A,9,,", "start at 9 s, and it lasts 3.0 s"),
        ("p01,anna,A,,,-1", "onset at -1 s"),
        ("p01,anna,A,soon,,", "'soon' is no time"),
        ("p01,anna,A,nan,,", "'nan' is no time"),
        ("p01,anna,A,1:2:3:4,,", "'1:2:3:4' is no time"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_nothing_changes(
    study: Study, rows: str, words: str
) -> None:
    before = (Entry("p02", "ben", "B"),)
    set_sheet(study, before)
    content = f"file,participant,condition,start,end,onset\n{rows}\n".encode()
    with pytest.raises(StudyError, match=words):
        read_sheet(study, content, "s.csv")
    assert sheet(study) == before


@pytest.mark.parametrize("face", ["0", "x", "-1", "1.5"])
def test_a_face_is_a_number_from_1(study: Study, face: str) -> None:
    content = f"file,participant,condition,face\np01,anna,A,{face}\n".encode()
    with pytest.raises(StudyError, match="face"):
        read_sheet(study, content, "s.csv")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"a,b\n1,2\n", b"\xff\xfe\x00", b"file,participant\np01,a\n"]
)
def test_what_is_no_sheet_is_said(study: Study, content: bytes) -> None:
    with pytest.raises(StudyError, match="no such table"):
        read_sheet(study, content, "s.csv")


def test_many_bad_rows_are_counted(study: Study) -> None:
    content = b"file,participant,condition\n" + b"x,a,b\n" * 8
    with pytest.raises(StudyError, match="and 3 more"):
        read_sheet(study, content, "s.csv")
