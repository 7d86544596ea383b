"""Frames that a browser sent and nobody has decoded yet: at most a second of them is held.

aiortc hands them to its decoding thread by a queue without a bound. Where that thread gets too
little of a machine, the video would lag further and further behind, with every frame in memory. So
that thread is given a queue that lets go of what has become too old, and asks the browser for a
whole picture, as aiortc does where packets were lost; until it is there, a tenth of a second, the
picture may smear. Checked with aiortc 1.16; its issue on queues without a bound is
https://github.com/aiortc/aiortc/issues/1091 (open).
"""

import asyncio
import queue
import threading
from typing import Any

from aiortc import rtcrtpreceiver

from ui.webrtc.private_parts import PrivatePart

RELIES_ON = (
    # Looked up in its module when a stream begins, which is why replacing it works.
    PrivatePart(
        "aiortc.rtcrtpreceiver",
        ("decoder_worker",),
        "aiortc 1.16.0",
        "at most a second of undecoded frames is held",
    ),
)

LONGEST = 30
"""Frames that wait to be decoded: a second of a camera's."""

_decode_all = rtcrtpreceiver.decoder_worker


class BoundedQueue:
    """A queue as the decoding thread reads it: what waits behind `LONGEST` others is the next."""

    def __init__(self, waiting: queue.Queue[Any], frames_lost: threading.Event) -> None:
        """Read from ``waiting``, and set ``frames_lost`` when something was let go."""
        self._waiting, self._frames_lost = waiting, frames_lost

    def get(self) -> Any:
        """The next frame, or None at the end of the stream; waits for it."""
        task = self._waiting.get()
        if self._waiting.qsize() > LONGEST:
            while task is not None and self._waiting.qsize():
                task = self._waiting.get()
            self._frames_lost.set()
        return task


def _decode_newest(
    loop: asyncio.AbstractEventLoop,
    input_q: queue.Queue[Any],
    output_q: "asyncio.Queue[Any]",
    decode_error: threading.Event,
) -> None:
    """aiortc's decoding thread, with a bounded queue."""
    bounded: Any = BoundedQueue(input_q, decode_error)
    _decode_all(loop, bounded, output_q, decode_error)


def hold_one_second() -> None:
    """For all connections of this process from now on; again is harmless."""
    rtcrtpreceiver.decoder_worker = _decode_newest
