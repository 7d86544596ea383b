"""What each face of a live stream showed lately: a ring of readings, a few a second."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError
from fer_core.live.sampling import Sampling
from fer_core.pipeline.stream import StreamFrame

SPAN_S = 60.0
SAMPLES_A_SECOND = 3.0
"""An expression lasts half a second and more; every frame of the video would be ten times the
points to send to the browser, and no more to see."""

FACES_KEPT = 8
"""Faces of a frame that are kept, the largest ones: a full room must not fill the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """One face's last readings, the oldest first.

    Attributes:
        seconds: (m,) float32, when each was taken, relative to now: -60 to 0.
        probabilities: (m, 7) float32, in the order of `Emotion`. A row of NaN stands where the face
            was not seen, so that a line drawn through them has a gap and invents nothing.

    Raises:
        ContractError: on construction, where the arrays do not belong together.
    """

    seconds: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        expected = (len(self.seconds), len(LABELS))
        if self.seconds.ndim != 1 or self.probabilities.shape != expected:
            raise ContractError(
                "each reading needs one time and seven probabilities",
                where="Past",
                expected=f"(m,) and (m, {len(LABELS)})",
                received=f"{self.seconds.shape} and {self.probabilities.shape}",
            )

    def __len__(self) -> int:
        return len(self.seconds)

    @classmethod
    def none(cls) -> "Past":
        """No reading: (0,) and (0, 7)."""
        return cls(np.empty(0, np.float32), np.empty((0, len(LABELS)), np.float32))


class FaceHistory:
    """A ring of what faces showed over `SPAN_S`; an `Observer`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin empty; ``clock`` must be the session's."""
        self._clock = clock
        self._lock = threading.Lock()
        length = round(SPAN_S * SAMPLES_A_SECOND) + 1
        self._samples: deque[_Sample] = deque(maxlen=length)
        self._sampling = Sampling(SAMPLES_A_SECOND)

    def on_frame(self, frame: StreamFrame) -> None:
        """Keep what is shown of the largest faces; most frames are left out."""
        with self._lock:
            if self._sampling.takes(frame.time_s):
                shown = frame.shown
                self._samples.append(
                    _Sample(
                        frame.time_s,
                        shown.track_ids[:FACES_KEPT],
                        shown.predictions.probabilities[:FACES_KEPT],
                    )
                )

    def on_end(self) -> None:
        """Forget everything."""
        with self._lock:
            self._samples.clear()
            self._sampling = Sampling(SAMPLES_A_SECOND)

    def tracks(self) -> tuple[int, ...]:
        """Track ids of the faces seen within the span, the one with the most readings first."""
        _, samples = self._lately()
        seen = Counter(track_id for sample in samples for track_id in sample.track_ids)
        return tuple(sorted(seen, key=lambda track_id: (-seen[track_id], track_id)))

    def past(self, track_id: int) -> Past:
        """One face's readings within the span; empty for a face that was not seen in it."""
        now_s, samples = self._lately()
        absent = np.full(len(LABELS), np.nan, np.float32)
        seen = [track_id in sample.track_ids for sample in samples]
        if not any(seen):
            return Past.none()
        since = samples[seen.index(True) :]  # before that it had not come yet
        return Past(
            np.array([sample.time_s - now_s for sample in since], np.float32),
            np.stack([sample.row_of(track_id, absent) for sample in since]),
        )

    def _lately(self) -> tuple[float, list["_Sample"]]:
        with self._lock:
            now_s = self._clock()
            return now_s, [sample for sample in self._samples if now_s - sample.time_s <= SPAN_S]


class _Sample(NamedTuple):
    """What n faces of one frame showed."""

    time_s: float
    track_ids: tuple[int, ...]
    probabilities: NDArray[np.float32]

    def row_of(self, track_id: int, absent: NDArray[np.float32]) -> NDArray[np.float32]:
        """(7,) of one face; ``absent`` where it was not seen."""
        if track_id not in self.track_ids:
            return absent
        row: NDArray[np.float32] = self.probabilities[self.track_ids.index(track_id)]
        return row
