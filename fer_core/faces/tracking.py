"""Which face of a frame is which face of the frames before."""

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from fer_core.faces.boxes import pairwise_iou

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


def match_best(likeness: NDArray[np.float32], least: float) -> list[tuple[int, int]]:
    """Pairs (row, column) of an (n, m) array, the largest value first, each at most once.

    Pairs whose value is below ``least`` are left out.
    """
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(-likeness, axis=None, kind="stable"):
        row, column = divmod(int(flat), likeness.shape[1])
        if likeness[row, column] < least:
            break
        if all(row != r and column != c for r, c in pairs):
            pairs.append((row, column))
    return pairs


@dataclass(slots=True, eq=False)
class _Track:
    track_id: int
    box: NDArray[np.float32]
    seen_s: float
    velocity: NDArray[np.float32]
    """(2,) pixels a second, of the box's centre."""
    steps: int = 0

    def predicted(self, ahead_s: float) -> NDArray[np.float32]:
        """(4,) where the box is so long after it was seen, if the face went on as it did."""
        box = self.box.copy()
        box[:2] += self.velocity * np.float32(ahead_s)
        return box

    def follow(self, box: NDArray[np.float32], time_s: float) -> None:
        passed_s = time_s - self.seen_s
        if passed_s > 0:
            measured = (_centre(box) - _centre(self.box)) / np.float32(passed_s)
            self.steps += 1
            # The first steps are a plain mean: an average that begins at 0 would say "slow".
            kept = np.float32(min(np.exp(-passed_s / _VELOCITY_S), 1 - 1 / self.steps))
            self.velocity = kept * self.velocity + (1 - kept) * measured
        self.box, self.seen_s = box, max(time_s, self.seen_s)

    def nearness(self, box: NDArray[np.float32], ahead_s: float) -> float:
        """1 on the way that the face may have gone, 0 at one of its widths from it or further."""
        growth = float(np.sqrt(box[2:].prod() / self.box[2:].prod()))
        if not 1 / _LARGEST_GROWTH <= growth <= _LARGEST_GROWTH:
            return 0.0
        way = self.velocity * np.float32(_OVERSHOOT * ahead_s)
        gone = _centre(box) - _centre(self.box)
        share = np.clip(gone @ way / max(float(way @ way), 1e-9), 0, 1)
        distance = float(np.linalg.norm(gone - share * way))
        return max(0.0, 1 - distance / float(max(box[2], self.box[2])))


def _centre(box: NDArray[np.float32]) -> NDArray[np.float32]:
    return box[:2] + box[2:] / np.float32(2)


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
        followed = self._match(boxes, time_s, straight=step_s <= STRAIGHT_S)
        track_ids: list[int] = []
        for column, box in enumerate(boxes):
            track = followed.get(column)
            if track is None:
                track = _Track(next(self._track_ids), box, time_s, np.zeros(2, np.float32))
                self._tracks.append(track)
            else:
                track.follow(box, time_s)
            track_ids.append(track.track_id)
        return tuple(track_ids)

    def _match(
        self, boxes: NDArray[np.float32], time_s: float, *, straight: bool
    ) -> dict[int, _Track]:
        """The track of each box (by its row) that has one."""

        def ahead_s(track: _Track) -> float:
            return time_s - track.seen_s if straight else 0.0

        predicted = np.array(
            [track.predicted(ahead_s(track)) for track in self._tracks], np.float32
        )
        overlaps = pairwise_iou(predicted.reshape(-1, 4), boxes)
        followed = {
            column: self._tracks[row] for row, column in match_best(overlaps, SAME_FACE_IOU)
        }
        taken = {track.track_id for track in followed.values()}
        tracks = [track for track in self._tracks if track.track_id not in taken]
        columns = [column for column in range(len(boxes)) if column not in followed]
        near = np.array(
            [
                [track.nearness(boxes[column], ahead_s(track)) for column in columns]
                for track in tracks
            ],
            np.float32,
        ).reshape(len(tracks), len(columns))
        for row, place in match_best(near, 1 - REACH):
            followed[columns[place]] = tracks[row]
        return followed
