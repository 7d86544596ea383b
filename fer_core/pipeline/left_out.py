"""What becomes of stretches that a person left out, in a video that is written."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Treatment = Literal["shown", "covered", "cut"]
"""They stay, without anything drawn in; they are blurred whole; or they are not in the video."""

_FRAME_CELLS = 4
# Coarser than detectors and people need.


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Stretches of a video, and what becomes of them.

    Attributes:
        stretches: seconds from the first frame on, in the order of time, none over another.
        treatment: of all of them.
    """

    stretches: tuple[tuple[float, float], ...] = ()
    treatment: Treatment = "shown"

    @property
    def cuts(self) -> bool:
        """Whether the video that is written is shorter."""
        return self.treatment == "cut" and bool(self.stretches)

    def time(self, seconds: float) -> float | None:
        """When a frame is shown in the video that is written; None: it is not."""
        if not self.cuts:
            return seconds
        if self._within(seconds):
            return None
        return seconds - sum(
            end_s - start_s for start_s, end_s in self.stretches if end_s <= seconds
        )

    def covers(self, seconds: float) -> bool:
        """Whether a frame is blurred whole."""
        return self.treatment == "covered" and self._within(seconds)

    def _within(self, seconds: float) -> bool:
        return any(start_s <= seconds < end_s for start_s, end_s in self.stretches)


def blurred_whole(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A frame of which nothing can be told: (h, w, 3) uint8, as ``rgb``."""
    return blurred(rgb, _FRAME_CELLS)


def blurred(pixels: NDArray[np.uint8], cells: int) -> NDArray[np.uint8]:
    """Pixels as so many cells across and down, one colour flowing into the next."""
    height, width = pixels.shape[:2]
    coarse = cv2.resize(pixels, (cells, cells), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
