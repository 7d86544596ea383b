"""The relays between what is read of a video and what is sent: ended with it, and never lagging.

Patched and read, in aiortc 1.16 and streamlit-webrtc 0.79:

- `SourceOutput` ends the relays and the processing thread behind a source track of ours, which
  streamlit-webrtc leaves running (no issue of its was found; it does end those of a camera).
- `keep_newest` overrides the queue of one `RelayStreamTrack`, which aiortc leaves without a bound
  (https://github.com/aiortc/aiortc/issues/1091, open; its relays without a queue,
  https://github.com/aiortc/aiortc/pull/498, are for who subscribes, which is streamlit-webrtc).
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.contrib.media import RelayStreamTrack
from streamlit_webrtc import WebRtcStreamerContext
from streamlit_webrtc.eventloop import get_global_event_loop
from streamlit_webrtc.webrtc import WebRtcWorker

from ui.webrtc.private_parts import PrivatePart

RELIES_ON = (
    PrivatePart(
        "aiortc.contrib.media:RelayStreamTrack",
        ("_source", "_queue"),
        "aiortc 1.16.0",
        "relays end with their source, and hold the newest frame only",
    ),
    PrivatePart(
        "streamlit_webrtc.process:AsyncVideoProcessTrack",
        ("track",),
        "streamlit-webrtc 0.79.0",
        "the thread that reads the demo ends with it",
    ),
    PrivatePart(
        "streamlit_webrtc:WebRtcStreamerContext",
        ("_get_worker",),
        "streamlit-webrtc 0.79.0",
        "the relay to the browser holds the newest frame only",
    ),
    PrivatePart(
        "streamlit_webrtc.webrtc:WebRtcWorker",
        ("pc",),
        "streamlit-webrtc 0.79.0",
        "the relay to the browser holds the newest frame only",
    ),
)


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

        # asyncio made it to be overridden, in a class; but somebody may wait on this very queue.
        queue._put = put  # type: ignore[method-assign, assignment]


def keep_newest_sent(stream: WebRtcStreamerContext[Any, Any]) -> None:
    """`keep_newest` for what a stream sends to the browser; nothing before it is connected."""
    # The library's own: a version without it sends as it always did.
    worker = getattr(stream, "_get_worker", lambda: None)()
    for sender in worker.pc.getSenders() if isinstance(worker, WebRtcWorker) else ():
        if isinstance(sender.track, RelayStreamTrack):
            keep_newest(sender.track)
