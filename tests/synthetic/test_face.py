"""The drawn face of the demo stream: found by a detector, always, and changing."""

import numpy as np
import pytest

from fer_core.faces import make_detector
from fer_core.synthetic.face import HEIGHT, LOOP_S, POSES, WIDTH, demo_frame, expression_at

TIMES = np.arange(0, LOOP_S, 0.5)


def test_every_class_is_drawn_once_a_loop() -> None:
    assert {expression_at(time) for time in TIMES} == set(POSES)
    assert len(POSES) == 7
    assert expression_at(0.1) == expression_at(LOOP_S + 0.1)


def test_frames_are_pictures_that_change() -> None:
    first, later = demo_frame(1.0), demo_frame(4.5)
    assert first.shape == (HEIGHT, WIDTH, 3)
    assert first.dtype == np.uint8
    assert np.abs(first.astype(int) - later).max() > 50
    assert np.array_equal(first, demo_frame(1.0))


@pytest.mark.usefixtures("yunet_cache")
@pytest.mark.parametrize("name", ["yunet", "haar"])
def test_the_drawn_face_is_found(name: str) -> None:
    detector = make_detector(name)
    assert detector.name == name
    found = [len(detector.detect(demo_frame(time))) for time in TIMES]
    assert np.mean(np.array(found) == 1) >= 0.95
