"""Intervals over participants: people are drawn, never frames.

A person's frames resemble each other, so ten thousand frames of five people are five observations.

The interval is Hesterberg's expanded percentile interval. The plain percentile interval is too
narrow for few participants: its spread is that of n, not n - 1, and it has no t quantile for the
unknown spread. Taking quantiles further out mends both: for a mean of normal values it is as wide
as Student's interval, and it still follows the skew of shares near 0. Measured over 1,500 drawn
tables each, it covers a mean difference of shares in 93 to 96 % from eight participants on (plain
percentile: 86 to 94 %; BCa: 84 to 94 %), and in 90 % for twelve participants' share of something
rare (87 %; 89 %). Under six participants nothing that is drawn from them covers at its rate.
Source: Hesterberg 2015, What Teachers Should Know About the Bootstrap, The American Statistician
69, 371-386 (expanded percentile); Efron 1979, Annals of Statistics 7 (percentile).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, t

from fer_core.metrics.intervals import LEVEL

RESAMPLES = 4000
"""With fewer, the far quantiles that few participants need would hang on single samples."""

FEWEST = 6
"""Participants from which on an interval covers nearly at its rate, and a sign-flip test can
reach 0.05."""


def drawn_weights(n: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """How often each of n participants is drawn, divided by n: (resamples, n), rows sum to 1.

    Means of resamples are then ``weights @ values``.
    """
    if n == 0:
        return np.empty((resamples, 0))
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    return np.asarray(draws / n)


def tail(n: float, degrees: float | None = None) -> float:
    """Level of the lower quantile that makes a percentile interval cover 95 % for n participants.

    Φ(-√(n / (n - 1)) · t), t the 97.5 % quantile of Student's distribution: Hesterberg 2015.

    Args:
        n: participants, at least 2; with two groups the n whose n / (n - 1) is by how much the
            difference's squared standard error exceeds that of its bootstrap.
        degrees: of freedom, where not n - 1.
    """
    reach = t.ppf((1 + LEVEL) / 2, n - 1 if degrees is None else degrees)
    return float(norm.cdf(-np.sqrt(n / (n - 1)) * reach))


def quantile_interval(
    draws: NDArray[np.float64], lower: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ``lower`` and the 1 - ``lower`` quantiles of ``draws`` (b, ...), each (...)."""
    low, high = np.quantile(draws, [lower, 1 - lower], axis=0)
    return low, high


def mean_intervals(
    values: ArrayLike, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals of the means of k measures over n participants.

    Args:
        values: (n, k), finite; the participants are drawn alike for all measures.
        resamples: bootstrap samples.
        seed: makes the intervals repeatable.

    Returns:
        Low and high ends, each (k,); NaN for fewer than two participants.
    """
    rows = np.asarray(values, np.float64)
    if len(rows) < 2:
        return np.full(rows.shape[1], np.nan), np.full(rows.shape[1], np.nan)
    draws = drawn_weights(len(rows), resamples, seed) @ rows
    return quantile_interval(draws, tail(len(rows)))


def difference_intervals(
    first: ArrayLike, second: ArrayLike, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals of k differences of means, second less first, of different participants.

    Args:
        first: (n, k), finite.
        second: (m, k), finite: other people.
        resamples: bootstrap samples; each group is drawn by itself.
        seed: makes the intervals repeatable.

    Returns:
        Low and high ends, each (k,); NaN where a group has fewer than two participants.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    k = a.shape[1]
    if min(len(a), len(b)) < 2:
        return np.full(k, np.nan), np.full(k, np.nan)
    draws = drawn_weights(len(b), resamples, seed + 1) @ b
    draws -= drawn_weights(len(a), resamples, seed) @ a
    low, high = np.empty(k), np.empty(k)
    for column in range(k):
        lower = _tail_of_two(a[:, column], b[:, column])
        low[column], high[column] = np.quantile(draws[:, column], [lower, 1 - lower])
    return low, high


def _tail_of_two(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """`tail` with Welch's degrees of freedom; both groups without spread: any level will do."""
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    if not parts.sum():
        return (1 - LEVEL) / 2
    of_bootstrap = np.array([a.var() / len(a), b.var() / len(b)])
    degrees = parts.sum() ** 2 / (parts**2 / [len(a) - 1, len(b) - 1]).sum()
    ratio = parts.sum() / of_bootstrap.sum()
    return tail(ratio / (ratio - 1), float(degrees))
