"""Overlaps of boxes, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from fer_core.faces import pairwise_iou
from fer_core.faces.boxes import areas, intersections, iou

BOX = (0, 0, 10, 10)
OTHERS = ((0, 0, 10, 10), (5, 0, 10, 10), (20, 20, 5, 5), (2, 2, 5, 5), (10, 0, 5, 5))


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_by_hand(precision: DTypeLike) -> None:
    a, b = np.array([BOX], precision), np.array(OTHERS, precision)
    assert areas(b).tolist() == [100, 100, 25, 25, 25]
    assert intersections(a, b).tolist() == [[100, 50, 0, 25, 0]]
    overlaps = pairwise_iou(a, b)
    assert overlaps[0].tolist() == pytest.approx([1, 1 / 3, 0, 0.25, 0])
    assert overlaps.dtype == precision
    np.testing.assert_array_equal(pairwise_iou(b, a), overlaps.T)
    assert [iou(BOX, other) for other in OTHERS] == pytest.approx(overlaps[0].tolist())


def test_no_box_and_a_box_without_area() -> None:
    none, one = np.empty((0, 4), np.float32), np.array([BOX], np.float32)
    assert pairwise_iou(none, one).shape == (0, 1)
    assert pairwise_iou(one, none).shape == (1, 0)
    flat = np.zeros((1, 4), np.float32)
    assert pairwise_iou(flat, flat).tolist() == [[0]]


sides = st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 40)] * 2)


@given(sides, sides)
def test_as_counted_in_pixels(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    drawn = np.zeros((2, 80, 80), bool)
    for picture, (x, y, width, height) in zip(drawn, (one, other), strict=True):
        picture[y : y + height, x : x + width] = True
    counted = (drawn[0] & drawn[1]).sum() / (drawn[0] | drawn[1]).sum()
    (overlap,) = pairwise_iou(np.array([one], np.float32), np.array([other], np.float32))[0]
    assert overlap == pytest.approx(counted)
