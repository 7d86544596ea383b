"""NASA's portrait of Eileen Collins, which scikit-image brings, and where its face is."""

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import pairwise_iou

PORTRAIT_FACE = np.array([180, 62, 90, 112], np.float32)
"""x, y, width, height in the portrait's 512x512 pixels."""


def overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Intersection over union of two boxes, each (4,)."""
    return float(pairwise_iou(one[None], other[None])[0, 0])
