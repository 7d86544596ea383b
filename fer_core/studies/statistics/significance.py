"""Tests of two conditions."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import ttest_ind

FLIPS = 9999
"""Random sign flips where there are too many for all: p is then at least 0.0001."""

ROUNDING = 1e-9
"""Differences under it are none: figures are quotients of long sums of seconds."""

_ALL_FLIPS_UP_TO = 15


def sign_flip_p(differences: ArrayLike, flips: int = FLIPS, seed: int = 0) -> NDArray[np.float64]:
    """Two-sided p of "it makes no difference", for k measures of n participants.

    If the conditions make no difference, each participant's difference might as well have the
    other sign. p is the share of all sign patterns whose mean is as far from 0: exact up to
    fifteen participants, from random patterns above, counting the one that was seen. Without it
    p could be 0. Chosen over the t-test because shares of time are bounded and skewed; the price
    is that n participants can reach no less than 2 / 2ⁿ, which is above 0.05 for fewer than six.
    One matrix product for all measures: `scipy.stats.permutation_test` gives the same (a test),
    many times slower.
    Source: Fisher 1935, The Design of Experiments, section 21; Phipson & Smyth 2010, Statistical
    Applications in Genetics and Molecular Biology 9(1), article 39 (counting the one seen).

    Args:
        differences: (n, k), finite.
        flips: random patterns, where not all are taken.
        seed: makes these repeatable.

    Returns:
        (k,) within 0-1, above 0; NaN for no participant.
    """
    rows = np.asarray(differences, np.float64)
    n, k = rows.shape
    if n == 0:
        return np.full(k, np.nan)
    if n <= _ALL_FLIPS_UP_TO:
        # The first sign stays: the pattern with all signs turned has the same distance from 0.
        signs = 1.0 - 2.0 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)[:, ::-1]
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], (flips, n))
    seen = np.abs(rows.sum(axis=0))
    # The pattern that was seen comes out of the product with another rounding.
    as_far = (np.abs(signs @ rows) >= seen * (1 - 1e-9) - ROUNDING).sum(axis=0)
    drawn = n > _ALL_FLIPS_UP_TO
    return np.asarray((as_far + drawn) / (len(signs) + drawn))


def least_p(differences: NDArray[np.float64]) -> float:
    """The smallest p of a sign-flip test of differences (n,); one of 0 cannot flip."""
    moved = int((np.abs(differences) > ROUNDING).sum())
    if len(differences) > _ALL_FLIPS_UP_TO:
        return max(2.0 ** (1 - moved), 1 / (FLIPS + 1)) if moved else 1.0
    return 2.0 ** (1 - moved) if moved else 1.0


def welch_p(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Two-sided p of Welch's test of (n,) and (m,) values; NaN below two, or if nothing varies.

    Source: Welch 1947, Biometrika 34, 28-35.
    """
    if min(len(a), len(b)) < 2:
        return np.nan
    if a.std() <= ROUNDING and b.std() <= ROUNDING:
        return 1.0 if abs(a.mean() - b.mean()) <= ROUNDING else np.nan
    return float(ttest_ind(b, a, equal_var=False).pvalue)
