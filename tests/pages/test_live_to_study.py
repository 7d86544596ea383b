"""A live recording into a study, from the live page."""

from pathlib import Path

import pytest
import streamlit as st

from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import list_studies, open_study
from fer_core.studies.progress import progress_of
from fer_core.studies.sheet import sheet
from tests.pages.test_live import live_page, models, read_one, streaming  # noqa: F401

pytestmark = pytest.mark.usefixtures("yunet_cache", "models")


def test_a_recording_goes_into_a_study_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    st.config.set_option("server.address", "localhost")
    with streaming(playing=True):
        page = live_page()
        page.button(key="live_record").click().run()
        read_one(page)
        page.text_input(key="live_marker").input("joke")
        page.button(key="live_mark").click().run()
        page.button(key="live_record_stop").click().run()
        assert list_studies() == ()  # nothing is stored by itself
        page.text_input(key="live_study_new").input("At home")
        page.text_input(key="live_study_name").input("first")
        page.text_input(key="live_study_who").input("P1").run()
        page.button(key="live_study_add").click().run()
        assert "needs a condition" in page.error[0].value
        assert list_studies() == ()
        page.text_input(key="live_study_condition").input("calm").run()
        page.button(key="live_study_add").click().run()
        assert not page.exception
        assert "first is in the study At home" in page.success[0].value
        assert page.selectbox(key="live_study").options == ["At home", "A new study"]
    study = open_study("At home")
    assert [(each.participant, each.condition) for each in sheet(study)] == [("P1", "calm")]
    assert progress_of(study).is_read
    mended = assemble(study, study.recording("first"))
    assert [event.label for event in mended.mending.events] == ["joke"]
    assert int(mended.has_face.sum()) == 1


def test_where_others_are_served_a_recording_goes_into_no_study() -> None:
    st.config.set_option("server.address", "0.0.0.0")
    try:
        with streaming(playing=True):
            page = live_page()
            page.button(key="live_record").click().run()
            read_one(page)
            page.button(key="live_record_stop").click().run()
        assert "Recording of" in page.header[0].value
        assert not [each for each in page.button if each.key == "live_study_add"]
    finally:
        st.config.set_option("server.address", "localhost")
