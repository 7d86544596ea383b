"""What a stream leaves behind: no thread, no relay that waits, no frame but the newest."""

import asyncio
import threading
from collections.abc import Iterator
from fractions import Fraction
from time import monotonic, sleep

import av
import numpy as np
import pytest
from aiortc.contrib.media import MediaRelay
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
    end = monotonic() + 5
    while waiting(loop) and monotonic() < end:
        sleep(0.02)
    assert waiting(loop) == 0
    assert threading.active_count() == threads


def test_a_source_that_nobody_asked_for_a_frame_ends_too(loop: asyncio.AbstractEventLoop) -> None:
    relay = MediaRelay()
    processor = CallbackAttachableProcessor(lambda frame: frame, None, None)
    source = VideoSourceTrack(picture, fps=30)
    processed = AsyncVideoProcessTrack(track=relay.subscribe(source), processor=processor)
    SourceOutput(processed).end()
    assert processed.readyState == "ended"


def test_a_slow_receiver_gets_the_newest_frame_and_keeps_no_others(
    loop: asyncio.AbstractEventLoop,
) -> None:
    relay, source = MediaRelay(), VideoSourceTrack(picture, fps=100)
    sent = relay.subscribe(source)
    keep_newest(sent)
    first = asyncio.run_coroutine_threadsafe(sent.recv(), loop).result(5)
    sleep(0.3)  # thirty frames come meanwhile
    assert sent._queue.qsize() == 1
    later = asyncio.run_coroutine_threadsafe(sent.recv(), loop).result(5)
    assert (later.pts - first.pts) * later.time_base > 0.2
    loop.call_soon_threadsafe(source.stop)
    end = monotonic() + 5
    while waiting(loop) and monotonic() < end:
        sleep(0.02)
    assert waiting(loop) == 0


def test_a_frame_that_is_given_again_is_sent_once(loop: asyncio.AbstractEventLoop) -> None:
    def slow(frame: av.VideoFrame) -> av.VideoFrame:
        sleep(0.1)
        return picture(0, frame.time_base)

    relay, source = MediaRelay(), VideoSourceTrack(picture, fps=100)
    processor = CallbackAttachableProcessor(slow, None, None)
    processed = AsyncVideoProcessTrack(track=source, processor=processor)
    sent = relay.subscribe(processed)
    keep_newest(sent)

    async def receive(seconds: float) -> list[av.VideoFrame]:
        frames, end = [], monotonic() + seconds
        while monotonic() < end:
            frames.append(await sent.recv())
        return frames

    # Until the first is read, the library passes frames through as they came.
    asyncio.run_coroutine_threadsafe(receive(0.3), loop).result(5)
    frames = asyncio.run_coroutine_threadsafe(receive(1.0), loop).result(5)
    assert 3 <= len(frames) <= 11
    assert len({id(frame) for frame in frames}) == len(frames)
    loop.call_soon_threadsafe(source.stop)
    end = monotonic() + 5
    while waiting(loop) and monotonic() < end:
        sleep(0.02)
    assert waiting(loop) == 0
