"""Answers that lean: by hand, and what taking the training set's shares out does to them."""

import numpy as np
import pytest

from fer_core.dataset import Fer2013
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.leaning import prior_trial, training_shares

SHARES = np.array([0.1, 0.02, 0.1, 0.29, 0.1, 0.08, 0.31])


def test_shares_are_those_of_the_faces_that_are_trained_on() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (11, 48, 48), np.uint8)
    pixels[7] = 128  # blank, and left out of training
    labels = np.array([*range(7), 0, 3, 6, 6])
    splits = np.array([0] * 9 + [1, 2], np.uint8)
    shares = training_shares(Fer2013(pixels, labels, splits))
    np.testing.assert_allclose(shares, [1 / 8, 1 / 8, 1 / 8, 2 / 8, 1 / 8, 1 / 8, 1 / 8])


def test_what_a_network_knows_from_the_shares_alone_goes() -> None:
    """Faces of which it knows nothing: all neutral before, and by no class at all after."""
    seen = np.log(SHARES) + np.where(np.eye(7)[np.arange(70) % 7], 0.2, 0)
    labels = np.arange(70) % 7
    rows = prior_trial(seen.astype(np.float32), labels, SHARES, (0.0, 1.0))
    assert rows[0].neutral > 0.8
    assert rows[0].accuracy == pytest.approx(2 / 7, abs=1e-6)
    assert rows[1].accuracy == rows[1].macro_f1 == 1
    assert rows[1].answers == pytest.approx(dict.fromkeys(LABELS, 1 / 7), abs=1e-6)


def test_a_picture_without_a_face_is_wrong_and_no_answer() -> None:
    logits = np.full((4, 7), -5, np.float32)
    labels = np.array([Emotion.HAPPY, Emotion.HAPPY, Emotion.NEUTRAL, Emotion.NEUTRAL])
    logits[np.arange(4), labels] = 5
    logits[3] = np.nan
    (row,) = prior_trial(logits, labels, SHARES, (0.0,))
    assert (row.n, row.accuracy) == (4, 0.75)
    assert row.neutral == pytest.approx(1 / 3, abs=1e-6)
    assert row.macro_f1 == pytest.approx((1 + 2 / 3) / 2, abs=1e-6)
