"""The studies page: from nothing to a study that is read, filled in, kept and deleted."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fer_core.emotions import Emotion
from fer_core.media.video_writer import VideoWriter
from fer_core.studies import (
    Entry,
    Study,
    assemble,
    choose_settings,
    create_study,
    edits_of,
    list_studies,
    open_study,
    progress_of,
    set_sheet,
    sheet,
    write_elan,
)
from fer_core.studies.example import (
    CONDITIONS,
    FILM_S,
    HOLD_S,
    PARTICIPANTS,
    make_example,
    planted_expressions,
)
from fer_core.studies.queue import Queue
from fer_core.synthetic.face import demo_frame
from tests.studies.written import Seen, write_readings
from tests.waiting import wait_for
from ui.studies.leading import is_starting, last_words
from ui.studies.sheet import entries_of, sheet_table
from ui.studies.take_away import elan_zip, tables_zip
from ui.widgets.timeline import clickable

ROOT = Path(__file__).resolve().parents[2]
PAGE = str(ROOT / "pages" / "7_Studies.py")


@pytest.fixture(autouse=True)
def home(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    monkeypatch.delenv("MIEN_VIDEOS", raising=False)
    return tmp_path


@pytest.fixture
def elsewhere() -> Iterator[None]:
    """The dashboard serves other machines."""
    st.config.set_option("server.address", "0.0.0.0")
    yield
    st.config.set_option("server.address", "localhost")


def studies_page(**address: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return ran(page.run())


def ran(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.success]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def clip(path: Path, frames: int = 4) -> Path:
    with VideoWriter(path, 10) as writer:
        for number in range(frames):
            writer.write(demo_frame(number / 10), number / 10)
    return path


def small_study(home: Path, videos: int = 2) -> Study:
    study = create_study("two films", choose_settings(["tiny"], detector="haar"))
    added = study.add(
        [clip(home / f"p{number}.mp4", 3 + number) for number in range(1, videos + 1)]
    )
    assert not [each.error for each in added if each.error]
    return study


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


@pytest.fixture
def drawn_study(home: Path) -> Study:
    """The drawn study, read by code as everything in it was planted."""
    study = make_example("drawn", choose_settings(["tiny", "tiny_b"], detector="haar"))
    for recording in study.recordings():
        planted = planted_expressions(int(recording.name.removeprefix("P")))
        write_readings(
            study, recording, lambda time_s, shown=planted: [Seen(40, shown[int(time_s / HOLD_S)])]
        )
    return study


def test_findings_are_in_sentences_charts_and_tables(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="findings")
    assert not page.error
    told = words(page)
    assert "Six participants were read under calm and funny" in told
    assert "cannot be said: with six participants" in told  # no test of six can find anything
    assert "under funny" in told
    assert "None of the two networks finds a difference" in told
    titles = [str(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert len(titles) == 4
    assert all("no face" in str(chart.proto.alt) for chart in page.get("plotly_chart"))
    assert "felt" not in told
    tables = [table.value for table in page.dataframe]
    means = tables[0]
    row = means[(means["condition"] == "funny") & (means["measure"] == "happy")].iloc[0]
    assert float(row["mean"].split()[0]) > 30
    assert {"without a face", "of the rest unsure", "95 % from", "to"} <= set(means)
    page.toggle(key="studies_smoothed_drawn").set_value(False)
    ran(page.run())
    assert not drawn_study.settings.smoothed


def test_findings_say_what_is_missing(home: Path) -> None:
    study = small_study(home)
    page = studies_page(study="two films", section="findings")
    assert "Fill in participant and condition" in words(page)
    set_sheet(study, [Entry("p1", "A", "calm")])
    write_readings(study, study.recording("p1"))
    page = studies_page(study="two films", section="findings")
    told = words(page)
    assert "One participant was read under calm" in told
    assert "not read to its end" in told
    assert "One condition only" in told
    assert "No onset in the sheet" in told
    assert "One network only" in told
    assert "p2 is not in the sheet" in told


def test_before_anything_is_read_there_is_nothing_to_take_away(home: Path) -> None:
    small_study(home)
    page = studies_page(study="two films", section="take_away")
    assert "Nothing is read yet" in words(page)
    assert not page.download_button


@pytest.mark.slow
def test_report_tables_and_videos_can_be_taken_away(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="take_away")
    assert [each.label for each in page.download_button] == [
        *("Report (HTML)", "Tables (ZIP)", "For ELAN (ZIP)")
    ]
    with zipfile.ZipFile(io.BytesIO(tables_zip("drawn", "parquet"))) as archive:
        assert {"frames.parquet", "participants.parquet", "receipt.json"} <= set(archive.namelist())
    with zipfile.ZipFile(io.BytesIO(elan_zip("drawn"))) as archive:
        assert archive.namelist() == [f"P{number}.eaf" for number in range(1, 7)]
    page.selectbox(key="studies_faces").set_value("drawn").run()
    ran(page.button(key="studies_video_write").click().run())
    (job,) = page.session_state["studies_video_jobs"].values()
    wait_for(lambda: job.line() and not job.running)
    page.run()
    assert not page.error
    assert [each.label for each in page.download_button][3:] == ["Video (MP4)"]
    (written,) = (drawn_study.folder / "exports").iterdir()
    assert written.name == "P1_drawn.mp4"


def recording_page(name: str) -> AppTest:
    return studies_page(study="drawn", section="recordings", recording=name)


def test_a_recording_is_mended_and_each_edit_can_be_taken_back(drawn_study: Study) -> None:
    page = recording_page("P1")
    assert not page.error
    assert "Nothing is mended here" in words(page)
    page.slider[0].set_value(3.0).run()
    ran(page.button(key="studies_split").click().run())
    page.selectbox(key="studies_face_P1").set_value(2).run()
    page.text_input(key="studies_name_P1").set_value("Mother").run()
    ran(page.button(key="studies_rename").click().run())
    ran(page.button(key="studies_ignore").click().run())
    page.number_input(key="studies_from_P1").set_value(1.0).run()
    page.number_input(key="studies_to_P1").set_value(2.0).run()
    ran(page.button(key="studies_exclude").click().run())
    ran(page.button(key="studies_baseline").click().run())
    ran(page.button(key="studies_event_mark").click().run())
    mended = assemble(drawn_study, drawn_study.recording("P1"))
    assert mended.track_ids == (1,)
    assert mended.mending.names == {2: "Mother"}
    assert mended.mending.excluded == ((1.0, 2.0),)
    assert mended.mending.baseline == (1.0, 2.0)
    assert [(event.seconds, event.label) for event in mended.mending.events] == [(3.0, "event")]
    (split, *_) = edits_of(drawn_study, mended.recording)
    ran(page.button(key=f"studies_undo_{split.id}").click().run())
    assert "Take back the edits that speak of this face first" in words(page)
    for each in reversed(edits_of(drawn_study, mended.recording)):
        ran(page.button(key=f"studies_undo_{each.id}").click().run())
    assert assemble(drawn_study, mended.recording).edits == ()
    ran(page.button(key=f"studies_undo_{split.id}").click().run())
    assert [edit.kind for edit in assemble(drawn_study, mended.recording).edits] == ["split"]
    page.selectbox(key="studies_face_P1").set_value(2).run()
    ran(page.button(key="studies_merge").click().run())
    assert assemble(drawn_study, mended.recording).track_ids == (1,)


def test_an_edit_that_cannot_be_gets_its_sentence(drawn_study: Study) -> None:
    page = recording_page("P1")
    ran(page.button(key="studies_split").click().run())  # at 0 s, where the face begins
    assert "split it in between" in words(page)
    page.text_input(key="studies_event_P1").set_value(" ").run()
    ran(page.button(key="studies_event_mark").click().run())
    assert "Some words are needed" in words(page)
    assert edits_of(drawn_study, drawn_study.recording("P1")) == ()


def test_a_recording_whose_file_is_gone_can_still_be_looked_at(drawn_study: Study) -> None:
    drawn_study.recording("P2").path.unlink()
    page = recording_page("P2")
    assert "A lane for each of 1 faces" in str([c.proto.alt for c in page.get("plotly_chart")])
    assert any("P2" in error.value for error in page.error)


def test_recordings_lead_to_one_and_back(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="recordings")
    page.selectbox(key="studies_look").set_value("P3").run()
    ran(page.button(key="studies_look_open").click().run())
    assert page.query_params["recording"] == "P3"
    back = next(button for button in page.button if button.label == "All recordings")
    ran(back.click().run())
    assert "recording" not in page.query_params


def test_marks_to_click_are_there_and_cannot_be_seen() -> None:
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", stackgroup="classes")
    (trace,) = clickable(figure).data
    assert "markers" in trace.mode
    assert trace.marker.opacity == trace.unselected.marker.opacity == 0


def coded(study: Study) -> bytes:
    """What a person coded who saw exactly what was planted; happy is called "joy" there."""
    rows = ["file;start;end;label"]
    for recording in study.recordings():
        for number, emotion in enumerate(planted_expressions(int(recording.name[1:]))):
            word = "joy" if emotion == Emotion.HAPPY else emotion.label
            rows.append(f"{recording.name};{number * HOLD_S};{(number + 1) * HOLD_S};{word}")
    return "\n".join(rows).encode()


def test_agreement_with_a_coder_asks_what_strange_words_mean(drawn_study: Study) -> None:
    drawn_study.settings = drawn_study.settings.model_copy(update={"smoothed": False})
    page = studies_page(study="drawn", section="findings")
    ran(page.file_uploader[0].set_value(("anna.csv", coded(drawn_study), "text/csv")).run())
    page.selectbox(key="studies_word_drawn_joy").set_value("happy").run()
    told = words(ran(page))
    assert "The two gave the same word in 9" in told  # frames do not end where words do
    assert "Cohen's kappa 0.9" in told
    page.selectbox(key="studies_word_drawn_joy").set_value("sad").run()
    assert "The two gave the same word in 9" not in words(ran(page))


def test_a_tier_of_elan_can_be_the_coder(drawn_study: Study) -> None:
    mended = assemble(drawn_study, drawn_study.recording("P1"))
    page = studies_page(study="drawn", section="findings")
    ran(page.file_uploader[0].set_value(("P1.eaf", write_elan(mended), "text/xml")).run())
    tier = page.selectbox(key="studies_coded_tier_drawn")
    ran(tier.set_value(next(name for name in tier.options if name.startswith("face 1"))).run())
    assert "The two gave the same word in 100 %" in words(page)


def test_a_file_that_is_no_coding_gets_its_sentence(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="findings")
    ran(page.file_uploader[0].set_value(("anna.csv", b"a,b\n1,2\n", "text/csv")).run())
    assert "no such table" in words(page)


def test_events_and_edits_come_from_files(drawn_study: Study) -> None:
    recording = drawn_study.recording("P1")
    page = recording_page("P1")
    for file in (
        ("events.csv", b"time,label\n0:02,door\n", "text/csv"),
        ("edits.json", b'[{"kind": "exclude", "start_s": 1, "end_s": 2}]', "application/json"),
        ("wrong.csv", b"time,label\nsoon,door\n", "text/csv"),
    ):
        ran(page.file_uploader[0].set_value(file).run())
        ran(page.button(key="studies_take_in").click().run())
    assert "'soon' is no time" in words(page)
    mending = assemble(drawn_study, recording).mending
    assert [(event.seconds, event.label) for event in mending.events] == [(2.0, "door")]
    assert mending.excluded == ((1.0, 2.0),)
    content = write_elan(assemble(drawn_study, recording))
    ran(page.file_uploader[0].set_value(("P1.eaf", content, "text/xml")).run())
    ran(page.button(key="studies_take_in").click().run())
    assert len(assemble(drawn_study, recording).mending.events) == 2
