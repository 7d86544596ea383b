"""Which face of a frame is which face of the frames before."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from fer_core.faces.boxes import Box, iou

KEEP_S = 1.5
"""How long a face that is not found keeps its track: somebody walks behind another, a hand passes
before the mouth, a head is turned away and back."""

STRAIGHT_S = 1.0
"""In pictures that are further apart, a face is expected where it was: nobody moves on that long,
and a slide show jumps."""

SAME_FACE_IOU = 0.25
"""Least overlap of a face with its predicted place: detectors' boxes breathe."""

REACH = 0.75
"""A face that overlaps no predicted place is still the same one within so many of its widths of
the way that it may have gone since it was last seen. Two heads side by side are further apart."""

_OVERSHOOT = 1.5
# That way ends half as far again as the predicted place and begins at the last one: a box shrinks
# at the edge of what hides the face, which looks like slowing down, and a head may stop there.

_LARGEST_GROWTH = 1.6
# A face that was lost comes back at about its size; another one beside it often does not.
_VELOCITY_S = 0.4
# Time constant of the velocity's average: single frames' differences are the boxes' breathing.


def match_best(likeness: Iterable[tuple[float, int, int]]) -> list[tuple[int, int]]:
    """Pairs (row, column) of (value, row, column), the largest value first, each at most once.

    Of equal values, the first one counts.
    """
    pairs: list[tuple[int, int]] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for _, row, column in sorted(likeness, key=lambda each: -each[0]):
        if row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            pairs.append((row, column))
    return pairs


@dataclass(slots=True, eq=False)
class _Track:
    """In plain numbers: an hour has a hundred thousand frames, and NumPy's calls are long for few.

    Velocity is that of the box's centre, pixels a second.
    """

    track_id: int
    box: Box
    seen_s: float
    velocity: tuple[float, float] = (0.0, 0.0)
    steps: int = 0

    def predicted(self, ahead_s: float) -> Box:
        """Where the box is so long after it was seen, if the face went on as it did."""
        x, y, width, height = self.box
        return (x + self.velocity[0] * ahead_s, y + self.velocity[1] * ahead_s, width, height)

    def follow(self, box: Box, time_s: float) -> None:
        passed_s = time_s - self.seen_s
        if passed_s > 0:
            self.steps += 1
            # The first steps are a plain mean: an average that begins at 0 would say "slow".
            kept = min(math.exp(-passed_s / _VELOCITY_S), 1 - 1 / self.steps)
            across, down = _moved(self.box, box)
            self.velocity = (
                kept * self.velocity[0] + (1 - kept) * across / passed_s,
                kept * self.velocity[1] + (1 - kept) * down / passed_s,
            )
        self.box, self.seen_s = box, max(time_s, self.seen_s)

    def nearness(self, box: Box, ahead_s: float) -> float:
        """1 on the way that the face may have gone, 0 at one of its widths from it or further."""
        growth = math.sqrt(box[2] * box[3] / (self.box[2] * self.box[3]))
        if not 1 / _LARGEST_GROWTH <= growth <= _LARGEST_GROWTH:
            return 0.0
        way_x, way_y = (speed * _OVERSHOOT * ahead_s for speed in self.velocity)
        gone_x, gone_y = _moved(self.box, box)
        share = (gone_x * way_x + gone_y * way_y) / max(way_x * way_x + way_y * way_y, 1e-9)
        share = min(max(share, 0.0), 1.0)
        distance = math.hypot(gone_x - share * way_x, gone_y - share * way_y)
        return max(0.0, 1 - distance / max(box[2], self.box[2]))


def _moved(before: Box, after: Box) -> tuple[float, float]:
    """How far a box's centre has gone, pixels."""
    return (
        after[0] + after[2] / 2 - before[0] - before[2] / 2,
        after[1] + after[3] / 2 - before[1] - before[3] / 2,
    )


class FaceTracker:
    """Gives the faces of a stream their track ids by place and motion. For one thread.

    Each face is expected where its velocity takes it, so that two that cross keep their track ids
    and one that was hidden for less than `KEEP_S` has its own again. Pixels are not looked at: who
    a person is, is nobody's business here.
    """

    def __init__(self, *, gapless: bool = False) -> None:
        """Begin with no face.

        Args:
            gapless: whether updates follow each other like the frames of a video, which are as
                far apart as they are: then a face of the last one is looked for in this one,
                however long ago that was. A camera's stream may have been interrupted meanwhile.
        """
        self._gapless = gapless
        self._updated_s = float("inf")
        self._tracks: list[_Track] = []
        self._track_ids = count(1)

    @property
    def known(self) -> frozenset[int]:
        """Track ids of the faces that may still come back."""
        return frozenset(track.track_id for track in self._tracks)

    def update(self, boxes: NDArray[np.float32], time_s: float) -> tuple[int, ...]:
        """Take in the faces of the next frame.

        Args:
            boxes: (n, 4) float32 x, y, width, height in pixels; n may be 0.
            time_s: of the frame, on any clock that only goes forward.

        Returns:
            A track id for each box: 1 for the first face ever seen, never given twice.
        """
        step_s = max(0.0, time_s - self._updated_s) if self._gapless else 0.0
        self._updated_s = time_s
        keep_s = max(KEEP_S, 1.5 * step_s)
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= keep_s]
        found: list[Box] = [(x, y, width, height) for x, y, width, height in boxes.tolist()]
        followed = self._match(found, time_s, straight=step_s <= STRAIGHT_S)
        track_ids: list[int] = []
        for column, box in enumerate(found):
            track = followed.get(column)
            if track is None:
                track = _Track(next(self._track_ids), box, time_s)
                self._tracks.append(track)
            else:
                track.follow(box, time_s)
            track_ids.append(track.track_id)
        return tuple(track_ids)

    def _match(self, boxes: list[Box], time_s: float, *, straight: bool) -> dict[int, _Track]:
        """The track of each box (by its place in the list) that has one."""

        def ahead_s(track: _Track) -> float:
            return time_s - track.seen_s if straight else 0.0

        overlaps = []
        for row, track in enumerate(self._tracks):
            expected = track.predicted(ahead_s(track))
            for column, box in enumerate(boxes):
                overlap = iou(expected, box)
                if overlap >= SAME_FACE_IOU:
                    overlaps.append((overlap, row, column))
        followed = {column: self._tracks[row] for row, column in match_best(overlaps)}
        taken = {track.track_id for track in followed.values()}
        near = [
            (nearness, row, column)
            for row, track in enumerate(self._tracks)
            if track.track_id not in taken
            for column, box in enumerate(boxes)
            if column not in followed
            and (nearness := track.nearness(box, ahead_s(track))) >= 1 - REACH
        ]
        for row, column in match_best(near):
            followed[column] = self._tracks[row]
        return followed
