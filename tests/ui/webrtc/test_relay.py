"""What a stream leaves behind: no thread, no relay that waits, no frame but the newest."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from time import monotonic, sleep

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError
from streamlit_webrtc.models import CallbackAttachableProcessor
from streamlit_webrtc.process import AsyncVideoProcessTrack
from streamlit_webrtc.source import VideoSourceTrack

from ui.webrtc import relay
from ui.webrtc.relay import SourceOutput, keep_newest


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread, as the server's does."""
    running = asyncio.new_event_loop()
    thread = threading.Thread(target=running.run_forever)
    thread.start()
    monkeypatch.setattr(relay, "get_global_event_loop", lambda: running)
    yield running
    running.call_soon_threadsafe(running.stop)
    thread.join(5)
    running.close()


def picture(pts: int, time_base: Fraction) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")


def wait_for(what: Callable[[], object]) -> None:
    end = monotonic() + 20
    while not what():
        assert monotonic() < end
        sleep(0.01)


def waiting(loop: asyncio.AbstractEventLoop) -> int:
    """Tasks of the loop that are not done."""
    return len([task for task in asyncio.all_tasks(loop) if not task.done()])


def test_the_relays_of_a_source_end_with_it(loop: asyncio.AbstractEventLoop) -> None:
    relay, source = MediaRelay(), VideoSourceTrack(picture, fps=100)
    # As the library builds it for a page that only receives.
    relayed = relay.subscribe(source)
    processor = CallbackAttachableProcessor(lambda frame: frame, None, None)
    processed = AsyncVideoProcessTrack(track=relay.subscribe(relayed), processor=processor)
    sent = relay.subscribe(processed)
    output = SourceOutput(processed)
    assert len(output.relays) == 2
    threads = threading.active_count()
    for _ in range(3):
        asyncio.run_coroutine_threadsafe(sent.recv(), loop).result(5)
    assert waiting(loop) == 3
    assert threading.active_count() == threads + 1
    # As the library ends it.
    for track in (sent, relayed, source):
        loop.call_soon_threadsafe(track.stop)
    output.end()
    wait_for(lambda: waiting(loop) == 0)
    assert threading.active_count() == threads


def test_a_source_that_nobody_asked_for_a_frame_ends_too(loop: asyncio.AbstractEventLoop) -> None:
    relay = MediaRelay()
    processor = CallbackAttachableProcessor(lambda frame: frame, None, None)
    source = VideoSourceTrack(picture, fps=30)
    processed = AsyncVideoProcessTrack(track=relay.subscribe(source), processor=processor)
    SourceOutput(processed).end()
    assert processed.readyState == "ended"


class Numbered(MediaStreamTrack):
    """Frames that come by themselves, each with its number as its time stamp."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.came = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0.002)
        if self.readyState != "live":
            raise MediaStreamError
        self.came += 1
        frame = picture(0, Fraction(1))
        frame.pts, frame.time_base = self.came, Fraction(1, 500)
        return frame


def test_a_slow_receiver_gets_the_newest_frame_and_keeps_no_others(
    loop: asyncio.AbstractEventLoop,
) -> None:
    source = Numbered()
    sent = MediaRelay().subscribe(source)
    keep_newest(sent)

    async def receive() -> tuple[int, int]:
        return (await sent.recv()).pts, source.came

    def received() -> tuple[int, int]:
        return asyncio.run_coroutine_threadsafe(receive(), loop).result(5)

    number, came = received()
    wait_for(lambda: source.came > came + 30)
    number, came = received()
    assert number >= came - 1
    number, came = received()
    assert number >= came - 1  # and none of the thirty behind it
    loop.call_soon_threadsafe(source.stop)
    wait_for(lambda: waiting(loop) == 0)


def test_a_frame_that_is_given_again_is_sent_once(loop: asyncio.AbstractEventLoop) -> None:
    processed = 0

    def slow(frame: av.VideoFrame) -> av.VideoFrame:
        nonlocal processed
        sleep(0.03)
        processed += 1
        return picture(0, frame.time_base)

    source = Numbered()
    processor = CallbackAttachableProcessor(slow, None, None)
    track = AsyncVideoProcessTrack(track=source, processor=processor)
    sent = MediaRelay().subscribe(track)
    keep_newest(sent)

    async def receive(n: int) -> list[av.VideoFrame]:
        return [await sent.recv() for _ in range(n)]

    # Until the first is read, the library passes frames through as they came.
    while not processed:
        asyncio.run_coroutine_threadsafe(receive(1), loop).result(5)
    before = processed
    frames = asyncio.run_coroutine_threadsafe(receive(8), loop).result(10)
    assert len({id(frame) for frame in frames}) == len(frames)
    assert processed - before >= len(frames) - 2
    loop.call_soon_threadsafe(source.stop)
    wait_for(lambda: waiting(loop) == 0)
