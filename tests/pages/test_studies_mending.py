"""A recording's page: its faces, and mending that can be taken back."""

from streamlit.testing.v1 import AppTest

from fer_core.studies.assemble import assemble
from fer_core.studies.elan import write_elan
from fer_core.studies.mend import edits_of
from fer_core.studies.store import Study
from tests.pages.studies import ran, studies_page, words


def recording_page(name: str) -> AppTest:
    return studies_page(study="drawn", section="recordings", recording=name)


def test_a_recording_is_mended_and_each_edit_can_be_taken_back(drawn_study: Study) -> None:
    page = recording_page("P1")
    assert not page.error
    assert "Nothing is mended here" in words(page)
    charts = [each.key.removeprefix("csv_") for each in page.download_button if each.label == "CSV"]
    assert len(charts) == len(page.get("plotly_chart")) == 2
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


def test_a_recording_that_is_not_there_is_said(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="recordings", recording="P99")
    assert "asks for the recording **P99**, which is not in this study" in page.warning[0].value
    assert page.button(key="studies_look_open")


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
