"""Who follows a live stream: last minute, recorder, neutral face, arena, game."""

from typing import Protocol

from fer_core.pipeline.stream import StreamFrame


class Observer(Protocol):
    """Follows a stream. Told on the video thread, asked on the page's: it locks for itself."""

    def on_frame(self, frame: StreamFrame) -> None:
        """The next frame that was read; must return within a millisecond, the video waits."""

    def on_end(self) -> None:
        """The stream ended; track ids of the next one begin with 1 again."""
