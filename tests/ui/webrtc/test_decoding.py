"""A decoding thread that falls behind lets go of frames, asks for a whole one, and still ends."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import pytest
from aiortc import rtcrtpreceiver
from aiortc.codecs.vpx import Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from fer_core.synthetic.face import demo_frame
from ui.webrtc import decoding
from ui.webrtc.decoding import LONGEST, BoundedQueue, hold_one_second

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=96)


@pytest.fixture
def unpatched() -> Iterator[None]:
    before = rtcrtpreceiver.decoder_worker
    yield
    rtcrtpreceiver.decoder_worker = before


def sent(count: int) -> queue.Queue[Any]:
    """So many encoded frames and the end, as a receiver puts them."""
    encoder, waiting = Vp8Encoder(), queue.Queue()
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(demo_frame(number / 30), format="rgb24")
        frame.pts, frame.time_base = number * 3000, Fraction(1, 90000)
        data = b"".join(vp8_depayload(payload) for payload in encoder.encode(frame)[0])
        waiting.put((VP8, JitterFrame(data=data, timestamp=number * 3000)))
    waiting.put(None)
    return waiting


def decode(
    waiting: queue.Queue[Any], work: Callable[..., None]
) -> tuple[list[av.VideoFrame], bool]:
    """What a decoding thread makes of them, and whether it asks for a whole picture."""

    async def run() -> tuple[list[av.VideoFrame], bool]:
        decoded: asyncio.Queue[Any] = asyncio.Queue()
        lost = threading.Event()
        loop = asyncio.get_running_loop()
        thread = threading.Thread(target=work, args=(loop, waiting, decoded, lost))
        thread.start()
        frames = []
        while (frame := await asyncio.wait_for(decoded.get(), 20)) is not None:
            frames.append(frame)
        thread.join(5)
        assert not thread.is_alive()
        return frames, lost.is_set()

    return asyncio.run(run())


def test_a_thread_that_keeps_up_decodes_every_frame(unpatched: None) -> None:
    hold_one_second()
    frames, lost = decode(sent(LONGEST), rtcrtpreceiver.decoder_worker)
    assert [frame.pts for frame in frames] == [3000 * number for number in range(LONGEST)]
    assert not lost


def test_a_thread_that_fell_behind_goes_on_with_the_newest(unpatched: None) -> None:
    hold_one_second()
    hold_one_second()
    first, *others = list(sent(2 * LONGEST).queue)[:-1]

    async def run() -> None:
        waiting: queue.Queue[Any] = queue.Queue()
        decoded: asyncio.Queue[Any] = asyncio.Queue()
        lost, loop = threading.Event(), asyncio.get_running_loop()
        thread = threading.Thread(
            target=rtcrtpreceiver.decoder_worker, args=(loop, waiting, decoded, lost)
        )
        thread.start()
        waiting.put(first)
        assert (await asyncio.wait_for(decoded.get(), 20)).pts == 0
        with waiting.mutex:  # all of them while it looks elsewhere
            waiting.queue.extend(others)
            waiting.not_empty.notify()
        newest = await asyncio.wait_for(decoded.get(), 20)
        assert newest.pts == 3000 * len(others)
        assert lost.is_set()
        waiting.put(None)
        assert await asyncio.wait_for(decoded.get(), 20) is None
        thread.join(5)

    asyncio.run(run())


def test_the_end_is_never_let_go() -> None:
    waiting: queue.Queue[Any] = queue.Queue()
    for number in range(3 * LONGEST):
        waiting.put(number)
    waiting.put(None)
    lost = threading.Event()
    assert BoundedQueue(waiting, lost).get() is None
    assert lost.is_set()


def test_without_it_every_frame_is_held() -> None:
    """What aiortc does by itself; once this fails, the module can go."""
    assert decoding._decode_all.__module__ == rtcrtpreceiver.__name__
    frames, _ = decode(sent(LONGEST + 10), decoding._decode_all)
    assert len(frames) == LONGEST + 10
