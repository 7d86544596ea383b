"""YuNet's network by ONNX Runtime: from pixels to boxes, points and scores.

The arithmetic around the network is that of OpenCV's `FaceDetectorYN`, whose answers these are, to
a hundredth of a pixel; ONNX Runtime computes the network itself in a third of OpenCV's time.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DetectorError, in_one_line
from fer_core.onnx_session import open_session

STRIDES = (8, 16, 32)
"""The network looks for a face at each of these many pixels, the smaller for smaller faces."""

_DIVISOR = 32  # what an image's sides are filled up to
_MOST_CANDIDATES = 5000


class YuNetNetwork:
    """Looks at an image of any size once; safe to share between threads."""

    def __init__(self, weights: Path, *, score_threshold: float, overlap_threshold: float) -> None:
        """Load it.

        Args:
            weights: the ONNX file.
            score_threshold: faces scored lower are dropped, 0 to 1.
            overlap_threshold: of boxes that overlap by more (IoU), the best one is kept.

        Raises:
            DetectorError: the file is missing or is no such network.
        """
        self._score, self._overlap = score_threshold, overlap_threshold
        try:
            self._session = open_session(weights.read_bytes(), plans_memory=False)
            outputs = [output.name for output in self._session.get_outputs()]
            for kind in ("cls", "obj", "bbox", "kps"):
                if any(f"{kind}_{stride}" not in outputs for stride in STRIDES):
                    raise ValueError(f"a network with the outputs {', '.join(outputs)}")
        except Exception as error:  # ONNX Runtime raises a dozen unrelated types here
            raise DetectorError(
                "the YuNet face detector cannot be loaded",
                where=weights,
                received=in_one_line(error),
                remedy="Delete the file, so that it is fetched again.",
            ) from error
        self._input = self._session.get_inputs()[0].name
        self._outputs = outputs

    def __call__(self, bgr: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Look at an image.

        Args:
            bgr: (h, w, 3) uint8 BGR.

        Returns:
            (n, 15): box x, y, width, height, five points x, y, score; pixels of the image, the
            best score first.
        """
        height, width = bgr.shape[:2]
        padded = cv2.copyMakeBorder(
            bgr, 0, -height % _DIVISOR, 0, -width % _DIVISOR, cv2.BORDER_CONSTANT
        )
        image = padded.transpose(2, 0, 1)[None].astype(np.float32)
        answers = self._session.run(self._outputs, {self._input: image})
        found = dict(zip(self._outputs, answers, strict=True))
        rows = np.concatenate(
            [self._rows(found, stride, padded.shape[1] // stride) for stride in STRIDES]
        )
        return rows[self._distinct(rows)]

    def _rows(
        self, found: dict[str, NDArray[np.float32]], stride: int, columns: int
    ) -> NDArray[np.float64]:
        """(n, 15) of one stride, those with a score that is high enough."""
        scores = np.sqrt(
            found[f"cls_{stride}"][0, :, 0].clip(0, 1) * found[f"obj_{stride}"][0, :, 0].clip(0, 1)
        )
        places = np.flatnonzero(scores >= self._score)
        cells = np.column_stack([places % columns, places // columns]).astype(np.float64)
        boxes = found[f"bbox_{stride}"][0, places].astype(np.float64)
        points = found[f"kps_{stride}"][0, places].astype(np.float64).reshape(-1, 5, 2)
        sizes = np.exp(boxes[:, 2:]) * stride
        corners = (cells + boxes[:, :2]) * stride - sizes / 2
        return np.column_stack(
            [
                corners,
                sizes,
                ((points + cells[:, None]) * stride).reshape(-1, 10),
                scores[places].astype(np.float64),
            ]
        )

    def _distinct(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        """Rows to keep, the best score first: of those that overlap, one."""
        if len(rows) < 2:
            return np.arange(len(rows))
        # Whole pixels, as OpenCV has them here.
        boxes = rows[:, :4].clip(-1e9, 1e9).astype(np.int64).tolist()
        kept = cv2.dnn.NMSBoxes(
            boxes, rows[:, 14].tolist(), self._score, self._overlap, 1.0, _MOST_CANDIDATES
        )
        return np.asarray(kept, np.int64).reshape(-1)
