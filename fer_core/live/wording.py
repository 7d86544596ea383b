"""One moment for box and card: what stands at a face in the video is what stands beside it.

The page looks twice a second, the video has thirty frames in that time. If each frame said what it
reads, the two would hardly ever agree, and nobody could read a number that changes thirty times a
second. So the video repeats what the page saw when it last looked.
"""

import threading
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fer_core.pipeline.frame import FrameResult

HOLD_S = 1.0
"""A page that has not looked for longer is hidden, or cannot keep up: then each frame speaks for
itself again."""


class Wording:
    """What was last said of each face. Renewed on the page's thread, asked on the video's."""

    def __init__(self) -> None:
        """Nothing has been said yet."""
        self._lock = threading.Lock()
        self._model = ""
        self._said_s = -float("inf")
        self._rows: dict[int, NDArray[np.float32]] = {}

    def renew(self, result: FrameResult, time_s: float) -> None:
        """The page shows ``result`` from this moment on."""
        rows = dict(zip(result.track_ids, result.predictions.probabilities, strict=True))
        with self._lock:
            self._model, self._said_s, self._rows = result.model, time_s, rows

    def of(self, result: FrameResult, time_s: float) -> FrameResult:
        """What to write at the faces of a later frame.

        Returns:
            ``result`` with the probabilities that were last said of each of its faces; a face that
            the page has not seen yet keeps its own.
        """
        with self._lock:
            rows, held = self._rows, time_s - self._said_s <= HOLD_S
            if not (held and result.model == self._model):
                return result
        shown = result.predictions
        said = [
            rows.get(track_id, own)
            for track_id, own in zip(result.track_ids, shown.probabilities, strict=True)
        ]
        if not said:
            return result
        return replace(result, predictions=replace(shown, probabilities=np.stack(said)))
