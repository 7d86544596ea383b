"""The live page's glue: a browser's video through WebRTC into a `LiveSession` and back.

Nothing here calls Streamlit from the video thread, and nothing waits for it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from functools import cache, partial
from time import monotonic
from typing import Any, TypeAlias

import av
import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit_webrtc import (
    WebRtcMode,
    WebRtcStreamerContext,
    create_video_source_track,
    webrtc_streamer,
)

from fer_core.errors import MienError
from fer_core.live.callback import process_frames
from fer_core.live.session import LiveSession
from fer_core.live.share import viewers
from fer_core.pipeline.frame import Pipeline
from fer_core.synthetic.face import demo_frame
from ui import address, caches
from ui.live.camera import camera_constraints, pick_camera
from ui.webrtc.decoding import hold_one_second
from ui.webrtc.encoding import encode_with_less_work
from ui.webrtc.ice import session_ice_servers
from ui.webrtc.memory import release_memory_soon
from ui.webrtc.playout_delay import show_frames_at_once
from ui.webrtc.relay import SourceOutput
from ui.webrtc.widget import press_start
from ui.widgets.pickers import DETECTOR_CHOICE, MODEL_CHOICE, pick_detector, pick_model

# It warns of every demo frame that came late, some thirty lines a second on a busy machine.
logging.getLogger("streamlit_webrtc.source").setLevel(logging.ERROR)

Streamer: TypeAlias = WebRtcStreamerContext[Any, Any]
"""The video widget: whether a stream plays, and its tracks."""

SESSION = "live_session"
"""Key of the viewer's `LiveSession`; a streamer owns the key that it is given, so not its."""

SOURCES = {"camera": ":material/videocam: Camera", "demo": ":material/draw: Demo without a camera"}
"""Where frames come from; the names are also those of ``/Live?source=…``."""

SOURCE = "live_source_kept"
"""Key of the chosen one; its widget has a key of its own, whose value other pages forget."""

_DEMO = "live_demo_source"
_STARTS, _START_UNTIL_S = "live_starts", "live_start_until_s"

START_PATIENCE_S = 20.0
"""How long a page that was asked to start looks for the button."""

STREAMERS = {source: f"live_{source}" for source in SOURCES}


def session() -> LiveSession:
    """This viewer's live session; one for each browser tab."""
    if SESSION not in st.session_state:
        st.session_state[SESSION] = LiveSession()
    value: LiveSession = st.session_state[SESSION]
    return value


def queue_callback(
    live: LiveSession, loops: set[asyncio.AbstractEventLoop]
) -> Callable[[list[av.VideoFrame]], Coroutine[Any, Any, list[av.VideoFrame]]]:
    """What the video thread awaits for all frames since the last time: the newest one is read.

    The library does the same by itself, but does not tell how many it left out. Where several
    viewers share the machine, some are left out whole: then the library shows the one before, and
    `keep_newest` sees to it that nobody encodes that again.

    Args:
        live: the viewer's session.
        loops: gets the event loop of the video thread, for `end_of_video`.
    """

    async def callback(frames: list[av.VideoFrame]) -> list[av.VideoFrame]:
        loops.add(asyncio.get_running_loop())
        if not live.takes(viewers.seen(live)):
            live.throughput.on_arrival(len(frames))
            return []
        return [process_frames(live, frames)]

    return callback


def end_of_video(live: LiveSession, loops: set[asyncio.AbstractEventLoop]) -> None:
    """After the video thread has ended: free what it used.

    The library opens an event loop, which is three file descriptors, for each START and leaves it
    to the garbage collector.
    """
    live.close()
    viewers.left(live)
    while loops:
        loop = loops.pop()
        if not loop.is_running():
            loop.close()
    release_memory_soon()


class DemoSource:
    """The drawn face at each moment of a stream, as `create_video_source_track` asks for it.

    It asks on the loop that serves every page and sends every video, so a frame is drawn on a
    thread beside it while the one before is shown; where that is too slow, one is shown twice.
    """

    def __init__(self) -> None:
        self._newest = demo_frame(0.0)
        self._next: Future[NDArray[np.uint8]] | None = None

    def __call__(self, pts: int, time_base: Fraction) -> av.VideoFrame:
        """The newest frame there is; one for ``pts`` is begun."""
        if self._next is not None and self._next.done():
            self._newest, self._next = self._next.result(), None
        if self._next is None:
            self._next = _drawing().submit(demo_frame, float(pts * time_base))
        return av.VideoFrame.from_ndarray(self._newest, format="rgb24")


@cache
def _drawing() -> ThreadPoolExecutor:
    """One thread for the demos of all viewers."""
    return ThreadPoolExecutor(1, thread_name_prefix="demo")


def _is_running(source: str) -> bool:
    stream = st.session_state.get(STREAMERS[source])
    return stream is not None and (stream.state.playing or stream.state.signalling)


def pick_source() -> str:
    """Camera or demo; fixed while a stream runs: changing would leave that one without an owner."""
    running = any(_is_running(source) for source in SOURCES)
    asked = address.newly_asked("source", SOURCES)
    if "live_source" not in st.session_state or (asked and not running):
        kept = st.session_state.get(SOURCE, "camera")
        st.session_state["live_source"] = asked or kept
    source = st.segmented_control(
        "Where the video comes from",
        tuple(SOURCES),
        format_func=SOURCES.__getitem__,
        key="live_source",
        required=True,
        disabled=running,
        help="Press STOP to change it." if running else None,
        label_visibility="collapsed",
    )
    st.session_state[SOURCE] = str(source or "camera")
    address.keep("source", st.session_state[SOURCE], "camera")
    return str(st.session_state[SOURCE])


def stream_video(source: str, live: LiveSession) -> Streamer:
    """The video with its START and STOP."""
    show_frames_at_once()
    encode_with_less_work()
    hold_one_second()
    servers, complaint = session_ice_servers(running=_is_running(source))
    if complaint:
        st.warning(complaint)
    loops: set[asyncio.AbstractEventLoop] = st.session_state.setdefault("live_loops", set())
    common: dict[str, Any] = {
        "rtc_configuration": {"iceServers": servers},
        "queued_video_frames_callback": queue_callback(live, loops),
        "on_video_ended": partial(end_of_video, live, loops),
        "async_processing": True,
        "media_toggle_controls": False,
        "video_html_attrs": {
            "autoPlay": True,
            "controls": False,
            "muted": True,
            "playsInline": True,
            "style": {"width": "100%", "borderRadius": "8px"},
        },
    }
    if source == "demo":
        return _stream_demo(common)
    return webrtc_streamer(
        key=STREAMERS[source],
        mode=WebRtcMode.SENDRECV,
        media_stream_constraints={
            "video": camera_constraints(running=_is_running(source)),
            "audio": False,
        },
        **common,
    )


def _stream_demo(common: dict[str, Any]) -> Streamer:
    outputs: list[SourceOutput] = st.session_state.setdefault("live_demo_outputs", [])

    def end() -> None:
        while outputs:
            outputs.pop().end()

    if _DEMO not in st.session_state:
        st.session_state[_DEMO] = DemoSource()
    stream = webrtc_streamer(
        key=STREAMERS["demo"],
        mode=WebRtcMode.RECVONLY,
        media_stream_constraints={"video": True, "audio": False},
        source_video_track=create_video_source_track(
            st.session_state[_DEMO], key="demo", fps=30, on_ended=end
        ),
        **common,
    )
    output = stream.output_video_track
    if output is not None and all(known.track is not output for known in outputs):
        outputs.append(SourceOutput(output))
    return stream


def start_if_asked(source: str) -> None:
    """Press START where the address says so (``/Live?start=now``), once: a reload starts nothing.

    Args:
        source: that is chosen; its video is on the page.
    """
    if st.query_params.get("start"):
        del st.query_params["start"]
        st.session_state[_STARTS] = st.session_state.get(_STARTS, 0) + 1
        st.session_state[_START_UNTIL_S] = monotonic() + START_PATIENCE_S
    if _is_running(source):
        st.session_state[_START_UNTIL_S] = 0.0
    if monotonic() < st.session_state.get(_START_UNTIL_S, 0.0):
        press_start(st.session_state[_STARTS])


def settings(live: LiveSession) -> None:
    """The pickers under the video. They act from the next frame on."""
    left, right = st.columns(2)
    with left:
        slug = pick_model()
    with right:
        pick_detector()
    pick_camera(running=_is_running("camera"))
    if slug is None:
        live.refuse("There is no network to read faces with: see below the video.")
        return
    try:
        use_choice(live)
    except MienError as error:
        live.refuse(str(error))
        st.error(f"This network does not load. {error}", icon=":material/broken_image:")


def use_choice(live: LiveSession) -> None:
    """Read with the network and detector that are chosen; builds nothing where they are on.

    Raises:
        MienError: the network does not load.
    """
    slug, detector = st.session_state[MODEL_CHOICE], st.session_state[DETECTOR_CHOICE]
    classifier = caches.networks.classifier(slug)
    live.use(
        # The card stands for the weights, whose hashes it holds; the detector's own name is part
        # of it because YuNet takes Haar's place once its weights have arrived.
        (detector, caches.detectors.detector(detector).name, classifier.card.to_json()),
        lambda: Pipeline(caches.detectors.detector(detector), classifier),
    )
