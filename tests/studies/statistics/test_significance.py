"""Sign flips, Welch and Holm: published examples, and other implementations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test, ttest_ind

from fer_core.metrics import holm
from fer_core.studies.statistics import sign_flip_p, welch_p

# Eighths of an inch by which crossed maize outgrew self-fertilised: Darwin's pairs, as Fisher
# 1935, The Design of Experiments, section 21, takes them: 863 of 2^15 sign patterns reach the sum.
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def test_fishers_example() -> None:
    p = sign_flip_p(np.array(DARWIN, float)[:, None])
    assert p[0] == pytest.approx(2 * 863 / 2**15)


def test_many_participants_are_flipped_at_random() -> None:
    rng = np.random.default_rng(0)
    differences = rng.normal(0.5, 1, (24, 3))
    other = permutation_test(
        (differences,),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9999,
        axis=0,
        rng=1,
    )
    np.testing.assert_allclose(sign_flip_p(differences), other.pvalue, atol=0.012)
    assert sign_flip_p(np.full((40, 1), 1.0)) == pytest.approx(1 / 10_000)  # never 0


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=9))
def test_few_participants_are_flipped_in_all_ways(values: list[int]) -> None:
    d = np.array(values, float)
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(d))).reshape(len(d), -1)
    by_hand = (abs(d @ signs) >= abs(d.sum())).mean()
    assert sign_flip_p(d[:, None])[0] == pytest.approx(by_hand)
    # Tenths cannot be held exactly: ties must be seen as such all the same.
    assert sign_flip_p(d[:, None] / 10)[0] == pytest.approx(by_hand)


def test_fewer_than_six_cannot_reach_five_per_cent() -> None:
    smallest = [sign_flip_p(np.ones((n, 1)))[0] for n in range(1, 8)]
    assert smallest == pytest.approx([1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64])
    assert sign_flip_p(np.zeros((9, 1)))[0] == 1
    assert np.isnan(sign_flip_p(np.empty((0, 2)))).all()


def test_holm_as_r_gives_it() -> None:
    # p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, np.nan, 0.7]) == pytest.approx([1, np.nan, 1], nan_ok=True)
    assert holm([]).shape == (0,)


def test_welch() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, 9), rng.normal(1, 2, 14)
    assert welch_p(a, b) == pytest.approx(ttest_ind(a, b, equal_var=False).pvalue)
    assert np.isnan(welch_p(a[:1], b))
    assert welch_p(np.zeros(3), np.zeros(4)) == 1
    # Each group without spread, and apart: there is nothing to measure the distance in.
    assert np.isnan(welch_p(np.zeros(3), np.ones(4)))
