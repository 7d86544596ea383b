"""Made-up frames of a stream, and what is needed to play them without a camera or a wait."""

import threading

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.faces import Faces
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.stream import StreamFrame
from fer_core.zoo import Predictions

IMAGE = np.full((120, 160, 3), 127, np.uint8)


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class OneFace:
    """Finds a face in the middle of every image; for the thread that made it, as others are."""

    name = "one"

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.broken = False

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        assert threading.get_ident() == self.thread
        if self.broken:
            raise RuntimeError("the detector fell over")
        return Faces.from_boxes(np.array([[40, 30, 60, 60]]))


def shares(emotion: Emotion, confidence: float = 0.7) -> NDArray[np.float32]:
    """(7,) probabilities with one likeliest class."""
    row = np.full(7, (1 - confidence) / 6, np.float32)
    row[emotion] = confidence
    return row


def frame_result(
    *rows: NDArray[np.float32],
    track_ids: tuple[int, ...] | None = None,
    model: str = "tiny",
    unsure_threshold: float = 0.4,
) -> FrameResult:
    """One face for each row of probabilities, the largest first, with track ids from 1 on."""
    boxes = np.array([[10 + row, 10, 60 - row / 2, 60 - row / 2] for row in range(len(rows))])
    return FrameResult(
        width=IMAGE.shape[1],
        height=IMAGE.shape[0],
        faces=Faces.from_boxes(boxes),
        predictions=Predictions(np.array(rows, np.float32).reshape(-1, 7), unsure_threshold),
        model=model,
        milliseconds={},
        track_ids=tuple(range(1, len(rows) + 1)) if track_ids is None else track_ids,
        detector="yunet",
    )


def stream_frame(
    time_s: float,
    *rows: NDArray[np.float32],
    raw: tuple[NDArray[np.float32], ...] | None = None,
    track_ids: tuple[int, ...] | None = None,
    model: str = "tiny",
    unsure_threshold: float = 0.4,
    smoothing: bool = True,
) -> StreamFrame:
    """A frame with one face for each row of smoothed probabilities; the raw ones are the same."""

    def result(which: tuple[NDArray[np.float32], ...]) -> FrameResult:
        return frame_result(
            *which, track_ids=track_ids, model=model, unsure_threshold=unsure_threshold
        )

    return StreamFrame(time_s, IMAGE, result(rows if raw is None else raw), result(rows), smoothing)
