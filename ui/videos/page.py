"""The video page: a file or the drawn example in, and its reading under way.

What was read lives in the visitor's session and is gone with it.
"""

import streamlit as st

from fer_core.errors import MienError
from fer_core.media.videos import LONGEST_PX, VIDEO_SUFFIXES
from ui import caches
from ui.videos.job import EVERY, Outcome, Settings, Upload, Work, find, start
from ui.videos.result import forget_moment, show_result
from ui.widgets.pickers import chosen_slug, pick_detector, pick_model
from ui.widgets.texts import literal

MAX_UPLOAD_MB = 200
"""As `server.maxUploadSize`: a few minutes from a phone, hours from a screen."""

_WORK, _OUTCOME, _FAILURE = "videos_work", "videos_outcome", "videos_failure"
_LINK = "reading"
"""In the address while a video is read: a page that is loaded again is a new session."""
_REDRAW_S = 0.5


def choose_video() -> Upload | None:
    """Drop zone, or the drawn example.

    Returns:
        The visitor's file; None without one.
    """
    file = st.file_uploader(
        "A video with faces",
        type=[suffix.lstrip(".") for suffix in VIDEO_SUFFIXES],
        key="videos_file",
        max_upload_size=MAX_UPLOAD_MB,
        help=f"Up to {MAX_UPLOAD_MB} MB. The annotated video is at most {LONGEST_PX} pixels wide "
        "or high.",
    )
    return None if file is None else Upload(file.file_id, file.name, file.getvalue)


def choose_settings() -> Settings | None:
    """Let the visitor choose network, face detector and how many frames are read.

    Returns:
        All three; None where there is no network, which is said.
    """
    missing = chosen_slug() is None
    with st.expander(
        "Network, face detector, frames to read", expanded=missing, icon=":material/tune:"
    ):
        slug = pick_model()
        detector = pick_detector()
        every = st.selectbox(
            "Frames to read",
            list(EVERY),
            format_func=EVERY.__getitem__,
            key="videos_every",
            help="Fewer are faster. The others stay in the annotated video; the boxes hold.",
        )
    if slug is None:
        return None
    try:
        # The one that is really on: a command must not wait for weights from the internet.
        return Settings(slug, caches.detector(detector).name, int(every))
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def run(upload: Upload | None, settings: Settings) -> None:
    """Buttons that start, or progress while a video is read."""
    work = _under_way()
    if work is not None:
        st.fragment(_show_progress, run_every=_REDRAW_S)(work)
        return
    read: Outcome | None = st.session_state.get(_OUTCOME)
    if upload is not None and read and (read.key, read.settings) == (upload.key, settings):
        return
    if upload is not None:
        st.button(
            "Read this video",
            icon=":material/play_arrow:",
            type="primary",
            key="videos_read",
            on_click=_start,
            args=(upload, settings),
        )
    elif read is None:
        st.button(
            "Read an example: a drawn face, no person",
            icon=":material/draw:",
            key="videos_example",
            on_click=_start,
            args=(Upload("example", "drawn example.mp4", None), settings),
        )
    if failure := st.session_state.get(_FAILURE):
        st.error(literal(failure), icon=":material/error:")


def _under_way() -> Work | None:
    """What this visitor has being read, also where the page was loaded again meanwhile."""
    work: Work | None = st.session_state.get(_WORK)
    if work is None and (token := st.query_params.get(_LINK)):
        work = find(token)
        if work is not None:
            st.session_state[_WORK] = work
    if work is not None:
        st.query_params[_LINK] = work.token
    elif _LINK in st.query_params:
        del st.query_params[_LINK]
    return work


def _start(upload: Upload, settings: Settings) -> None:
    st.session_state.pop(_FAILURE, None)
    try:
        st.session_state[_WORK] = start(upload, settings)
    except MienError as error:
        st.session_state[_FAILURE] = str(error)


def _cancel() -> None:
    work: Work | None = st.session_state.pop(_WORK, None)
    if work is not None:
        work.stop()


def _show_progress(work: Work) -> None:
    if work.running:
        share, words = work.progress()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(share, words)
            st.button("Cancel", icon=":material/close:", key="videos_cancel", on_click=_cancel)
        st.caption("It goes on for two minutes while you look at another page, and then ends.")
        return
    if st.session_state.get(_WORK) is work:
        del st.session_state[_WORK]
        work.forget()
        if work.outcome is not None:
            st.session_state[_OUTCOME] = work.outcome
            forget_moment()
        else:
            st.session_state[_FAILURE] = work.failure
    st.rerun()  # the whole page: there is a result to show


def show_outcome() -> None:
    """The video that was read last, until it is discarded; nothing without one."""
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is not None:
        show_result(outcome, discard=_discard)


def _discard() -> None:
    st.session_state.pop(_OUTCOME, None)
    forget_moment()
