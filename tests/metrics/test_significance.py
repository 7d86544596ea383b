"""Intervals, McNemar, Bonferroni, agreement."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from fer_core.errors import ContractError
from fer_core.metrics import (
    agreement_matrix,
    bonferroni,
    bootstrap_difference,
    bootstrap_interval,
    mcnemar_exact,
)


def test_interval_is_the_one_of_the_binomial() -> None:
    correct = np.arange(3589) < 0.74 * 3589
    low, high = bootstrap_interval(correct, np.arange(3589))
    assert low == pytest.approx(0.74 - 0.0143, abs=0.002)
    assert high == pytest.approx(0.74 + 0.0143, abs=0.002)


def test_interval_agrees_with_drawing_groups_one_by_one() -> None:
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 120, 200)
    correct = rng.random(200) < 0.6
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    means = [
        correct[np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])]
        for _ in range(3000)
    ]
    slow = np.quantile([values.mean() for values in means], [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_interval(correct, groups, 20_000), slow, atol=0.008)


def test_copies_widen_the_interval() -> None:
    correct = np.arange(400) % 5 > 0
    alone = bootstrap_interval(correct, np.arange(400))
    copied = bootstrap_interval(np.repeat(correct, 2), np.repeat(np.arange(400), 2))
    as_if_alone = bootstrap_interval(np.repeat(correct, 2), np.arange(800))
    assert copied == pytest.approx(alone)
    assert copied[1] - copied[0] > 1.2 * (as_if_alone[1] - as_if_alone[0])


def test_interval_is_repeatable_and_degenerate_where_all_agree() -> None:
    correct, groups = np.arange(50) % 3 == 0, np.arange(50)
    assert bootstrap_interval(correct, groups) == bootstrap_interval(correct, groups)
    assert bootstrap_interval(np.ones(9, bool), np.arange(9)) == (1.0, 1.0)


def test_interval_refuses_nothing() -> None:
    with pytest.raises(ContractError, match="no image"):
        bootstrap_interval([], [])
    with pytest.raises(ContractError, match="one group"):
        bootstrap_interval([True], [0, 1])


def test_mcnemar_by_hand() -> None:
    # b = 1, c = 5: p = 2 · (C(6,0) + C(6,1)) / 2⁶ = 14 / 64
    a = np.array([True] * 10 + [True] + [False] * 5 + [False] * 4)
    b = np.array([True] * 10 + [False] + [True] * 5 + [False] * 4)
    result = mcnemar_exact(a, b)
    assert (result.only_a_right, result.only_b_right) == (1, 5)
    assert result.mcnemar_p == pytest.approx(14 / 64)
    assert result.difference == pytest.approx(-4 / 20)
    assert result.low <= result.difference <= result.high
    assert set(json.loads(json.dumps(asdict(result)))) == {
        "difference",
        "low",
        "high",
        "mcnemar_p",
        "only_a_right",
        "only_b_right",
    }


def test_a_model_against_itself() -> None:
    result = mcnemar_exact([True, False], [True, False])
    assert (result.difference, result.low, result.high, result.mcnemar_p) == (0, 0, 0, 1)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_mcnemar_is_symmetric_and_binomial(rows: list[tuple[bool, bool]]) -> None:
    a, b = np.array(rows).T
    there, back = mcnemar_exact(a, b, resamples=50), mcnemar_exact(b, a, resamples=50)
    assert there.mcnemar_p == back.mcnemar_p
    assert there.difference == -back.difference
    few, all_ = sorted((there.only_a_right, there.only_b_right))[0], (a != b).sum()
    assert there.mcnemar_p == pytest.approx(min(1, 2 * binom.cdf(few, all_, 0.5)))


def test_mcnemar_refuses_other_images() -> None:
    with pytest.raises(ContractError, match="same images"):
        mcnemar_exact([True], [True, False])


def test_bonferroni() -> None:
    assert bonferroni([0.01, 0.02, 0.03]).tolist() == [True, False, False]
    assert bonferroni([0.024, np.nan, 0.03]).tolist() == [True, False, False]
    assert bonferroni([]).tolist() == []


def test_agreement() -> None:
    table = agreement_matrix([[0, 1, 2, 3], [0, 1, 2, 0], [1, 1, 1, 1]])
    np.testing.assert_allclose(table, [[1, 0.75, 0.25], [0.75, 1, 0.25], [0.25, 0.25, 1]])
    assert agreement_matrix([]).shape == (0, 0)
    with pytest.raises(ContractError):
        agreement_matrix([[0], [0, 1]])


def test_bootstrap_difference_agrees_with_two_shares_drawn_one_by_one() -> None:
    rng = np.random.default_rng(0)
    inside = np.arange(2000) < 600
    values = rng.random(2000) < np.where(inside, 0.67, 0.70)
    found = bootstrap_difference(values, np.arange(2000), inside)
    a, b = values[inside].mean(), values[~inside].mean()
    error = np.sqrt(a * (1 - a) / 600 + b * (1 - b) / 1400)
    assert found.value == pytest.approx(a - b)
    assert (found.low, found.high) == pytest.approx(
        (a - b - 1.96 * error, a - b + 1.96 * error), abs=0.003
    )
    assert found.p == pytest.approx(2 * norm.sf(abs(a - b) / error), rel=0.2, abs=1e-3)


def test_bootstrap_difference_draws_whole_groups() -> None:
    """Ten times the same twenty people are twenty people."""
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(40), 10)
    right = np.repeat(rng.random(40) < 0.5, 10)
    inside = person < 20
    wide = bootstrap_difference(right, person, inside)
    narrow = bootstrap_difference(right, np.arange(400), inside)
    assert wide.high - wide.low > 2.5 * (narrow.high - narrow.low)
    assert wide.p > narrow.p


def test_bootstrap_difference_from_nothing() -> None:
    assert bootstrap_difference([0, 0, 0], [0, 1, 2]).p == 1
    sure = bootstrap_difference(np.ones(50), np.arange(50))
    assert (sure.value, sure.low, sure.high) == (1, 1, 1)
    assert sure.p == pytest.approx(2 / 10_001)
    for inside in ([True, True], [False, False]):
        with pytest.raises(ContractError):
            bootstrap_difference([0, 1], [0, 1], inside)
    with pytest.raises(ContractError):
        bootstrap_difference([0, 1], [0, 1, 2])
