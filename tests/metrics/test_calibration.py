"""Proper scores, reliability and temperature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from fer_core.errors import ContractError
from fer_core.metrics import brier, ece, fit_temperature, log_loss, reliability
from fer_core.zoo import softmax


def random_case(seed: int, n: int = 400, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels that are drawn from the logits' own softmax: calibrated at scale 1."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, 7))
    labels = (softmax(logits).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, 6)
    return logits * scale, labels


def test_log_loss_by_hand() -> None:
    assert log_loss([[0.5, 0.5], [0.25, 0.75]], [0, 1]) == pytest.approx(
        -(np.log(0.5) + np.log(0.75)) / 2
    )
    assert np.isfinite(log_loss([[1.0, 0.0]], [1]))


def test_brier_by_hand() -> None:
    # (0.2² + 0.2²) = 0.08 and (0.4² + 0.4²) = 0.32, in the mean 0.2
    assert brier([[0.8, 0.2], [0.4, 0.6]], [0, 1]) == pytest.approx(0.2)
    assert brier([[0.0, 1.0]], [0]) == pytest.approx(2.0)


def test_reliability_by_hand() -> None:
    # Confidences 0.6, 0.7 | 0.9, 1.0 in four bins; of the first two one is right.
    probabilities = [[0.6, 0.4], [0.3, 0.7], [0.9, 0.1], [1.0, 0.0]]
    table = reliability(probabilities, [0, 0, 0, 0], bins=4)
    assert table.counts.tolist() == [0, 0, 2, 2]
    assert table.confidence[2:].tolist() == pytest.approx([0.65, 0.95])
    assert table.accuracy[2:].tolist() == pytest.approx([0.5, 1.0])
    assert np.isnan(table.accuracy[:2]).all()
    assert table.ece == pytest.approx((0.15 * 2 + 0.05 * 2) / 4)


@pytest.mark.parametrize("measure", [log_loss, brier, ece, fit_temperature])
def test_refuses_nothing_and_nonsense(measure) -> None:
    with pytest.raises(ContractError, match="no image"):
        measure(np.empty((0, 7)), [])
    with pytest.raises(ContractError, match="NaN"):
        measure([[np.nan, 1.0]], [0])
    with pytest.raises(ContractError):
        measure([[0.5, 0.5]], [0, 1])


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_agrees_with_scikit_learn(seed: int) -> None:
    logits, labels = random_case(seed, 50)
    p = softmax(logits).astype(np.float64)
    p /= p.sum(axis=1, keepdims=True)
    assert log_loss(p, labels) == pytest.approx(sk.log_loss(labels, p, labels=range(7)))
    one_hot = np.eye(7)[labels]
    by_class = [sk.brier_score_loss(one_hot[:, k], p[:, k], pos_label=1) for k in range(7)]
    assert brier(p, labels) == pytest.approx(sum(by_class))


@given(st.integers(0, 10_000), st.integers(1, 40))
@settings(max_examples=25)
def test_ece_is_a_fraction_and_counts_every_image(seed: int, bins: int) -> None:
    logits, labels = random_case(seed, 30)
    table = reliability(softmax(logits), labels, bins)
    assert table.counts.sum() == 30
    assert 0 <= table.ece <= 1


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_temperature_takes_the_scale_back(scale: float) -> None:
    logits, labels = random_case(1, 20_000, scale)
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(scale, rel=0.03)
    assert ece(softmax(logits, temperature), labels) < 0.02


def test_temperature_never_makes_the_log_loss_worse() -> None:
    for seed in range(5):
        logits, labels = random_case(seed, 200, 2.0)
        temperature = fit_temperature(logits, labels)
        best = log_loss(softmax(logits, temperature), labels)
        for other in (1.0, temperature * 0.95, temperature * 1.05):
            assert best <= log_loss(softmax(logits, other), labels) + 1e-6
