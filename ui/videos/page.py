"""The video page: a file or the drawn example in, and its reading under way.

The reading itself lives in `ui.videos.links`, and outlives the page, the tab and the session.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fer_core.errors import MienError
from fer_core.media.videos import LONGEST_PX, VIDEO_SUFFIXES
from ui import caches
from ui.videos.job import EVERY, PATIENCE_S, Settings, Upload, Work, start
from ui.videos.links import links
from ui.videos.result import show_result
from ui.widgets.pickers import pick_detector, pick_model, settings_matter, show_detector_on
from ui.widgets.texts import literal

MAX_UPLOAD_MB = 200
"""As `server.maxUploadSize`: a few minutes from a phone, hours from a screen."""

IN_ADDRESS = "job"
"""``/Videos?job=…`` leads back to a reading."""

GONE = (
    "This reading is not here any more: it was discarded, or nobody came back to it for "
    f"{PATIENCE_S / 60:.0f} minutes. Please read the video again."
)

_LINK, _FAILURE = "videos_link", "videos_failure"
_REDRAW_S = 0.5
_STAY_S = 60.0


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
    with st.expander(
        "Network, face detector, frames to read", expanded=settings_matter(), icon=":material/tune:"
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
    show_detector_on(detector)
    try:
        # The one that is really on: a command must not wait for weights from the internet.
        return Settings(slug, caches.detectors.detector(detector).name, int(every))
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def run(upload: Upload | None, settings: Settings, place: DeltaGenerator) -> None:
    """Buttons that start a reading; how far the one is that runs, in its place."""
    work = _current()
    if work is not None and work.running:
        with place:
            st.fragment(_show_progress, run_every=_REDRAW_S)(work)
        return
    read = None if work is None else work.outcome
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
    failure = st.session_state.get(_FAILURE) or (work.failure if work is not None else "")
    if failure:
        st.error(literal(failure), icon=":material/error:")


def _current() -> Work | None:
    """The reading that the address names, or the one that this visitor began; None without.

    Its link is in the address, so that a reload, a bookmark and another tab lead back to it.
    """
    asked = st.query_params.get(IN_ADDRESS)
    link = asked or st.session_state.get(_LINK)
    if not link:
        return None
    work = links.visit(link)
    if work is None:
        _forget()
        st.session_state[_FAILURE] = GONE
        return None
    if asked and asked != st.session_state.get(_LINK):
        st.session_state.pop(_FAILURE, None)
    st.session_state[_LINK] = link
    if asked != link:
        st.query_params[IN_ADDRESS] = link
    return work


def _forget() -> None:
    st.session_state.pop(_LINK, None)
    if IN_ADDRESS in st.query_params:
        del st.query_params[IN_ADDRESS]


def _start(upload: Upload, settings: Settings) -> None:
    st.session_state.pop(_FAILURE, None)
    try:
        link = links.add(start(upload, settings))
    except MienError as error:
        st.session_state[_FAILURE] = str(error)
        return
    st.session_state[_LINK] = st.query_params[IN_ADDRESS] = link


def _drop() -> None:
    """Cancel a reading that runs, discard one that has ended."""
    links.drop(st.session_state.get(_LINK, ""))
    _forget()


def _show_progress(work: Work) -> None:
    links.visit(st.session_state.get(_LINK, ""))
    if not work.running:
        st.rerun()  # the whole page: there is a result to show
    share, words = work.progress()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, words)
        st.button("Cancel", icon=":material/close:", key="videos_cancel", on_click=_drop)
    st.caption(
        "It goes on when you leave. **The address of this page leads back to it**, also after a "
        f"reload or from another tab, until {PATIENCE_S / 60:.0f} minutes after the last visit. "
        "Who has the address can see the video."
    )


def show_outcome() -> None:
    """The video that was read last, until it is discarded; nothing without one."""
    work = links.visit(st.session_state.get(_LINK, ""))
    if work is None or work.outcome is None:
        return
    st.fragment(_stay, run_every=_STAY_S)()
    show_result(work.outcome, discard=_drop)


def _stay() -> None:
    """An open page is a visit."""
    links.visit(st.session_state.get(_LINK, ""))
