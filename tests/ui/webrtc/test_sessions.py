"""A closed tab's session ends, and what it held is free, though nobody closes another one."""

import asyncio
import threading
import weakref
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.state import SessionState

from ui.webrtc import sessions


class Session:
    """As much of Streamlit's as is asked of it."""

    def __init__(self, name: str) -> None:
        self.id = name
        self.ended_on: threading.Thread | None = None
        self.session_state = SessionState()

    def shutdown(self) -> None:
        self.ended_on = threading.current_thread()


class Server:
    """As much of Streamlit's runtime as is asked of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, storage: MemorySessionStorage) -> None:
        self._session_mgr = SimpleNamespace(_session_storage=storage)
        self._loop = loop

    def _get_async_objs(self) -> SimpleNamespace:
        return SimpleNamespace(eventloop=self._loop)


class Picture:
    """Something large that a visitor uploaded."""


@pytest.fixture
def loop() -> Iterator[tuple[asyncio.AbstractEventLoop, threading.Thread]]:
    running = asyncio.new_event_loop()
    thread = threading.Thread(target=running.run_forever, daemon=True)
    thread.start()
    yield running, thread
    running.call_soon_threadsafe(running.stop)
    thread.join(5)
    running.close()


def wait_for(what: Callable[[], object]) -> None:
    end = monotonic() + 10
    while not what():
        assert monotonic() < end
        sleep(0.01)


def test_sessions_end_when_their_time_is_over_and_not_before(
    loop: tuple[asyncio.AbstractEventLoop, threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, thread = loop
    storage = MemorySessionStorage(ttl_seconds=1)
    server = Server(running, storage)
    monkeypatch.setattr(sessions, "LOOK_S", 0.05)
    monkeypatch.setattr(sessions.Runtime, "exists", lambda: True)
    monkeypatch.setattr(sessions.Runtime, "instance", lambda: server)
    session, picture = Session("gone"), Picture()
    session.session_state["upload"] = picture
    kept = weakref.ref(picture)
    del picture
    storage.save(SimpleNamespace(session=session))  # type: ignore[arg-type]
    sessions.end_closed_sessions()
    sleep(0.4)
    assert session.ended_on is None  # the tab may come back
    assert kept() is not None
    wait_for(lambda: session.ended_on)
    assert session.ended_on is thread
    wait_for(lambda: kept() is None)
