"""The size that a face may have, in large photos and in video files."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from fer_core.faces import make_detector


def crowd(
    width: int, height: int, face_px: int, step_px: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """NASA's portrait over and over on grey, and (n, 2) where the middles of the faces are."""
    scale = face_px / 90  # the face is 90 px wide there
    head = cv2.resize(
        data.astronaut()[20:240, 110:330], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    image = np.full((height, width, 3), 110, np.uint8)
    middles = []
    for top in range(8, height - head.shape[0], step_px):
        for left in range(8, width - head.shape[1], step_px):
            image[top : top + head.shape[0], left : left + head.shape[1]] = head
            middles.append((left + scale * 113, top + scale * 99))
    return image, np.array(middles, np.float32)


def assert_each_found_once(boxes: NDArray[np.float32], middles: NDArray[np.float32]) -> None:
    found = boxes[:, :2] + boxes[:, 2:] / 2
    distances = np.linalg.norm(found[:, None] - middles[None], axis=2)
    assert len(found) == len(middles)
    assert sorted(distances.argmin(axis=1)) == list(range(len(middles)))
    assert distances.min(axis=1).max() < boxes[:, 2].max() / 2


@pytest.mark.parametrize(
    ("width", "height", "grey"), [(10_000, 1_000, True), (10_000, 1_000, False), (900, 9_000, True)]
)
def test_faces_of_90_px_in_photos_above_4000_px(
    yunet_cache: Path, width: int, height: int, grey: bool
) -> None:
    image, middles = crowd(width, height, face_px=90, step_px=730)
    if grey:
        image[:] = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    assert_each_found_once(make_detector("yunet", photos=True).detect(image).boxes, middles)


def test_faces_of_45_px_in_the_largest_photos(yunet_cache: Path) -> None:
    image, middles = crowd(8_000, 600, face_px=45, step_px=415)
    assert_each_found_once(make_detector("yunet", photos=True).detect(image).boxes, middles)


@pytest.mark.parametrize(("face_px", "left"), [(80, 3700), (160, 3350), (300, 3000), (700, 0)])
def test_a_face_on_the_border_of_tiles_is_found_once(
    yunet_cache: Path, face_px: int, left: int
) -> None:
    image, middles = crowd(6_000, 1_800, face_px=face_px, step_px=9_000)
    moved = np.roll(image, left, axis=1)
    boxes = make_detector("yunet", photos=True).detect(moved).boxes
    assert_each_found_once(boxes, middles + np.float32([left, 0]))


@pytest.mark.parametrize("shape", [(1, 20_000), (20_000, 1), (5_000, 3), (4_001, 10)])
def test_no_shape_is_too_odd_for_tiles(yunet_cache: Path, shape: tuple[int, int]) -> None:
    assert len(make_detector("yunet", photos=True).detect(np.zeros((*shape, 3), np.uint8))) == 0


@pytest.mark.parametrize(
    ("width", "height", "face_px", "photos"),
    [(640, 480, 24, False), (1280, 720, 24, True), (1280, 720, 30, True)],
    # As video files are read; 30 px in 1280 are 45 px in 1080p and 90 px in 4K.
)
def test_the_faces_that_a_video_file_may_have(
    yunet_cache: Path, width: int, height: int, face_px: int, photos: bool
) -> None:
    image, middles = crowd(width, height, face_px=face_px, step_px=150)
    assert_each_found_once(make_detector("yunet", photos=photos).detect(image).boxes, middles)


def test_a_shoulder_is_no_face_at_a_larger_pass(yunet_cache: Path) -> None:
    portrait = cv2.resize(data.astronaut()[:300, 30:430], (1280, 960))
    detector = make_detector("yunet", photos=True)
    for shift in range(0, 200, 20):
        moved = np.roll(portrait, (shift // 2, -shift), axis=(0, 1))
        assert len(detector.detect(np.ascontiguousarray(moved[:, : 1280 - shift], np.uint8))) == 1
