"""How often what is beside the live video renews itself: no faster than it reaches the browser.

The parts of the page ask for themselves by the clock. Streamlit throws away what a run of a part
has drawn and not yet sent when the next run of that part begins, and sends one message a turn of
the server's loop, which carries the video as well: where that loop is busy, a page that asked twice
a second was seen to show nothing new for half a minute. While a run lasts, requests for the next
add up to one; so a run that waits until it was sent sets the pace, and the clock only the limit.

Nothing is patched; a session's queue and what is asked of a script are read, in Streamlit 1.67.
That a fragment's run clears the queue came with https://github.com/streamlit/streamlit/pull/9381.
"""

from threading import Event
from time import monotonic, sleep

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit_webrtc.eventloop import get_global_event_loop

from fer_core.live.session import Snapshot
from ui.webrtc.private_parts import PrivatePart

RELIES_ON = (
    PrivatePart(
        "streamlit.runtime.app_session:AppSession",
        ("_browser_queue",),
        "streamlit 1.67.0",
        "parts of the Live page wait until they were sent",
    ),
    PrivatePart(
        "streamlit.runtime.scriptrunner_utils.script_requests:ScriptRequests",
        ("_state", "_rerun_data"),
        "streamlit 1.67.0",
        "a click ends the rest of a part of the Live page",
    ),
    PrivatePart(
        "streamlit.runtime.scriptrunner:ScriptRunContext",
        ("script_requests", "fragment_ids_this_run"),
        "streamlit 1.67.0",
        "a click ends the rest of a part of the Live page",
    ),
    PrivatePart(
        "streamlit_webrtc.eventloop",
        ("get_global_event_loop",),
        "streamlit-webrtc 0.79.0",
        "parts of the Live page wait until they were sent",
    ),
)

REST_S = 2.0
"""How much longer a part lasts where the video is not fluent. Where the browser shares the machine
with Mien, redrawing the cards takes a third of a core from the video."""

FLUENT = 20.0
"""Pictures read a second, of the 30 that a camera is asked for. Counted after all that may lack
time: what the browser does not manage to send never arrives, and is not missed here."""

_PATIENCE_S = 2.0
"""What is not sent by then belongs to a browser that has gone."""

_LOOK_S = 0.02
_SLOW_LOOKS = "live_slow_looks"
_LOOKS = 4
"""So many in a row, two seconds and more, have to find it slow: the first frames of a stream wait
for networks to load."""


def wait_until_sent() -> None:
    """Return when what this run has drawn is on its way to the browser, or after two seconds.

    For the end of each part that asks for itself, and of the page around them.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not Runtime.exists():
        return
    session = Runtime.instance().get_app_session(context.session_id)
    # Streamlit's own: a version without it sends as it always did.
    queue = getattr(session, "_browser_queue", None)
    if not isinstance(queue, ForwardMsgQueue):
        return
    end = monotonic() + _PATIENCE_S
    # What a run draws is queued on the loop, in order: this comes after all of it.
    queued = Event()
    get_global_event_loop().call_soon_threadsafe(queued.set)
    queued.wait(_PATIENCE_S)
    while not queue.is_empty() and monotonic() < end:
        sleep(_LOOK_S)


def keep_pace(now: Snapshot) -> None:
    """`wait_until_sent`, and a rest where the video is not fluent, until the stream ends.

    The rest does not end by itself: with the page out of the way the video may well be fluent, and
    the two would take turns for ever.
    """
    wait_until_sent()
    looks = st.session_state.get(_SLOW_LOOKS, 0)
    if looks < _LOOKS:
        looks = looks + 1 if 0 < now.frames_per_second < FLUENT else 0
        st.session_state[_SLOW_LOOKS] = looks
    end = monotonic() + REST_S
    while looks >= _LOOKS and monotonic() < end and not _something_else_asked():
        sleep(_LOOK_S)


def _something_else_asked() -> bool:
    """Whether anything but this run's own parts is waited for: a snapshot, the game's next word."""
    context = get_script_run_ctx(suppress_warning=True)
    # Streamlit's own as well: without them a rest lasts its full time.
    requests = getattr(context, "script_requests", None)
    state = getattr(requests, "_state", None)
    if context is None or state not in (ScriptRequestType.RERUN, ScriptRequestType.STOP):
        return False
    asked = getattr(getattr(requests, "_rerun_data", None), "fragment_id_queue", [])
    return not asked or not set(asked) <= set(context.fragment_ids_this_run or ())


def forget_pace() -> None:
    """The next stream begins at the usual pace."""
    st.session_state.pop(_SLOW_LOOKS, None)
