"""The studies page: all studies, or the one that its address names."""

import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.catalogue import open_study
from fer_core.studies.store import Study
from ui.access import studies_are_on
from ui.studies.findings import show_findings
from ui.studies.overview import show_overview
from ui.studies.queue import show_queue
from ui.studies.recordings import RECORDING, show_recordings
from ui.studies.removal import show_removal
from ui.studies.sheet import show_sheet
from ui.studies.take_away import show_take_away
from ui.widgets.texts import literal

STUDY, SECTION = "study", "section"
"""What the address says: which study, and which part of its page."""

SECTIONS = {
    "sheet": ("Sheet", ":material/table_edit:", show_sheet),
    "queue": ("Queue", ":material/play_circle:", show_queue),
    "recordings": ("Recordings", ":material/movie:", show_recordings),
    "findings": ("Findings", ":material/insights:", show_findings),
    "take_away": ("Take away", ":material/download:", show_take_away),
}


def may_be_used() -> bool:
    """Whether studies are on here; says what to do where they are not."""
    if studies_are_on():
        return True
    st.info(
        "**Studies are off on this server.** There is no login, so everybody who opens this "
        "dashboard would see all studies and could delete them. Whoever runs the server can say "
        "that this is wanted: set `MIEN_STUDIES` to the folder that they should lie in. On your "
        "own machine nothing needs to be set.",
        icon=":material/lock:",
    )
    return False


def show() -> None:
    """The list of studies, or one of them."""
    name = st.query_params.get(STUDY)
    if name is None:
        show_overview(_open)
        return
    st.button("All studies", icon=":material/arrow_back:", type="tertiary", on_click=_close)
    try:
        study = open_study(name)
        _show_study(study)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")


def _open(name: str, section: str = "queue") -> None:
    st.query_params[STUDY] = name
    st.query_params[SECTION] = section


def _close() -> None:
    st.query_params.clear()


def _show_study(study: Study) -> None:
    st.header(literal(study.name))
    chosen = st.query_params.get(SECTION)
    key = f"studies_section_{study.name}"
    st.session_state[key] = chosen if chosen in SECTIONS else "sheet"

    def keep() -> None:
        # A second click on the one that is chosen takes the choice away: it stays.
        st.query_params[SECTION] = st.session_state[key] or st.query_params.get(SECTION, "sheet")
        st.query_params.pop(RECORDING, None)

    section = st.segmented_control(
        "Part of the study",
        list(SECTIONS),
        format_func=lambda name: f"{SECTIONS[name][1]} {SECTIONS[name][0]}",
        key=key,
        on_change=keep,
        label_visibility="collapsed",
    )
    SECTIONS[section or "sheet"][2](study)
    st.divider()
    show_removal(study, _close)
