"""Intervals over participants: their ends by hand, and how often they cover the truth."""

import numpy as np
import pytest
from scipy.stats import t, ttest_ind

from fer_core.studies.statistics import difference_intervals, mean_intervals

STUDIES = 600


def covered(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    return float(((low <= truth) & (truth <= high)).mean())


def test_of_normal_values_it_is_students_interval() -> None:
    values = np.random.default_rng(1).normal(5, 2, (12, 40))
    low, high = mean_intervals(values, resamples=20_000)
    reach = t.ppf(0.975, 11) * values.std(axis=0, ddof=1) / np.sqrt(12)
    assert np.mean((high - low) / (2 * reach)) == pytest.approx(1, abs=0.03)


def test_of_two_normal_groups_it_is_welchs_interval() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(0, 1, (9, 40)), rng.normal(1, 3, (14, 40))
    low, high = difference_intervals(a, b, resamples=20_000)
    welch = ttest_ind(b, a, equal_var=False).confidence_interval()
    assert np.mean((high - low) / (welch.high - welch.low)) == pytest.approx(1, abs=0.03)


def test_it_follows_the_skew_and_stays_within_what_was_seen() -> None:
    shares = np.array([0, 0, 0, 0, 0.01, 0, 0.02, 0, 0, 0.4])[:, None]
    low, high = mean_intervals(shares)
    mean = shares.mean()
    assert 0 <= low[0] < mean < high[0] <= 0.4
    assert high[0] - mean > 2 * (mean - low[0])


@pytest.mark.parametrize("n", [8, 12, 20, 40])
def test_a_paired_difference_of_shares_is_covered_at_the_rate(n: int) -> None:
    rng = np.random.default_rng(n)
    differences = rng.beta(1.5, 3, (n, STUDIES)) - rng.beta(1, 4, (n, STUDIES))
    rate = covered(*mean_intervals(differences), truth=1.5 / 4.5 - 1 / 5)
    # Three standard errors of 600 draws under 95 %, and one point that few participants cost.
    assert 0.91 <= rate <= 0.975


def test_a_rare_share_is_covered_a_little_less_often() -> None:
    rng = np.random.default_rng(5)
    shares = rng.beta(0.3, 3, (12, STUDIES))
    assert covered(*mean_intervals(shares), truth=0.3 / 3.3) >= 0.87


def test_a_difference_between_groups_is_covered_at_the_rate() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.beta(2, 3, (10, STUDIES)), rng.beta(2, 6, (15, STUDIES))
    assert 0.92 <= covered(*difference_intervals(a, b), truth=2 / 8 - 2 / 5) <= 0.975


def test_equal_seeds_give_equal_ends() -> None:
    values = np.random.default_rng(0).random((7, 2))
    np.testing.assert_array_equal(mean_intervals(values), mean_intervals(values))
    assert not np.array_equal(mean_intervals(values), mean_intervals(values, seed=1))


def test_two_groups_are_drawn_independently_of_each_other() -> None:
    values = np.random.default_rng(0).random((9, 1))
    low, high = difference_intervals(values, values)
    assert low[0] < 0 < high[0]


def test_one_participant_has_no_interval_and_equal_ones_no_width() -> None:
    assert np.isnan(mean_intervals(np.ones((1, 3)))).all()
    assert np.isnan(mean_intervals(np.ones((0, 3)))).all()
    assert np.isnan(difference_intervals(np.ones((1, 3)), np.ones((9, 3)))).all()
    np.testing.assert_allclose(mean_intervals(np.full((5, 1), 0.3)), 0.3)
    np.testing.assert_allclose(difference_intervals(np.zeros((5, 1)), np.ones((4, 1))), 1)
