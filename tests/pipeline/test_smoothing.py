"""Smoothed probabilities of faces that are known by their track ids."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.pipeline.smoothing import Smoother
from tests.streamed import shares

FPS = 30


def rows(*faces: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.array(faces, np.float32).reshape(-1, 7)


def test_no_face_keeps_its_shape() -> None:
    assert Smoother().update((), rows(), 0.0).shape == (0, 7)


def test_each_face_has_an_average_of_its_own_whatever_the_order() -> None:
    smoother = Smoother()
    happy, sad = shares(Emotion.HAPPY), shares(Emotion.SAD)
    smoother.update((4, 9), rows(happy, sad), 0.0)
    assert smoother.update((9, 4), rows(sad, happy), 0.03) == pytest.approx(rows(sad, happy))


def test_a_new_face_owes_nothing_to_one_that_is_forgotten() -> None:
    smoother = Smoother()
    smoother.update((1, 2), rows(shares(Emotion.HAPPY), shares(Emotion.HAPPY)), 0.0)
    smoother.keep({2})
    fear = shares(Emotion.FEAR)
    first, second = smoother.update((1, 2), rows(fear, fear), 0.03)
    assert first == pytest.approx(fear)
    assert second.argmax() == Emotion.HAPPY


@pytest.mark.parametrize("fps", [8, 12, 30, 60])
@pytest.mark.parametrize("confidence", [0.9, 0.6, 0.45])
def test_a_changed_expression_shows_within_300_ms(fps: int, confidence: float) -> None:
    smoother = Smoother()
    for frame in range(fps):
        smoother.update((1,), rows(shares(Emotion.NEUTRAL, 1.0)), frame / fps)
    for frame in range(fps):
        changed = rows(shares(Emotion.SURPRISE, confidence))
        smoothed = smoother.update((1,), changed, 1 + frame / fps)
        if smoothed.argmax() == Emotion.SURPRISE:
            # The change came somewhere after the last frame of the old expression.
            assert (frame + 1) / fps <= 0.3
            return
    pytest.fail("never changed")


def test_a_still_face_flickers_a_tenth_as_often() -> None:
    rng = np.random.default_rng(0)
    smoother = Smoother()
    raw, shown = [], []
    for frame in range(20 * FPS):
        scores = np.array([0, 0, 0.4, 0, 0, 0.9, 1.0]) + rng.normal(0, 0.35, 7)
        row = (np.exp(2 * scores) / np.exp(2 * scores).sum()).astype(np.float32)[None]
        smoothed = smoother.update((1,), row, frame / FPS)
        raw.append(row.argmax())
        shown.append(smoothed.argmax())
        assert smoothed.sum() == pytest.approx(1, abs=1e-5)
    flips_raw, flips_shown = np.count_nonzero(np.diff(raw)), np.count_nonzero(np.diff(shown))
    assert flips_raw > 5 * 20  # the case is a flickering one
    assert flips_shown <= flips_raw / 10
