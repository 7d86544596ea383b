"""The parts beside the video ask for themselves no faster than they are sent."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from time import monotonic, sleep
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.testing.v1 import AppTest

from ui.live import video as live
from ui.live.video import DemoSource
from ui.webrtc import pacing


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForwardMsgQueue]:
    """What a session has drawn and not yet sent, with a loop and a runtime as in a server."""
    held = ForwardMsgQueue()
    session = SimpleNamespace(_browser_queue=held)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runtime = SimpleNamespace(get_app_session=lambda name: {"mine": session}.get(name))
    monkeypatch.setattr(pacing.Runtime, "exists", lambda: True)
    monkeypatch.setattr(pacing.Runtime, "instance", lambda: runtime)
    monkeypatch.setattr(pacing, "get_global_event_loop", lambda: loop)
    monkeypatch.setattr(
        pacing, "get_script_run_ctx", lambda **_: SimpleNamespace(session_id="mine")
    )
    yield held
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.at: dict[float, Callable[[], object]] = {}
        monkeypatch.setattr(pacing, "monotonic", lambda: self.now)
        monkeypatch.setattr(pacing, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for moment in [moment for moment in self.at if moment <= self.now]:
            self.at.pop(moment)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_run_lasts_until_it_was_sent(queue: ForwardMsgQueue, clock: Clock) -> None:
    pacing.wait_until_sent()
    assert clock.now == 0
    queue.enqueue(ForwardMsg())
    clock.at[0.3] = queue.clear
    pacing.wait_until_sent()
    assert clock.now == pytest.approx(0.3, abs=0.05)


def test_a_browser_that_has_gone_is_not_waited_for(queue: ForwardMsgQueue, clock: Clock) -> None:
    queue.enqueue(ForwardMsg())
    pacing.wait_until_sent()
    assert clock.now == pytest.approx(2.0, abs=0.05)


def paced() -> None:
    import streamlit as st

    from fer_core.live.session import Snapshot
    from ui.webrtc.pacing import forget_pace, keep_pace

    if st.session_state["read"]:
        keep_pace(Snapshot(frames_per_second=st.session_state["read"]))
    else:
        forget_pace()


@pytest.fixture
def rests(clock: Clock) -> Callable[[float], bool]:
    """Runs the page's part with so many frames read a second; whether it took a rest."""
    page = AppTest.from_function(paced)

    def run(read: float) -> bool:
        before = clock.now
        page.session_state["read"] = read
        page.run()
        assert not page.exception
        return clock.now - before == pytest.approx(pacing.REST_S, abs=0.05)

    return run


def test_a_video_that_is_not_fluent_slows_the_page_until_it_ends(
    rests: Callable[[float], bool],
) -> None:
    assert not rests(29.0)
    assert [rests(10.0) for _ in range(3)] == [False] * 3
    assert not rests(29.0)  # it was for a moment only
    assert [rests(10.0) for _ in range(4)] == [False, False, False, True]
    assert rests(29.0)  # which may well be because the page stepped back
    assert not rests(0.0)
    assert not rests(29.0)


def test_a_rest_ends_where_something_else_is_asked_for(
    rests: Callable[[float], bool], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [rests(10.0) for _ in range(4)][-1]
    requests = ScriptRequests()
    context = SimpleNamespace(
        script_requests=requests, fragment_ids_this_run=["cards"], session_id="mine"
    )
    monkeypatch.setattr(pacing, "get_script_run_ctx", lambda **_: context)
    assert rests(10.0)
    requests.request_rerun(RerunData(fragment_id="cards"))
    assert rests(10.0)  # that is what it rests from
    clock.at[clock.now + 0.5] = lambda: requests.request_rerun(RerunData(fragment_id="snapshot"))
    assert not rests(10.0)
    requests.request_rerun(RerunData())
    assert not rests(10.0)
    requests.request_stop()
    assert not rests(10.0)


def test_the_demo_is_drawn_beside_the_loop_that_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn_at: list[float] = []
    may_draw = threading.Event()

    def slowly(time_s: float) -> np.ndarray:
        if time_s:
            assert threading.current_thread() is not threading.main_thread()
            may_draw.wait(5)
        drawn_at.append(time_s)
        return np.full((4, 4, 3), len(drawn_at), np.uint8)

    monkeypatch.setattr(live, "demo_frame", slowly)
    source, clock = DemoSource(), Fraction(1, 90000)

    def shown(pts: int) -> int:
        return int(source(pts, clock).to_ndarray(format="rgb24")[0, 0, 0])

    assert [shown(3000), shown(6000)] == [1, 1]  # the next one is still being drawn
    may_draw.set()
    end = monotonic() + 5
    while shown(9000) == 1 and monotonic() < end:
        sleep(0.01)
    assert shown(12000) >= 2
    assert drawn_at[:2] == pytest.approx([0.0, 3000 / 90000])
