"""The studies page: from nothing to a study that is read, filled in, kept and deleted."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from fer_core.studies.catalogue import create_study, list_studies, open_study
from fer_core.studies.example import CONDITIONS, FILM_S, PARTICIPANTS, make_example
from fer_core.studies.progress import progress_of
from fer_core.studies.queue import Queue
from fer_core.studies.settings import choose_settings
from fer_core.studies.sheet import Entry, set_sheet, sheet
from tests.pages.studies import buttons, clip, ran, small_study, studies_page, words
from tests.waiting import wait_for
from ui.studies.leading import is_starting, last_words
from ui.studies.sheet import entries_of, sheet_table

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def elsewhere() -> Iterator[None]:
    """The dashboard serves other machines."""
    st.config.set_option("server.address", "0.0.0.0")
    yield
    st.config.set_option("server.address", "localhost")


def test_before_any_study_the_page_says_what_it_is_for_and_offers_a_drawn_one() -> None:
    page = studies_page()
    assert "From many recordings to a finding" in words(page)
    assert "Make the drawn example study" in buttons(page)
    assert not page.error


def test_a_new_study_is_made_and_opened() -> None:
    page = studies_page()
    page.text_input(key="studies_name").set_value("two films")
    page.multiselect(key="studies_networks").set_value(["tiny", "tiny_b"])
    page.selectbox(key="studies_detector").set_value("haar")
    ran(next(b for b in page.button if b.label == "Make the study").click().run())
    assert open_study("two films").settings.slugs == ("tiny", "tiny_b")
    assert page.query_params["study"] == "two films"
    assert "No video yet" in words(page)


@pytest.mark.parametrize("name", ["", "a/b", "../up"])
def test_a_name_that_cannot_be_gets_its_sentence(name: str) -> None:
    page = studies_page()
    page.text_input(key="studies_name").set_value(name)
    ran(next(b for b in page.button if b.label == "Make the study").click().run())
    assert "Choose another name" in words(page)
    assert list_studies() == ()


def test_an_unknown_study_in_the_address_gets_its_sentence() -> None:
    page = studies_page(study="lost")
    assert "there is no such study" in words(page)
    ran(page.button[0].click().run())
    assert "From many recordings" in words(page)


def test_a_folder_of_this_machine_is_taken_and_a_bad_file_gets_its_sentence(home: Path) -> None:
    create_study("two films", choose_settings(["tiny"], detector="haar"))
    videos = home / "videos"
    videos.mkdir()
    clip(videos / "p1.mp4")
    (videos / "p2.mp4").write_bytes(b"no video")
    page = studies_page(study="two films", section="sheet")
    page.text_input(key="studies_folder").set_value(str(videos))
    ran(next(b for b in page.button if b.label == "Add its videos").click().run())
    assert "Added: 1" in words(page)
    assert "p2.mp4" in words(page)
    assert [each.name for each in open_study("two films").recordings()] == ["p1"]


def test_uploads_are_copied_in(home: Path) -> None:
    create_study("two films", choose_settings(["tiny"], detector="haar"))
    page = studies_page(study="two films", section="sheet")
    content = clip(home / "film.mp4").read_bytes()
    ran(page.file_uploader[0].set_value(("film.mp4", content, "video/mp4")).run())
    ran(page.button(key="studies_add_uploads").click().run())
    (recording,) = open_study("two films").recordings()
    assert recording.copied
    assert recording.path.read_bytes() == content


@pytest.mark.usefixtures("elsewhere")
def test_where_others_are_served_studies_are_off_until_somebody_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_study(home)
    monkeypatch.setenv("MIEN_STUDIES", "")
    page = studies_page()
    assert "Studies are off on this server" in words(page)
    assert not page.button
    monkeypatch.setenv("MIEN_STUDIES", str(home / "studies"))
    page = studies_page(study="two films", section="sheet")
    assert not any(box.key == "studies_folder" for box in page.text_input)


@pytest.mark.usefixtures("elsewhere")
def test_where_a_root_is_named_nothing_outside_of_it_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create_study("two films", choose_settings(["tiny"], detector="haar"))
    root = home / "lab"
    root.mkdir()
    clip(root / "p1.mp4")
    clip(home / "secret.mp4")
    (root / "way_out").symlink_to(home)
    monkeypatch.setenv("MIEN_VIDEOS", str(root))
    for outside in ("../", str(home / "secret.mp4"), "way_out"):
        page = studies_page(study="two films", section="sheet")
        page.text_input(key="studies_folder").set_value(outside)
        ran(next(b for b in page.button if b.label == "Add its videos").click().run())
        assert "videos are not taken from there" in words(page)
    page.text_input(key="studies_folder").set_value(".")
    ran(next(b for b in page.button if b.label == "Add its videos").click().run())
    assert [each.name for each in study.recordings()] == ["p1"]


def test_the_edited_sheet_is_saved_and_a_wrong_row_changes_nothing(home: Path) -> None:
    study = small_study(home)
    table = sheet_table(study)
    assert table["recording"].tolist() == ["p1", "p2"]
    table.loc[0, ["participant", "condition", "start_s", "face"]] = ["A", "calm", 0.1, 1]
    entries = entries_of(table)
    assert entries == [Entry("p1", "A", "calm", start_s=0.1, face=1)]  # the other row is empty
    set_sheet(study, entries)
    again = sheet_table(study)
    pd.testing.assert_frame_equal(
        again[["recording", "participant", "start_s"]],
        table[["recording", "participant", "start_s"]],
        check_dtype=False,
    )
    page = studies_page(study="two films", section="sheet")
    file = b"file;participant;condition;start\np1;A;calm;99\n"
    ran(page.file_uploader[1].set_value(("sheet.csv", file, "text/csv")).run())
    ran(page.button(key="studies_sheet_take").click().run())
    assert "start at 99 s" in words(page)
    assert sheet(study) == tuple(entries)
    file = b"file\tparticipant\tcondition\np1.mp4\tB\tcalm\np2.mp4\tB\tfunny\n"
    ran(page.file_uploader[1].set_value(("sheet.csv", file, "text/csv")).run())
    ran(page.button(key="studies_sheet_take").click().run())
    assert "The sheet is saved" in words(page)
    assert [(e.recording, e.participant) for e in sheet(study)] == [("p1", "B"), ("p2", "B")]


@pytest.mark.slow
def test_a_study_is_read_by_a_process_of_its_own_and_deleted_when_asked_twice(home: Path) -> None:
    study = small_study(home)
    page = studies_page(study="two films")
    page = studies_page(study="two films", section="queue")
    assert "0:00 of 0:00 read" in [bar.proto.text for bar in page.get("progress")]
    ran(page.button(key="studies_read").click().run())
    assert "Pause" in buttons(page)
    wait_for(lambda: not is_starting(study))
    assert last_words(study) == ""
    assert progress_of(study).is_read
    page = studies_page(study="two films", section="queue")
    (table,) = page.dataframe
    assert table.value["state"].tolist() == ["read", "read"]
    assert "Pause" not in buttons(page)
    assert "Read this study" not in buttons(page)
    ran(page.button(key="studies_delete").click().run())
    assert list_studies() == ("two films",)
    ran(page.button(key="studies_delete_no").click().run())
    ran(page.button(key="studies_delete").click().run())
    ran(page.button(key="studies_delete_yes").click().run())
    assert list_studies() == ()
    assert (home / "p1.mp4").exists()
    assert "From many recordings" in words(page)


@pytest.mark.slow
def test_a_file_that_vanished_is_said_and_can_be_tried_again(home: Path) -> None:
    study = small_study(home)
    hidden = (home / "p2.mp4").rename(home / "hidden.mp4")
    Queue(study).recover()
    page = studies_page(study="two films", section="queue")
    (table,) = page.dataframe
    assert table.value["state"].tolist() == ["waits", "cannot be read"]
    assert "not there any more" in table.value["what to know"][1]
    hidden.rename(home / "p2.mp4")
    ran(page.button(key="studies_retry").click().run())
    wait_for(lambda: not is_starting(study))
    assert [each.state for each in progress_of(study).recordings] == ["read", "read"]


def test_a_recording_is_read_first_or_taken_out(home: Path) -> None:
    study = small_study(home)
    page = studies_page(study="two films", section="recordings")
    page.selectbox[0].set_value("p2").run()
    ran(page.button(key="studies_first").click().run())
    assert [each.name for each in study.recordings()] == ["p2", "p1"]
    ran(page.button(key="studies_remove").click().run())
    assert [each.name for each in study.recordings()] == ["p1"]


def test_the_drawn_study_has_its_sheet_and_is_nobody(home: Path) -> None:
    study = make_example("drawn", choose_settings(["tiny"], detector="haar"))
    entries = sheet(study)
    assert len(entries) == PARTICIPANTS * len(CONDITIONS)
    assert {entry.condition for entry in entries} == set(CONDITIONS)
    recordings = study.recordings()
    assert len({each.sha256 for each in recordings}) == PARTICIPANTS == 6
    assert all(each.copied for each in recordings)
    assert [each.seconds for each in recordings] == pytest.approx([2 * FILM_S] * PARTICIPANTS)
