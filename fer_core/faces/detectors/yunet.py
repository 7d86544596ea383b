"""YuNet: a small neural face detector, at one size or several.

Source: Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence
Research 2023, doi:10.1007/s11633-023-1423-y; weights from OpenCV Zoo (MIT licence).
"""

from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DetectorError
from fer_core.faces.boxes import areas, intersections, pairwise_iou
from fer_core.faces.detection import LANDMARKS, Faces
from fer_core.faces.detectors import Missing, detector
from fer_core.faces.scaling import fit_longer_side
from fer_core.faces.weights import background_fetch, yunet_weights
from fer_core.faces.yunet_network import YuNetNetwork

LIVE_PASSES = (320,)
"""Longer side in pixels for live video: 1.3 ms a frame, faces from about 1/20 of its width."""

PHOTO_PASSES = (320, 1920)
"""For photos. The network finds faces of about 10 to 300 px, so one size cannot serve both a
portrait and a group: 320 finds those that fill the picture, 1920 those of 40 px in 4000 (at 1280
none of these was found; 2560 finds 30 px, too few to read, in twice the time)."""

TILED_FROM_PX = 4000
"""Photos with a longer side above this are looked at in overlapping tiles too."""

TILE_PX = 3840
"""Side of a tile. At half its size (1920) it shows faces from about 40 px on, whatever the size of
the photo; 40 megapixels have six tiles."""

TILE_OVERLAP_PX = 480
"""A face that is cut by a tile is whole in the next one, or so large that a look at the whole photo
finds it."""

LARGEST_IN_TILE_PX = 40
"""Widest face that is looked for in tiles, in pixels of the look at the whole photo: that finds
larger ones more surely, and tiles only add false ones (0.65 on a blurred background)."""

LARGEST_PX = 300
"""Widest face that a pass of twice the smallest one's size, or more, may add to it: the smallest
finds larger ones more surely, and this one takes a shoulder for one (0.66)."""

SCORE_THRESHOLD = 0.6
"""Below it the first false faces came (0.51 on a picture of the moon, 0.58 on galaxies)."""

_SHORTEST_PX = 160
# A tight 48x48 face is found in 74 % of cases as it is, in 96 % when enlarged to 160.
_IOU_SAME = 0.3
_INSIDE_SAME = 0.7
# Columns of a look's rows: box, five points, score.
_BOX, _POINTS, _SCORE = slice(0, 4), slice(4, 14), 14


class YuNetDetector:
    """Finds faces with YuNet; keeps the `Detector` protocol. Belongs to one thread."""

    def __init__(
        self,
        weights: Path,
        *,
        passes: tuple[int, ...] = LIVE_PASSES,
        tiled: bool = False,
        score_threshold: float = SCORE_THRESHOLD,
    ) -> None:
        """Load the network.

        Args:
            weights: the ONNX file, see `faces.weights`.
            passes: longer sides in pixels at which an image is looked at, smallest first; what
                several passes find is merged. Larger finds smaller faces and takes longer.
            tiled: look at images above `TILED_FROM_PX` in tiles too, at the largest pass.
            score_threshold: faces scored lower are dropped, 0 to 1.

        Raises:
            DetectorError: the file is missing or is no such network.
        """
        self._passes, self._tiled = tuple(sorted(passes)), tiled
        self._network = YuNetNetwork(
            weights, score_threshold=score_threshold, overlap_threshold=_IOU_SAME
        )

    @property
    def name(self) -> str:
        """``"yunet"``."""
        return "yunet"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """Find all faces of an image.

        Args:
            image: (h, w, 3) uint8 RGB, any size from 1x1.

        Returns:
            The faces with landmarks, boxes in pixels of ``image``, largest first.
        """
        longer = max(image.shape[:2])
        rows = [np.empty((0, 15))]
        for longer_px in self._passes:
            small, back = fit_longer_side(image, longer_px, _SHORTEST_PX)
            found = self._pass(small, back)
            if max(small.shape) >= 2 * self._passes[0]:
                found = found[found[:, 2] <= LARGEST_PX * back[0]]
            rows.append(found)
            if longer <= longer_px:  # a larger pass would see the same pixels
                break
        if self._tiled and longer > TILED_FROM_PX:
            rows += self._look_at_tiles(image)
        found = np.concatenate(rows)
        if len(self._passes) > 1:
            found = found[_distinct(found[:, _BOX], found[:, _SCORE])]
        return Faces.from_boxes(
            found[:, _BOX],
            found[:, _SCORE].clip(0.0, 1.0),
            found[:, _POINTS].reshape(-1, LANDMARKS, 2),
        ).largest_first()

    def _look_at_tiles(self, image: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
        """(n, 15) rows of each tile, without large faces and those that its inner edges cut."""
        found = []
        height, width = image.shape[:2]
        widest = LARGEST_IN_TILE_PX * max(height, width) / self._passes[-1]
        for top, left in product(_tile_starts(height), _tile_starts(width)):
            tile = image[top : top + TILE_PX, left : left + TILE_PX]
            small, back = fit_longer_side(tile, self._passes[-1], _SHORTEST_PX)
            rows = self._pass(small, back)
            corners = rows[:, :2], rows[:, :2] + rows[:, 2:4]
            far = np.array([tile.shape[1], tile.shape[0]])
            cut_near = (corners[0] <= 0) & (np.array([left, top]) > 0)
            cut_far = (corners[1] >= far) & (np.array([left, top]) + far < (width, height))
            rows = rows[~(cut_near | cut_far).any(axis=1) & (rows[:, 2] <= widest)]
            rows[:, :2] += (left, top)
            rows[:, _POINTS] += np.tile((left, top), LANDMARKS)
            found.append(rows)
        return found

    def _pass(self, rgb: NDArray[np.uint8], back: NDArray[np.float64]) -> NDArray[np.float64]:
        """One look at one size: (n, 15) rows in pixels of the image before `fit_longer_side`."""
        rows = self._network(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8))
        rows[:, : _POINTS.stop] *= np.tile(back, 7)
        sound = np.isfinite(rows).all(axis=1) & (rows[:, 2:4] > 0).all(axis=1)
        return rows[sound]


def _tile_starts(length: int) -> list[int]:
    """Where tiles begin that cover so many pixels, the last one at the end."""
    if length <= TILE_PX:
        return [0]
    steps = -(-(length - TILE_PX) // (TILE_PX - TILE_OVERLAP_PX))
    return [round(number * (length - TILE_PX) / steps) for number in range(steps + 1)]


def _distinct(boxes: NDArray[np.float64], scores: NDArray[np.float64]) -> list[int]:
    """Rows to keep of (n, 4) boxes with (n,) scores: the best of each group that overlaps.

    Two passes frame a face a little differently, so a box mostly inside another counts as the
    same face too, whatever their sizes.
    """
    kept: list[int] = []
    area = areas(boxes)
    for row in np.argsort(-scores, kind="stable").tolist():
        others, this = boxes[kept], boxes[[row]]
        inside = intersections(others, this)[:, 0] / np.minimum(area[kept], area[row])
        if not ((pairwise_iou(others, this)[:, 0] > _IOU_SAME) | (inside > _INSIDE_SAME)).any():
            kept.append(row)
    return kept


def _is_ready() -> bool:
    return yunet_weights() is not None


def _reason() -> str:
    state = background_fetch.state
    if state.step == "failed":
        return f", because {state.sentence.rstrip('.')}"
    if state.step == "running":
        return " while the YuNet face detector is being fetched"
    if state.step == "done":
        return " for now; YuNet is ready and comes next"
    return ", because YuNet's weights have not been fetched yet"


def _fetch() -> None:
    background_fetch.start()


@detector(
    title="YuNet",
    hint="finer, finds turned and small faces",
    needs="weights of 0.2 MB, fetched once",
    rank=0,
    missing=Missing(_is_ready, _reason, _fetch),
    stand_in="haar",
)
def yunet(*, photos: bool, download: bool) -> YuNetDetector:
    """YuNet, where its weights are here or can be fetched.

    Raises:
        DetectorError: they are not and cannot.
    """
    weights = yunet_weights(download=download)
    if weights is None:
        raise DetectorError(
            "YuNet's weights have not been fetched yet",
            remedy="Fetch them: python -m fer_core.faces",
        )
    return YuNetDetector(weights, passes=PHOTO_PASSES if photos else LIVE_PASSES, tiled=photos)
