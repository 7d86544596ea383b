"""The same picture again, although it was saved, packed or resized in between.

Kaggle's FER2013 as pictures is JPEG: no pixel of it equals the challenge's, and every one of its
training pictures has been learned from. Two faces count as the same where a 4x4 summary is near
and their grey levels go together. Another cut of a photograph, or its mirror image, is not found.
Measured on FER2013: saved as JPEG of quality 75, 99 % of 1,500 faces are found again, of quality 50
95 %; of 3,589 PublicTest faces 293 are found in Training, 280 of them the same to the pixel.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from fer_core.dataset.fer2013 import SIDE_PX

SUMMARY_DISTANCE = 6.0
"""Farthest that the summaries of one picture lie apart, Euclidean, in grey levels."""

CORRELATION = 0.97
"""Least correlation of the grey levels of one picture, saved twice."""

_BLOCKS = 4
_NEIGHBOURS = 8
"""Nearest summaries that are compared: copies of copies are found one through the other."""


def summaries(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean grey of 4x4 parts of (n, 48, 48) faces: (n, 16) float32."""
    part = SIDE_PX // _BLOCKS
    blocks = faces.reshape(len(faces), _BLOCKS, part, _BLOCKS, part)
    means = blocks.mean(axis=(2, 4), dtype=np.float32)
    return np.asarray(means.reshape(len(faces), _BLOCKS**2), np.float32)


def find_copies(faces: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.int64]:
    """For each face the one of ``others`` that is the same picture.

    Args:
        faces: (n, 48, 48) uint8; n may be 0. Blank ones are the same as nothing.
        others: (m, 48, 48) uint8; m may be 0.

    Returns:
        (n,) int64 row in ``others``, the most alike; -1 where there is none.
    """
    found = np.full(len(faces), -1, np.int64)
    if not len(faces) or not len(others):
        return found
    rows, columns, alike = _pairs(faces, others, _NEIGHBOURS)
    order = np.argsort(alike, kind="stable")  # the last one written stays
    found[rows[order]] = columns[order]
    return found


def group_copies(faces: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n,) int64: faces that are the same picture share a number; n may be 0."""
    n = len(faces)
    if not n:
        return np.empty(0, np.int64)
    # Of exact copies one stands for all: hundreds would fill each other's neighbours.
    _, first, same = np.unique(faces.reshape(n, -1), axis=0, return_index=True, return_inverse=True)
    kept = faces[first]
    rows, columns, _ = _pairs(kept, kept, _NEIGHBOURS)
    links = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(len(kept), len(kept)))
    groups = connected_components(links, directed=False)[1]
    return np.asarray(groups[same.reshape(-1)], np.int64)


def _pairs(
    faces: NDArray[np.uint8], others: NDArray[np.uint8], neighbours: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Rows of pairs that are the same picture, and how alike they are."""
    distances, nearest = KDTree(summaries(others)).query(
        summaries(faces),
        k=np.arange(1, min(neighbours, len(others)) + 1),
        distance_upper_bound=SUMMARY_DISTANCE,
    )
    rows, places = np.nonzero(np.isfinite(distances))
    columns = nearest[rows, places].astype(np.int64)
    alike = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), 4096):  # a block at a time: 2,304 numbers a face
        part = slice(start, start + 4096)
        alike[part] = (_centred(faces[rows[part]]) * _centred(others[columns[part]])).sum(axis=1)
    same = alike >= CORRELATION
    return rows[same].astype(np.int64), columns[same], alike[same]


def _centred(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 2304) with mean 0 and length 1; a face of one grey level becomes zeros."""
    flat = faces.reshape(len(faces), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(lengths, 1e-6), np.float32)
