"""The threshold below which a face is unsure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.metrics import choose_unsure_threshold, risk_coverage

# Confidence 0.9, 0.8, 0.7, 0.6: the last two wrong.
P = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
TRUE = np.array([0, 1, 1, 0])


def test_curve_by_hand() -> None:
    curve = risk_coverage(P, TRUE)
    assert curve.thresholds.tolist() == [0.0, 0.7, 0.8, 0.9]
    assert curve.coverage.tolist() == [1.0, 0.75, 0.5, 0.25]
    assert curve.risk.tolist() == pytest.approx([0.5, 1 / 3, 0.0, 0.0])
    assert curve.at(0.75) == (0.5, 0.0)
    assert curve.at(0.0) == (1.0, 0.5)
    assert curve.at(0.95) == (0.0, 0.0)
    assert curve.risk_of_surest(1.0) == 0.5
    assert curve.risk_of_surest(0.7) == pytest.approx(1 / 3), "three of four is the next above"
    assert curve.risk_of_surest(0.5) == 0.0
    assert curve.area == pytest.approx(0.25 * (0.5 + 1 / 3))


def test_equal_confidences_are_accepted_together() -> None:
    curve = risk_coverage([[0.8, 0.2], [0.2, 0.8], [0.5, 0.5]], [0, 0, 0])
    assert curve.coverage.tolist() == pytest.approx([1.0, 2 / 3])
    assert curve.risk.tolist() == pytest.approx([1 / 3, 0.5])


@pytest.mark.parametrize(
    ("risk", "threshold"), [(0.5, 0.0), (0.4, 0.7), (0.2, 0.8), (0.0, 0.8), (1.0, 0.0)]
)
def test_threshold_by_hand(risk: float, threshold: float) -> None:
    assert choose_unsure_threshold(P, TRUE, risk) == threshold


def test_a_bad_model_still_answers_half_of_the_time() -> None:
    always_wrong = 1 - TRUE
    assert choose_unsure_threshold(P, P.argmax(axis=1) ^ 1, 0.2) == 0.8
    assert risk_coverage(P, always_wrong).at(0.8)[0] == 0.5


@given(st.integers(0, 10_000), st.floats(0.01, 0.9))
@settings(max_examples=50)
def test_threshold_keeps_its_promise(seed: int, risk: float) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(7) * 0.5, 80).astype(np.float32)
    labels = np.where(rng.random(80) < p.max(axis=1), p.argmax(axis=1), rng.integers(0, 7, 80))
    threshold = choose_unsure_threshold(p, labels, risk)
    accepted = p.max(axis=1) >= threshold  # float32 against Python float, as `Predictions` does
    coverage, measured = risk_coverage(p, labels).at(threshold)
    assert accepted.mean() == pytest.approx(coverage)
    assert coverage >= 0.5
    assert (p.argmax(axis=1) != labels)[accepted].mean() == pytest.approx(measured)
    reachable = risk_coverage(p, labels)
    if (reachable.risk[reachable.coverage >= 0.5] <= risk).any():
        assert measured <= risk
