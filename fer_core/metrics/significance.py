"""Is one model better than another, or was it luck? Both are asked on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from fer_core.errors import ContractError
from fer_core.metrics.intervals import RESAMPLES, bootstrap_interval

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """Model A against model B on the same images.

    Attributes:
        difference: accuracy of A less that of B, a fraction.
        low, high: 95 % bootstrap interval of the difference, paired, over duplicate groups.
        mcnemar_p: exact two-sided p of "both err equally often".
        only_a_right, only_b_right: images that only this one got right.
    """

    difference: float
    low: float
    high: float
    mcnemar_p: float
    only_a_right: int
    only_b_right: int


def mcnemar_exact(
    correct_a: ArrayLike,
    correct_b: ArrayLike,
    groups: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Exact McNemar test and the paired bootstrap interval of the difference.

    Only the images on which the two disagree tell them apart; under the null hypothesis each is a
    fair coin, so p is binomial: 2 · P(X <= min(b, c)), X ~ Bin(b + c, 1/2), at most 1.
    Source: McNemar 1947, Psychometrika 12; Dietterich 1998, Neural Computation 10.
    The test takes images one by one, although copies of one face err together: with FER2013's
    duplicates p is a little too small, which is why the interval, over groups, stands beside it.

    Args:
        correct_a: (n,) bool, n >= 1.
        correct_b: (n,) bool, the same images in the same order.
        groups: (n,) integers, see `bootstrap_interval`; None takes every image for its own.
        resamples: bootstrap samples.
        seed: makes the interval repeatable.

    Raises:
        ContractError: no image, or arrays of different shapes.
    """
    a, b = np.asarray(correct_a, bool), np.asarray(correct_b, bool)
    if a.ndim != 1 or a.shape != b.shape:
        raise ContractError(
            "both models on the same images",
            where="mcnemar_exact",
            expected=a.shape,
            received=b.shape,
        )
    ids = np.arange(len(a)) if groups is None else groups
    # bool minus bool is not defined in NumPy; int8 keeps -1, 0 and 1.
    gain = a.astype(np.int8) - b.astype(np.int8)
    low, high = bootstrap_interval(gain, ids, resamples, seed)
    only_a, only_b = int((gain > 0).sum()), int((gain < 0).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return Comparison(float(gain.mean()), low, high, float(p), only_a, only_b)


def bonferroni(p_values: ArrayLike, alpha: float = ALPHA) -> NDArray[np.bool_]:
    """Which of m tests survive when the chance of any false alarm shall stay under ``alpha``.

    p <= alpha / m. Source: Dunn 1961, JASA 56.

    Args:
        p_values: any shape; NaN (no test) is not counted and does not survive.
        alpha: family-wise error rate.

    Returns:
        bool of the same shape; the empty array stays empty.
    """
    p = np.asarray(p_values, np.float64)
    tests = int(np.isfinite(p).sum())
    with np.errstate(invalid="ignore"):
        return np.asarray(p <= alpha / max(tests, 1))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """p-values corrected so that the chance of any false alarm in the family stays under alpha.

    The smallest times m, the next times m - 1 and so on, never falling, at most 1.
    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Args:
        p_values: (m,); NaN (no test) is not counted and stays.
    """
    p = np.asarray(p_values, np.float64)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    corrected = np.full(len(p), np.nan)
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.maximum.accumulate(p[order] * factors).clip(max=1)
    return corrected


def agreement_matrix(predicted: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Share of images on which each pair of models says the same class; needs no labels.

    Args:
        predicted: m arrays (n,) of class numbers on the same images.

    Returns:
        (m, m) float64 in 0-1, symmetric, 1 on the diagonal; (0, 0) for no model.

    Raises:
        ContractError: arrays of different lengths.
    """
    rows = [np.asarray(row) for row in predicted]
    if len({row.shape for row in rows}) > 1:
        raise ContractError(
            "all models on the same images",
            where="agreement_matrix",
            expected=rows[0].shape,
            received=", ".join(str(row.shape) for row in rows[1:]),
        )
    table = np.ones((len(rows), len(rows)))
    for i, first in enumerate(rows):
        for j, second in enumerate(rows[:i]):
            table[i, j] = table[j, i] = float((first == second).mean()) if len(first) else 1.0
    return table
