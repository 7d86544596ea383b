"""The clearest views of each face in a video, one for each expression that it shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.faces import InputSpec, crop_square, to_network_input
from fer_core.pipeline.frame import FrameResult

MOST_STILLS = 200
"""Best stills that are held while a video is read; 15 MB."""

STILL_PX = 160
"""Side of a still."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceStill:
    """The clearest view of one face showing one expression.

    Attributes:
        track_id: of the face.
        emotion: what it shows, above the network's threshold for "unsure".
        seconds: when.
        confidence: the smoothed probability then, 0 to 1.
        rgb: (`STILL_PX`, `STILL_PX`, 3) uint8 RGB.
    """

    track_id: int
    emotion: Emotion
    seconds: float
    confidence: float
    rgb: NDArray[np.uint8]


class Stills:
    """Keeps the clearest view of each face showing each expression."""

    def __init__(self) -> None:
        self._best: dict[tuple[int, Emotion], FaceStill] = {}

    def add(self, rgb: NDArray[np.uint8], seconds: float, smoothed: FrameResult) -> None:
        """Take in a frame: (h, w, 3) uint8 RGB, when it is shown, and what its faces show."""
        for track_id, box, emotion, confidence, unsure in zip(
            smoothed.track_ids,
            smoothed.faces.boxes,
            smoothed.predictions.emotions,
            smoothed.predictions.confidences,
            smoothed.predictions.unsure,
            strict=True,
        ):
            best = self._best.get((track_id, emotion))
            full = best is None and len(self._best) >= MOST_STILLS
            if unsure or full or (best is not None and best.confidence >= confidence):
                continue
            face = to_network_input(crop_square(rgb, box, 0.1), InputSpec(STILL_PX, 3, 0.0))
            self._best[track_id, emotion] = FaceStill(
                track_id, emotion, seconds, float(confidence), face
            )

    def found(self) -> tuple[FaceStill, ...]:
        """By face and expression."""
        return tuple(still for _, still in sorted(self._best.items()))
