"""Corrected shares: planted shares come back through a known confusion, and are covered."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError
from fer_core.studies.statistics import (
    corrected_difference,
    corrected_shares,
    mean_intervals,
    unconfused,
)
from fer_core.studies.statistics.figures import SAID

# About what a good network does with FER2013's test images: rows true, columns predicted.
CONFUSION = np.array(
    [
        [320, 8, 50, 15, 55, 8, 35],
        [15, 33, 3, 1, 2, 1, 0],
        [60, 3, 240, 15, 110, 55, 45],
        [10, 0, 10, 800, 12, 17, 30],
        [50, 2, 70, 25, 340, 4, 103],
        [8, 0, 35, 17, 6, 340, 10],
        [30, 1, 25, 40, 80, 5, 445],
    ]
)
RATES = CONFUSION / CONFUSION.sum(axis=1, keepdims=True)
SHOWN = np.array([0.10, 0.02, 0.05, 0.30, 0.10, 0.05, 0.38])


def said_by(people: NDArray[np.float64], condition: str = "A") -> pd.DataFrame:
    """Figures of participants who showed these shares, as the network says them."""
    table = pd.DataFrame(people @ RATES, columns=list(SAID))
    names = [f"P{i}" for i in range(len(people))]
    return table.assign(network="fer", condition=condition, participant=names)


def test_planted_shares_come_back() -> None:
    rng = np.random.default_rng(0)
    people = rng.dirichlet(SHOWN * 30, 9)
    result = corrected_shares(said_by(people), CONFUSION, "fer", "A", draws=100)
    np.testing.assert_allclose(result.corrected, people.mean(axis=0), atol=1e-5)
    assert np.abs(result.said - people.mean(axis=0)).max() > 0.04
    assert result.misfit == pytest.approx(0, abs=1e-5)
    assert 1 < result.condition_number < 10
    assert result.warnings == ()


def test_shares_stay_shares_whatever_was_said() -> None:
    rng = np.random.default_rng(1)
    for said in rng.dirichlet(np.full(7, 0.3), 50):
        shares = unconfused(said, RATES)
        assert shares.min() >= 0
        assert shares.sum() == pytest.approx(1)
        # No other shares come nearer: neither what was said nor any class alone.
        best = ((shares @ RATES - said) ** 2).sum()
        for other in (said, *np.eye(7)):
            assert best <= (((0.9 * shares + 0.1 * other) @ RATES - said) ** 2).sum() + 1e-9
    np.testing.assert_allclose(unconfused([0.3, 0.7], [[0.8, 0.2], [0.1, 0.9]]), [2 / 7, 5 / 7])


def test_intervals_cover_what_was_shown_and_the_reading_does_not() -> None:
    rng = np.random.default_rng(2)
    studies, covered, as_read = 120, np.zeros(7), np.zeros(7)
    for _ in range(studies):
        people = rng.dirichlet(SHOWN * 15, 15)
        images = np.stack(
            [rng.multinomial(n, row) for n, row in zip(CONFUSION.sum(axis=1), RATES, strict=True)]
        )
        result = corrected_shares(said_by(people), images, "fer", "A", draws=300)
        covered += (result.low <= SHOWN) & (result.high >= SHOWN)
        low, high = mean_intervals(people @ RATES, resamples=300)
        as_read += (low <= SHOWN) & (high >= SHOWN)
    rates = covered / studies
    assert rates.mean() == pytest.approx(0.94, abs=0.03)
    assert (np.delete(rates, 1) >= 0.88).all()
    assert rates[1] >= 0.80  # disgust in 2 % of the time: few people show any
    # What was read of some classes is another thing altogether: the correction matters.
    assert (as_read / studies).min() < 0.3


def test_a_difference_within_participants_is_narrower_than_between() -> None:
    rng = np.random.default_rng(3)
    first = rng.dirichlet(SHOWN * 15, 12)
    second = 0.9 * first + 0.1 * np.eye(7)[3]
    within = pd.concat([said_by(first), said_by(second, "B")])
    result = corrected_difference(within, CONFUSION, "fer", "A", "B", draws=300)
    assert (result.design, result.participants) == ("within", 12)
    np.testing.assert_allclose(result.corrected, (second - first).mean(axis=0), atol=1e-5)
    assert result.low[3] > 0
    others = said_by(second, "B").assign(participant=[f"Q{i}" for i in range(12)])
    between = corrected_difference(
        pd.concat([said_by(first), others]), CONFUSION, "fer", "A", "B", draws=300
    )
    assert (between.design, between.participants) == ("between", 24)
    np.testing.assert_allclose(between.corrected, result.corrected)
    assert between.high[3] - between.low[3] > 2 * (result.high[3] - result.low[3])


def test_a_network_that_never_says_disgust_is_warned_of() -> None:
    blind = CONFUSION.copy()
    blind[:, 0] += blind[:, 1]
    blind[:, 1] = 0
    figures = said_by(np.tile(SHOWN, (7, 1)))
    result = corrected_shares(figures, blind, "fer", "A", draws=100)
    assert result.condition_number > 10
    assert "too badly to correct" in result.warnings[0]


def test_confusion_that_does_not_transfer_is_warned_of() -> None:
    # This network calls every happy face happy in 89 %; here it says nothing but happy.
    said = np.tile(np.eye(7)[3], (7, 1))
    figures = pd.DataFrame(said, columns=list(SAID)).assign(
        network="fer", condition="A", participant=[f"P{i}" for i in range(7)]
    )
    result = corrected_shares(figures, CONFUSION, "fer", "A", draws=100)
    assert result.misfit > 0.05
    assert result.warnings[0].startswith("Under A no mix of expressions makes fer say")
    assert "cannot be trusted" in result.warnings[0]


def test_one_participant_has_no_interval() -> None:
    result = corrected_shares(said_by(SHOWN[None]), CONFUSION, "fer", "A")
    assert np.isnan(result.low).all()
    np.testing.assert_allclose(result.corrected, SHOWN, atol=1e-5)


def test_what_cannot_be_corrected_is_refused() -> None:
    figures = said_by(SHOWN[None])
    with pytest.raises(ContractError, match="not a confusion matrix"):
        corrected_shares(figures, RATES, "fer", "A")
    without = CONFUSION.copy()
    without[1] = 0
    with pytest.raises(ContractError, match=f"none of {LABELS[1]}"):
        corrected_shares(figures, without, "fer", "A")
    with pytest.raises(ContractError, match="no participant"):
        corrected_shares(figures, CONFUSION, "fer", "B")
    with pytest.raises(ContractError, match="no participant"):
        corrected_difference(figures, CONFUSION, "nano", "A", "B")
