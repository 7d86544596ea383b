"""What those get to see who follow a live stream: the baseline, the arena, the game."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Faces
from fer_core.zoo import Predictions


@dataclass(frozen=True, slots=True, eq=False)
class FrameReading:
    """One frame of a live stream with its n faces, the largest first; n may be 0.

    Attributes:
        time_s: on the session's clock, which only goes forward.
        image: (h, w, 3) uint8 RGB, nothing drawn; not to be changed.
        faces: n boxes.
        track_ids: n of them; one stays with its face while it is seen.
        own: what this frame alone says of each face.
        shown: what the page shows: smoothed, where smoothing is on.
        model: slug of the network.
    """

    time_s: float
    image: NDArray[np.uint8]
    faces: Faces
    track_ids: tuple[int, ...]
    own: Predictions
    shown: Predictions
    model: str


class Watcher(Protocol):
    """Follows a stream. Called on the video thread, asked by the page's: it locks for itself."""

    def take(self, reading: FrameReading) -> None:
        """The next frame that was read; must return within a millisecond, the video waits."""

    def end(self) -> None:
        """The stream ended; track ids of the next one begin with 1 again."""
