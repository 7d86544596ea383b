"""What each face of a live stream showed lately: a ring of readings, a few a second."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError

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


class LastMinute:
    """A ring of readings over `SPAN_S`. Not thread-safe: `LiveSession` holds its lock around it."""

    def __init__(self) -> None:
        """Begin empty."""
        length = round(SPAN_S * SAMPLES_A_SECOND) + 1
        self._samples: deque[tuple[float, tuple[int, ...], NDArray[np.float32]]] = deque(
            maxlen=length
        )
        self._due = -float("inf")

    def add(
        self, time_s: float, track_ids: tuple[int, ...], probabilities: NDArray[np.float32]
    ) -> None:
        """Take in a frame; most are left out, see `SAMPLES_A_SECOND`.

        Args:
            time_s: of the frame, on a clock that only goes forward.
            track_ids: of its n faces, the largest face first; n may be 0.
            probabilities: (n, 7) float32; kept, so the caller must not change it afterwards.
        """
        step = 1.0 / SAMPLES_A_SECOND
        if time_s < self._due - step / 4:
            return
        # The grid of times moves on by whole steps: at 29 frames a second "at least 1/3 s after the
        # last one" would drift to fewer samples than the ring is made for.
        self._due = self._due + step if time_s - self._due < step else time_s + step
        self._samples.append((time_s, track_ids[:FACES_KEPT], probabilities[:FACES_KEPT]))

    def tracks(self, now_s: float) -> tuple[int, ...]:
        """Faces seen within the span, the one with the most readings first."""
        seen: dict[int, int] = {}
        for time_s, track_ids, _ in self._samples:
            if now_s - time_s <= SPAN_S:
                for track_id in track_ids:
                    seen[track_id] = seen.get(track_id, 0) + 1
        return tuple(sorted(seen, key=lambda track_id: (-seen[track_id], track_id)))

    def of(self, track_id: int, now_s: float) -> Past:
        """One face's readings within the span; empty for a face that was not seen in it."""
        seconds: list[float] = []
        rows: list[NDArray[np.float32]] = []
        absent = np.full(len(LABELS), np.nan, np.float32)
        for time_s, track_ids, probabilities in self._samples:
            if now_s - time_s > SPAN_S:
                continue
            present = track_id in track_ids
            if not (present or rows):
                continue  # it had not come yet
            seconds.append(time_s - now_s)
            rows.append(probabilities[track_ids.index(track_id)] if present else absent)
        if not rows:
            return Past.none()
        return Past(np.array(seconds, np.float32), np.stack(rows))

    def clear(self) -> None:
        """Forget everything."""
        self._samples.clear()
        self._due = -float("inf")
