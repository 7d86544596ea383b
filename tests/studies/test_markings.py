"""Events and codings that come from elsewhere: by CSV and by ELAN, and back to ELAN."""

from pathlib import Path

import pytest
from pympi.Elan import Eaf, to_string

from fer_core.emotions import Emotion
from fer_core.errors import StudyError
from fer_core.studies.assemble import assemble
from fer_core.studies.edits import Baseline, Event, Exclude, Rename
from fer_core.studies.elan import read_elan, write_elan
from fer_core.studies.markings import read_coding, read_events, tier_coding, tier_edits
from fer_core.studies.mend import edits_of, enter_edits
from fer_core.studies.store import Study
from tests.studies.conftest import MakeStudy
from tests.studies.written import Seen, write_readings


def changing(time_s: float) -> list[Seen]:
    return [Seen(40, Emotion.HAPPY if time_s < 2 else Emotion.SAD)]


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    made = make_study(videos=2, seconds=4.0)
    made.settings = made.settings.model_copy(update={"smoothed": False})
    write_readings(made, made.recording("p01"), changing)
    return made


@pytest.mark.parametrize(
    "content",
    [
        b"file,time,label\np01.mp4,1.5,joke\np02,0:03,end\n",
        "\ufeffVideo;At_s;Label;\r\np01;1,5;joke;\r\np02.mp4;3;end;\r\n".encode(),
        b"label\ttime\tfile\njoke\t1.5\tp01\n\t\t\nend\t3\tp02\n",
    ],
)
def test_events_come_from_csv(study: Study, content: bytes) -> None:
    events = read_events(study, content, "events.csv")
    assert events == {
        "p01": [Event(at_s=1.5, label="joke")],
        "p02": [Event(at_s=3, label="end")],
    }
    enter_edits(study, events)
    assert [each.edit for each in edits_of(study, study.recording("p02"))] == events["p02"]


def test_events_of_one_recording_need_no_file(study: Study) -> None:
    content = b"time,label\n1,joke\n"
    assert read_events(study, content, "e.csv", "p01") == {"p01": [Event(at_s=1, label="joke")]}
    with pytest.raises(StudyError, match="no column file"):
        read_events(study, content, "e.csv")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"file,time,label\np09,1,joke\n", "row 1: there is no recording 'p09'"),
        (b"file,time,label\np01,soon,joke\n", "row 1: 'soon' is no time"),
        (b"file,time,label\np01,,joke\n", "a time from 0 on"),
        (b"file,time,label\np01,-1,joke\n", "a time from 0 on"),
        (b"file,time,label\np01,1,\n", "a time from 0 on, and words"),
        (b"file,time,label\np01,1,a,b\n", "row 1: a row has more cells .* also 'b'"),
        (b"", "no rows"),
    ],
)
def test_rows_that_cannot_be_are_told(study: Study, content: bytes, why: str) -> None:
    with pytest.raises(StudyError, match=why):
        read_events(study, content, "events.csv")


def test_a_coding_comes_from_csv(study: Study) -> None:
    content = b"file,start,end,label\np01,0,2,happy\np01,2,0:04,sad\n"
    table = read_coding(study, content, "coder.csv")
    assert table.to_numpy().tolist() == [["p01", 0.0, 2.0, "happy"], ["p01", 2.0, 4.0, "sad"]]
    with pytest.raises(StudyError, match="an end after it"):
        read_coding(study, b"file,start,end,label\np01,2,1,happy\n", "coder.csv")


def test_what_was_mended_goes_to_elan_and_comes_back(study: Study, tmp_path: Path) -> None:
    edits = [
        Rename(track_id=1, name="Ann\x0b"),
        Event(at_s=1.234, label="joke & <laughter>"),
        Event(at_s=1.25, label="and another"),
        Exclude(start_s=2.5, end_s=3.0),
        Baseline(start_s=0, end_s=1),
    ]
    enter_edits(study, {"p01": edits})
    content = write_elan(assemble(study, study.recording("p01")))
    tiers = read_elan(content, "p01.eaf")
    assert [tuple(each) for each in tiers["face 1 (Ann) · tiny"]] == [
        (0.0, 2.0, "happy"),
        (2.0, 4.0, "sad"),
    ]
    back = tier_edits(tiers)
    assert [edit for edit in back if edit.kind != "event"] == edits[3:]
    events = [edit for edit in back if edit.kind == "event"]
    assert [edit.label for edit in events] == ["joke & <laughter>", "and another"]
    assert [edit.at_s for edit in events] == [1.234, pytest.approx(1.25, abs=0.1)]
    assert b"p01.mp4" in content
    table = tier_coding("p01", tiers["face 1 (Ann) · tiny"])
    assert table["label"].tolist() == ["happy", "sad"]


def coded_by_hand() -> bytes:
    document = Eaf(author="somebody")
    document.add_tier("Coder 1")
    document.add_annotation("Coder 1", 0, 1500, "laughs")
    document.add_annotation("Coder 1", 1500, 2000, "")
    document.add_tier("Problems")
    document.add_annotation("Problems", 3000, 3500, "sneezed")
    return bytes(to_string(document, encoding="UTF-8"))


def test_tiers_of_other_names_say_what_they_are(study: Study) -> None:
    tiers = read_elan(coded_by_hand(), "hand.eaf")
    with pytest.raises(StudyError, match=r"Coder 1, Problems as events, excluded or baseline"):
        tier_edits(tiers)
    assert tier_edits(tiers, {"Coder 1": "events", "Problems": "excluded"}) == [
        Event(at_s=0, label="laughs"),
        Exclude(start_s=3, end_s=3.5, reason="sneezed"),
    ]
    with pytest.raises(StudyError, match="Coder 2"):
        tier_edits(tiers, {"Coder 2": "events"})
    with pytest.raises(StudyError, match="painting"):
        tier_edits(tiers, {"Coder 1": "painting"})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"not xml",
        coded_by_hand()[:300],
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'>"
        + b"".join(
            b"<!ENTITY c%d '%s'>" % (n, (b"&c%d;" % (n - 1) if n else b"&b;") * 10)
            for n in range(12)
        )
        + b"]><a>&c11;</a>",
    ],
)
def test_something_else_is_no_annotation_file(content: bytes) -> None:
    with pytest.raises(StudyError, match=r"x\.eaf: this is no annotation file"):
        read_elan(content, "x.eaf")
