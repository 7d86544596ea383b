"""A finished recording into a study: only here, and only when it is asked for, is it stored."""

from contextlib import suppress
from datetime import datetime

import streamlit as st

from fer_core.errors import MienError, StudyError
from fer_core.pipeline.recording import Recording
from fer_core.studies.add_live import add_live
from fer_core.studies.catalogue import create_study, list_studies, open_study
from fer_core.studies.live import live_settings, what_is_missing
from fer_core.studies.settings import StudySettings
from fer_core.studies.sheet import Entry, set_sheet, sheet
from ui.access import studies_are_on
from ui.widgets.texts import literal

STUDIES = "pages/7_Studies.py"

_NEW = "A new study"
_ADDED, _FAULT = "live_study_added", "live_study_fault"


def show_to_study(recording: Recording) -> None:
    """Pick a study or name a new one, say who it is, and add it; nothing where studies are off."""
    if not studies_are_on():
        return
    with st.expander("Add to a study", icon=":material/science:"):
        try:
            settings = live_settings(recording)
        except MienError as error:
            st.info(literal(str(error)), icon=":material/info:")
            return
        _show_form(recording, settings)
        if fault := st.session_state.pop(_FAULT, ""):
            st.error(literal(fault), icon=":material/error:")
        _show_added()


def _show_form(recording: Recording, settings: StudySettings) -> None:
    left, right = st.columns(2)
    chosen = str(left.selectbox("Study", [*_fitting_first(settings), _NEW], key="live_study"))
    study = chosen
    if chosen == _NEW:
        study = right.text_input(
            "Name of the new study", "Live recordings", key="live_study_new", max_chars=60
        ).strip()
    left, middle, right = st.columns(3)
    name = left.text_input("Call it", _usual_name(recording), key="live_study_name", max_chars=60)
    participant = middle.text_input(
        "Participant", key="live_study_who", max_chars=100, help="A code, better than a name."
    ).strip()
    condition = right.text_input("Condition", key="live_study_condition", max_chars=100).strip()
    if chosen != _NEW and (missing := _missing(chosen, settings)):
        st.info(literal(missing), icon=":material/info:")
    if st.button("Add it", icon=":material/add:", key="live_study_add"):
        _add(recording, settings, study, name.strip(), (participant, condition), chosen == _NEW)
    st.caption(
        "Its rows are stored on this machine until you delete them there: boxes, probabilities "
        "and markers, no picture. Participant and condition can be filled in later."
    )


def _fitting_first(settings: StudySettings) -> list[str]:
    """All studies, those first that are read with the same."""
    return sorted(list_studies(), key=lambda name: bool(_missing(name, settings)))


def _missing(name: str, settings: StudySettings) -> str:
    """What a study lacks of this recording, or why it cannot be opened."""
    try:
        return what_is_missing(open_study(name).settings, settings)
    except MienError as error:
        return str(error)


def _usual_name(recording: Recording) -> str:
    assert recording.found is not None
    with suppress(ValueError):
        moment = datetime.fromisoformat(recording.found.recorded_at)
        return f"live_{moment:%Y-%m-%d_%H-%M-%S}"
    return "live"


def _add(
    recording: Recording,
    settings: StudySettings,
    name: str,
    called: str,
    who: tuple[str, str],
    is_new: bool,
) -> None:
    try:
        if any(who) and not all(who):
            raise StudyError(
                "a participant needs a condition, and a condition a participant",
                where="sheet",
                remedy="Fill in both, or neither and do it later.",
            )
        study = create_study(name, settings) if is_new else open_study(name)
        added = add_live(study, recording, called or "live")
        if all(who):
            set_sheet(study, [*sheet(study), Entry(added.name, *who)])
    except MienError as error:
        st.session_state[_FAULT] = str(error)
    else:
        st.session_state[_ADDED] = (study.name, added.name)
    st.rerun()


def _show_added() -> None:
    added: tuple[str, str] | None = st.session_state.get(_ADDED)
    if added is None:
        return
    study, recording = added
    st.success(
        literal(f"{recording} is in the study {study}, and counts as read."),
        icon=":material/check:",
    )
    if st.button("Open the study", icon=":material/arrow_forward:", key="live_study_open"):
        address = {"study": study, "section": "recordings", "recording": recording}
        st.switch_page(STUDIES, query_params=address)
