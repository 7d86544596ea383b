"""Logistic regression finds what the answers were drawn from."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from fer_core.errors import ContractError
from fer_core.metrics import fit_logistic, fit_softmax


def test_it_finds_the_weights_that_answers_were_drawn_from() -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(0, 1, 40_000), rng.normal(50, 10, 40_000)])
    yes = rng.random(40_000) < expit(-4 + 1.5 * x[:, 0] + 0.08 * x[:, 1])
    intercept, weights = fit_logistic(x, yes)
    assert intercept == pytest.approx(-4, abs=0.2)
    np.testing.assert_allclose(weights, [1.5, 0.08], rtol=0.05)


def test_the_mean_of_what_it_expects_is_the_share_of_yes() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (500, 3))
    yes = rng.random(500) < 0.3
    intercept, weights = fit_logistic(x, yes)
    assert expit(intercept + x @ weights).mean() == pytest.approx(yes.mean(), abs=1e-4)


def test_a_row_that_counts_twice_is_two_rows() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, (300, 2))
    yes = rng.random(300) < expit(x[:, 0])
    counts = rng.integers(0, 4, 300)
    once = fit_logistic(x, yes, counts)
    often = fit_logistic(np.repeat(x, counts, axis=0), np.repeat(yes, counts))
    assert once[0] == pytest.approx(often[0], abs=1e-4)
    np.testing.assert_allclose(once[1], often[1], atol=1e-4)
    assert abs(once[1][0] - fit_logistic(x, yes)[1][0]) > 1e-3


def test_features_that_say_nothing_or_all_stay_finite() -> None:
    x = np.column_stack([np.full(20, 7.0), np.arange(20.0)])
    intercept, weights = fit_logistic(x, np.arange(20) >= 10)
    assert np.isfinite([intercept, *weights]).all()
    assert weights[0] == 0
    assert weights[1] > 0


@pytest.mark.parametrize(
    ("features", "answers"),
    [
        (np.empty((0, 2)), []),
        ([1.0, 2.0], [True, False]),
        ([[np.nan]], [True]),
        ([[1.0], [2.0]], [True]),
    ],
)
def test_what_cannot_be_fitted_is_refused(features: object, answers: object) -> None:
    with pytest.raises(ContractError):
        fit_logistic(features, answers)  # type: ignore[arg-type]


def test_class_shares_are_found_that_answers_were_drawn_from() -> None:
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.normal(0, 1, 30_000), rng.normal(50, 10, 30_000)])
    kernel, bias = np.array([[1.0, -1.0, 0.0], [0.05, 0.0, -0.05]]), np.array([-2.0, 0.0, 2.0])
    shares = softmax(x @ kernel + bias, axis=1)
    found, constant = fit_softmax(x.astype(np.float32), shares, ridge=1e-6)
    np.testing.assert_allclose(softmax(x @ found + constant, axis=1), shares, atol=0.01)
    # Of shares themselves, not of classes drawn from them: nothing is left to chance.
    np.testing.assert_allclose(found - found.mean(axis=1, keepdims=True), kernel, atol=0.02)


def test_a_ridge_keeps_classes_nearer_to_each_other() -> None:
    rng = np.random.default_rng(4)
    x = np.column_stack([rng.normal(0, 1, (400, 2)), np.full(400, 7.0)])
    shares = np.eye(2)[(x[:, 0] > 0).astype(int)]
    (free, _), (held, _) = (fit_softmax(x, shares, ridge=ridge) for ridge in (1e-4, 1.0))
    assert np.abs(held).max() < np.abs(free).max() / 3
    assert (free[2] == 0).all(), "a feature that never varies says nothing"


@pytest.mark.parametrize(
    ("features", "shares"),
    [
        (np.empty((0, 2)), np.empty((0, 2))),
        ([[1.0], [2.0]], [[1.0, 0.0]]),
        ([[np.inf]], [[1.0, 0.0]]),
        ([[1.0]], [1.0]),
    ],
)
def test_shares_that_cannot_be_fitted_are_refused(features: object, shares: object) -> None:
    with pytest.raises(ContractError):
        fit_softmax(features, shares, ridge=0.1)  # type: ignore[arg-type]
