"""Images brought to the size at which a detector works."""

import cv2
import numpy as np
from numpy.typing import NDArray


def fit_longer_side(
    image: NDArray[np.uint8], longer_px: int, shortest_px: int = 1
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """An image whose longer side is at most ``longer_px`` and at least ``shortest_px``.

    Args:
        image: (h, w) or (h, w, 3) uint8, any size from 1x1.
        longer_px: larger images are reduced to this; 1x20000 becomes 1 pixel high, never 0.
        shortest_px: images whose longer side is below it are enlarged to it.

    Returns:
        The image, (h', w') or (h', w', 3) uint8, and (2,) float64 (x, y): multiply a position in
        it by these to get pixels of the image given. The two differ where rounding does.
    """
    height, width = image.shape[:2]
    longer = max(height, width)
    target = max(min(longer, longer_px), shortest_px)
    if target == longer:
        return image, np.ones(2)
    new_width = max(1, round(width * target / longer))
    new_height = max(1, round(height * target / longer))
    # Area averaging keeps a reduced face free of alias patterns; it cannot enlarge smoothly.
    resized = cv2.resize(
        image,
        (new_width, new_height),
        interpolation=cv2.INTER_AREA if target < longer else cv2.INTER_LINEAR,
    )
    return resized.astype(np.uint8, copy=False), np.array([width / new_width, height / new_height])
