"""The recordings of a study: what is in each file; one of them may be taken out."""

import pandas as pd
import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.progress import progress_of
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.sheet import sheet
from fer_core.studies.store import Study
from ui.studies.recording import show_recording
from ui.widgets.texts import literal
from ui.widgets.timeline import clock

RECORDING = "recording"
"""What the address says: which recording is looked at."""

_FAULT = "studies_remove_fault"


def show_recordings(study: Study) -> None:
    """All of them as a table, and what can be done with one."""
    recordings = study.recordings()
    chosen = st.query_params.get(RECORDING)
    if chosen in {each.name for each in recordings}:
        st.button("All recordings", icon=":material/arrow_back:", type="tertiary", on_click=_close)
        show_recording(study, study.recording(chosen))
        return
    if chosen:
        st.warning(
            f"The address asks for the recording **{literal(chosen)}**, which is not in this "
            "study.",
            icon=":material/link_off:",
        )
    if not recordings:
        st.info("**No recording yet.** Add videos under *Sheet*.", icon=":material/video_call:")
        return
    _offer_mending(study)
    st.dataframe(recordings_table(study, recordings), hide_index=True)
    with st.expander("Take a recording out, or have it read first", icon=":material/low_priority:"):
        _show_choices(study, {each.name: each for each in recordings})


def _offer_mending(study: Study) -> None:
    read = [each.recording.name for each in progress_of(study).recordings if each.done]
    if not read:
        st.caption("Once a recording is read, its faces can be looked at and mended here.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Look at a recording, and mend it", read, key="studies_look", width=320)
        st.button(
            "Open",
            icon=":material/movie_edit:",
            type="primary",
            key="studies_look_open",
            on_click=_open,
            args=(name,),
        )


def _open(name: str) -> None:
    st.query_params[RECORDING] = name


def _close() -> None:
    st.query_params.pop(RECORDING, None)


def recordings_table(study: Study, recordings: tuple[StudyRecording, ...]) -> pd.DataFrame:
    """One row a recording: what is in its file, who is in it, and where it lies."""
    entries = sheet(study)
    return pd.DataFrame(
        [
            {
                "recording": each.name,
                "length": clock(each.seconds),
                "frames": each.frames,
                "participants": ", ".join(
                    dict.fromkeys(e.participant for e in entries if e.recording == each.name)
                ),
                "conditions": ", ".join(
                    dict.fromkeys(e.condition for e in entries if e.recording == each.name)
                ),
                "recorded": each.recorded_at[:16].replace("T", " "),
                "lies": _place(each),
            }
            for each in recordings
        ]
    )


def _place(recording: StudyRecording) -> str:
    if recording.is_live:
        return "in the study: rows of a live recording"
    return "in the study" if recording.copied else str(recording.path)


def _show_choices(study: Study, by_name: dict[str, StudyRecording]) -> None:
    name = st.selectbox("Recording", list(by_name), key=f"studies_choice_{study.name}")
    chosen = by_name[name]
    goes = "its video, " if chosen.copied else ""
    with st.container(horizontal=True):
        st.button(
            "Read it first",
            icon=":material/vertical_align_top:",
            key="studies_first",
            on_click=_first,
            args=(study, chosen),
        )
        with st.popover("Take it out", icon=":material/delete:"):
            st.markdown(
                f"With {literal(chosen.name)} go {goes}what was read of it, its rows of the sheet "
                "and what you mended in it."
            )
            st.button(
                "Yes, take it out", key="studies_remove", on_click=_remove, args=(study, chosen)
            )
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(literal(fault), icon=":material/error:")


def _first(study: Study, recording: StudyRecording) -> None:
    highest = max(each.priority for each in study.recordings())
    study.prioritise(recording, highest + 1)


def _remove(study: Study, recording: StudyRecording) -> None:
    try:
        study.remove(recording)
    except MienError as error:
        st.session_state[_FAULT] = str(error)
