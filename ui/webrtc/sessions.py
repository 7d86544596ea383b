"""Sessions of closed tabs end when their time is over, with all that they hold.

Streamlit keeps a session for two minutes, for a tab that comes back, and then only forgets it: it
ends when another tab has been closed since, and when the garbage collector finds it. Until then
each holds its uploads, its results and an event loop, which is three file descriptors. Here they
are ended as if they had been closed. Read, in Streamlit 1.67: the store of sessions whose tab has
gone. Upstream: https://github.com/streamlit/streamlit/issues/12506 (closed; its pull request,
https://github.com/streamlit/streamlit/pull/12521, was not merged).
"""

from contextlib import suppress
from functools import cache
from threading import Thread
from time import sleep

from streamlit.runtime import Runtime
from streamlit.runtime.caching.ttl_cache import TTLCache

from ui.webrtc.memory import release_memory_soon
from ui.webrtc.private_parts import PrivatePart

_BRINGS = "what visitors uploaded and read goes with their tab"
RELIES_ON = (
    PrivatePart(
        "streamlit.runtime:Runtime",
        ("_session_mgr", "_get_async_objs"),
        "streamlit 1.67.0",
        _BRINGS,
    ),
    PrivatePart(
        "streamlit.runtime.websocket_session_manager:WebsocketSessionManager",
        ("_session_storage",),
        "streamlit 1.67.0",
        _BRINGS,
    ),
    PrivatePart(
        "streamlit.runtime.memory_session_storage:MemorySessionStorage",
        ("_cache",),
        "streamlit 1.67.0",
        _BRINGS,
    ),
    PrivatePart(
        "streamlit.runtime.app_session:AppSession",
        ("shutdown", "session_state"),
        "streamlit 1.67.0",
        _BRINGS,
    ),
)

LOOK_S = 15.0
"""How often it is asked whose time is over."""


def end_closed_sessions() -> None:
    """From now on, as long as the server runs; again is harmless, and so is being no server."""
    if Runtime.exists():
        _attend(Runtime.instance())


@cache
def _attend(runtime: Runtime) -> None:
    Thread(target=_look, args=(runtime,), name="closed sessions", daemon=True).start()


def _look(runtime: Runtime) -> None:
    with suppress(AttributeError, RuntimeError):  # another Streamlit; the server has ended
        loop = runtime._get_async_objs().eventloop
        while True:
            sleep(LOOK_S)
            # Where sessions come and go: the store is not made for several threads.
            loop.call_soon_threadsafe(_end_expired, runtime)


def _end_expired(runtime: Runtime) -> None:
    """End the sessions whose time is over."""
    storage = getattr(runtime._session_mgr, "_session_storage", None)
    waiting = getattr(storage, "_cache", None)
    expired = waiting.expire() if isinstance(waiting, TTLCache) else []
    for _, stored in expired:
        stored.session.shutdown()
        # The session itself is a knot that may stay for long; what it held need not.
        stored.session.session_state.clear()
    if expired:
        release_memory_soon()
