"""Videos into a study: by upload, or where they lie in a folder of this machine."""

from collections.abc import Callable

import streamlit as st

from fer_core.errors import MienError
from fer_core.media.videos import VIDEO_SUFFIXES
from fer_core.studies.recordings import Tell
from fer_core.studies.store import Added, Study
from ui.studies.access import checked_folder, offers_folders
from ui.widgets.texts import literal
from ui.widgets.timeline import clock

MAX_UPLOAD_MB = 200
"""As `server.maxUploadSize`; longer videos are taken from a folder."""

_ADDED = "studies_added"


def show_collect(study: Study) -> None:
    """Drop zone and folder, and what came of what was added last."""
    if offers_folders():
        _show_folder(study)
    files = st.file_uploader(
        "Videos to upload",
        type=[suffix.lstrip(".") for suffix in VIDEO_SUFFIXES],
        accept_multiple_files=True,
        key=f"studies_upload_{study.name}_{_round()}",
        max_upload_size=MAX_UPLOAD_MB,
        help=f"Up to {MAX_UPLOAD_MB} MB each. They are copied into the study and deleted with it.",
    )
    if files and st.button("Add these videos", icon=":material/add:", key="studies_add_uploads"):
        _add(lambda tell: [study.add_upload(file.name, file, tell) for file in files])
    _show_added()


def _show_folder(study: Study) -> None:
    with (
        st.form("studies_folder_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        text = st.text_input(
            "A folder of the machine that Mien runs on",
            key="studies_folder",
            placeholder="/home/me/recordings",
            help="All videos in it and below. They stay where they are, and are only read.",
        )
        asked = st.form_submit_button("Add its videos", icon=":material/folder_open:")
    if asked and text.strip():
        try:
            path = checked_folder(text)
        except MienError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        _add(lambda tell: study.add([path], tell=tell))


def _add(add: Callable[[Tell], list[Added]]) -> None:
    bar = st.progress(0.0, "Looking into the videos …")

    def tell(name: str, share: float) -> None:
        bar.progress(min(share, 1.0), literal(name))

    try:
        st.session_state[_ADDED] = add(tell)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state["studies_round"] = _round() + 1
    st.rerun()


def _round() -> int:
    """A drop zone is emptied only by another key."""
    return int(st.session_state.get("studies_round", 0))


def _show_added() -> None:
    added: list[Added] | None = st.session_state.pop(_ADDED, None)
    if added is None:
        return
    recordings = [each.recording for each in added if each.recording is not None]
    if recordings:
        length = clock(sum(each.seconds for each in recordings))
        st.success(f"Added: {len(recordings)}, {length} together.", icon=":material/check:")
    for each in added:
        if each.error:
            st.error(literal(each.error), icon=":material/error:")
    if not added:
        st.info("There is no video in that folder.", icon=":material/search_off:")
