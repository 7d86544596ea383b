"""Made-up frames for what follows a live stream."""

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.faces import Faces
from fer_core.live.observer import FrameReading
from fer_core.zoo import Predictions

PICTURE = np.full((120, 160, 3), 127, np.uint8)


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def shares(emotion: Emotion, confidence: float = 0.7) -> NDArray[np.float32]:
    """(7,) probabilities with one likeliest class."""
    row = np.full(7, (1 - confidence) / 6, np.float32)
    row[emotion] = confidence
    return row


def frame(
    time_s: float,
    *rows: NDArray[np.float32],
    track_ids: tuple[int, ...] | None = None,
    model: str = "tiny",
    image: NDArray[np.uint8] = PICTURE,
) -> FrameReading:
    """A frame with one face for each row of probabilities, the largest first."""
    boxes = np.array([[10 + row, 10, 60 - row, 60 - row] for row in range(len(rows))])
    predictions = Predictions(np.array(rows, np.float32).reshape(-1, 7), 0.4)
    return FrameReading(
        time_s=time_s,
        image=image,
        faces=Faces.from_boxes(boxes),
        track_ids=tuple(range(1, len(rows) + 1)) if track_ids is None else track_ids,
        own=predictions,
        shown=predictions,
        model=model,
    )
