"""Freeing what the video libraries leave behind when a stream ends.

Without it each START costs some megabytes for good; `benchmarks.soak` measures it.
"""

import asyncio
import ctypes
import gc
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from aiortc import MediaStreamTrack
from aiortc.contrib.media import RelayStreamTrack
from streamlit_webrtc import WebRtcStreamerContext as Stream
from streamlit_webrtc.eventloop import get_global_event_loop
from streamlit_webrtc.webrtc import WebRtcWorker

_AFTER_S = 1.0
"""The libraries close the connection within this; their objects are garbage only then."""

_soon = threading.Lock()

_LIBC = "libc.so.6"
_M_ARENA_MAX = -8
_POOLS = 2
"""By default glibc gives every thread a pool of its own, up to eight a core. Video threads come and
go with each stream, and a few blocks in use keep each pool's megabytes: with two, a hundred
streams cost no more than the first. Pools that are there already stay, so `make run` and
`python -m fer_core live` say it earlier, with ``MALLOC_ARENA_MAX``."""


def _relays(output: MediaStreamTrack) -> list[RelayStreamTrack]:
    """The relays that a processed track reads through, its own one first."""
    found = []
    track = getattr(output, "track", None)
    while isinstance(track, RelayStreamTrack):
        found.append(track)
        track = track._source
    return found


@dataclass(slots=True, eq=False)
class SourceOutput:
    """What the library makes of a source track of ours: relays, and a track with a thread.

    It ends them when a camera's track ends, but not when a track of ours does: the thread would go
    on with its detector, and each relay would wait for ever for a frame of the one before it, with
    the last frames in its hands.
    """

    track: MediaStreamTrack
    relays: list[RelayStreamTrack] = field(init=False)
    loop: asyncio.AbstractEventLoop = field(init=False)

    def __post_init__(self) -> None:
        # Stopped relays no longer know their source, so they are looked up while all is well.
        self.relays = _relays(self.track)
        self.loop = get_global_event_loop()

    def end(self) -> None:
        """Stop the thread, and tell the relays that no frame will come. From any thread."""
        with suppress(AttributeError):  # raised by a track of which no frame was ever asked
            self.track.stop()
        for relay in self.relays:
            if relay._queue is not None:
                with suppress(RuntimeError):  # the server has ended, and its loop with it
                    self.loop.call_soon_threadsafe(relay._queue.put_nowait, None)


def keep_newest(relay: RelayStreamTrack) -> None:
    """Let a relay hold one frame, the newest, and pass each frame on once.

    Its queue has no bound of its own: where a machine encodes more slowly than frames come, the
    video would lag further and further behind, with every frame in memory. And the library gives
    the last frame again for each that came while none was read: encoding, sending and showing the
    same picture several times took a slow machine's time from reading the next.
    """
    queue = relay._queue
    if queue is not None:
        held = queue._queue  # type: ignore[attr-defined]
        newest: list[object] = []

        def put(frame: object) -> None:
            if newest and newest[0] is frame:
                return  # who waits for a frame goes on waiting
            newest[:] = [frame]
            held.clear()
            held.append(frame)

        queue._put = put  # type: ignore[attr-defined]  # which asyncio made to be overridden


def keep_newest_sent(stream: Stream) -> None:
    """`keep_newest` for what a stream sends to the browser; nothing before it is connected."""
    # The library's own: a version without it sends as it always did.
    worker = getattr(stream, "_get_worker", lambda: None)()
    for sender in worker.pc.getSenders() if isinstance(worker, WebRtcWorker) else ():
        if isinstance(sender.track, RelayStreamTrack):
            keep_newest(sender.track)


def _limit_pools() -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(_LIBC).mallopt(_M_ARENA_MAX, _POOLS)


def release_memory() -> None:
    """Collect garbage and give what is free back to the system.

    A connection is a knot of objects that refer to each other, and Streamlit's own collection is
    off for the sake of the video. What is freed lies between what is not: only asked does glibc
    give it back.
    """
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(_LIBC).malloc_trim(0)


def release_memory_soon() -> None:
    """`release_memory` in a moment, on a thread of its own; once for several streams that end."""
    if not _soon.acquire(blocking=False):
        return

    def release() -> None:
        _soon.release()
        release_memory()

    timer = threading.Timer(_AFTER_S, release)
    timer.daemon = True
    timer.start()


# On import, before the first stream brings its threads.
_limit_pools()
