"""Recording a stretch of a live stream as readings."""

import threading
from collections.abc import Callable
from time import monotonic

from fer_core.live.sampling import Sampling
from fer_core.pipeline.camera_table import now_here
from fer_core.pipeline.recording import Marker, Recording
from fer_core.pipeline.recording_rows import RecordingRows
from fer_core.pipeline.stream import StreamFrame

READINGS_A_SECOND = 10.0
"""Steps of 0.1 s: dwell times are of half a second and more."""

MOST_READINGS = 120_000
"""One face, or nobody, for over three hours, or six faces for half an hour; some 25 MB. Then
recording ends."""


class Recorder:
    """Makes a `Recording` of a stream; an `Observer`. Off at first."""

    def __init__(
        self, clock: Callable[[], float] = monotonic, now: Callable[[], str] = now_here
    ) -> None:
        """Nothing runs; ``clock`` must be the session's, ``now`` tells the time of day."""
        self._clock, self._now = clock, now
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._recording: Recording | None = None

    def start(self) -> None:
        """From now on, keep readings.

        Nothing happens while a recording runs, or while there is one in `recording`, which is kept
        until `discard`.
        """
        with self._lock:
            if self._running is None and self._recording is None:
                self._running = _Running(self._clock(), self._now())

    def mark(self, label: str = "") -> None:
        """Mark this moment of the recording that runs; without a word it gets its number."""
        with self._lock:
            if self._running is not None:
                self._running.mark(self._clock(), label)

    def stop(self) -> None:
        """End the recording that runs; `recording` has it."""
        with self._lock:
            self._stop(self._clock())

    def discard(self) -> None:
        """Forget what was recorded."""
        with self._lock:
            self._recording = None

    @property
    def recording(self) -> Recording | None:
        """The last one that ended, until `discard`."""
        with self._lock:
            return self._recording

    @property
    def running_s(self) -> float | None:
        """How long a recording runs; None where none does."""
        with self._lock:
            return None if self._running is None else self._clock() - self._running.started_s

    @property
    def markers(self) -> int:
        """How many moments of the recording that runs are marked."""
        with self._lock:
            return 0 if self._running is None else len(self._running.marked)

    def on_frame(self, frame: StreamFrame) -> None:
        """Keep the readings of a frame, some `READINGS_A_SECOND`."""
        with self._lock:
            if self._running is not None and self._running.add(frame):
                self._stop(frame.time_s)

    def on_end(self) -> None:
        """The stream ended, and the recording with it; it is kept: the person asked for it."""
        self.stop()

    def _stop(self, time_s: float) -> None:
        if self._running is not None:
            self._recording, self._running = self._running.recording(time_s), None


class _Running:
    """A recording that goes on."""

    def __init__(self, started_s: float, recorded_at: str) -> None:
        self.started_s = started_s
        self._sampling = Sampling(READINGS_A_SECOND)
        self._rows = RecordingRows(MOST_READINGS, recorded_at)
        self.marked: list[Marker] = []

    def add(self, frame: StreamFrame) -> bool:
        """Take in a frame; whether this is the end, because no more can be held."""
        # One that came before the start was being read then.
        if frame.time_s >= self.started_s and self._sampling.takes(frame.time_s):
            self._rows.add(frame.time_s - self.started_s, frame)
        return self._rows.full

    def mark(self, time_s: float, label: str) -> None:
        words = " ".join(label.split())[:60] or f"marker {len(self.marked) + 1}"
        self.marked.append(Marker(time_s - self.started_s, words))

    def recording(self, time_s: float) -> Recording:
        return self._rows.recording(
            time_s - self.started_s, step_s=1 / READINGS_A_SECOND, markers=self.marked
        )
