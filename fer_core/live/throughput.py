"""How many frames of a live stream come and are read, and what each stage takes."""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

import numpy as np

WINDOW_S = 2.0
"""Rates and medians are of this much past."""

STAGES = ("decode", "detect", "crop", "classify", "smooth", "draw", "encode")
"""What happens to a frame, in this order."""


class Throughput:
    """Told on the video thread, asked on the page's."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin without a frame; ``clock`` gives seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._read: deque[tuple[float, dict[str, float]]] = deque(maxlen=240)
        self._arrived: deque[tuple[float, int]] = deque(maxlen=240)

    def on_arrival(self, frames: int) -> None:
        """So many frames came since the last call; all but the newest are left unread."""
        with self._lock:
            self._arrived.append((self._clock(), frames))

    def on_read(self, milliseconds: dict[str, float]) -> None:
        """A frame was read and is on its way back; ``milliseconds`` of each of `STAGES`."""
        with self._lock:
            self._read.append((self._clock(), milliseconds))

    def clear(self) -> None:
        """The stream ended: forget it."""
        with self._lock:
            self._read.clear()
            self._arrived.clear()

    @property
    def newest(self) -> dict[str, float]:
        """Milliseconds of each stage of the newest frame; none before the first."""
        with self._lock:
            return self._read[-1][1] if self._read else {}

    @property
    def frames_per_second(self) -> float:
        """Frames read a second, over the last `WINDOW_S`."""
        times = [time_s for time_s, _ in self._recently_read()]
        # Between the first and the last of n frames lie n - 1 intervals.
        span = times[-1] - times[0] if len(times) > 1 else 0.0
        return (len(times) - 1) / span if span > 0 else 0.0

    @property
    def arriving_per_second(self) -> float:
        """Frames that came a second, over the last `WINDOW_S`; 0 until it is over once."""
        with self._lock:
            now_s, arrived = self._clock(), list(self._arrived)
        if not arrived or now_s - arrived[0][0] < WINDOW_S:
            return 0.0
        recent = [(time_s, frames) for time_s, frames in arrived if now_s - time_s <= WINDOW_S]
        if len(recent) < 2:
            return 0.0
        # The first ones came before the first moment.
        return sum(frames for _, frames in recent[1:]) / (recent[-1][0] - recent[0][0])

    @property
    def milliseconds(self) -> dict[str, float]:
        """Median of each of `STAGES` over the last `WINDOW_S`; none without a frame."""
        recent = [stages for _, stages in self._recently_read()]
        return {
            stage: float(np.median([stages[stage] for stages in recent if stage in stages]))
            for stage in STAGES
            if any(stage in stages for stages in recent)
        }

    def _recently_read(self) -> list[tuple[float, dict[str, float]]]:
        with self._lock:
            now_s = self._clock()
            return [row for row in self._read if now_s - row[0] <= WINDOW_S]
