"""How much of a figure is the seed's: the same training begun several times.

A test set's interval says how far other images might lead; it says nothing of another draw of first
weights and of the order of images, which moves an accuracy as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from fer_core.errors import ContractError
from fer_core.metrics.intervals import LEVEL

_EQUAL = 1e-12
"""Spread below which values are the same one, but for the rounding of their sums."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over n seeds, in the figure's own unit.

    Attributes:
        n: seeds.
        mean: over them.
        sd: standard deviation of a seed, with n - 1; None for one seed.
        lowest, highest: of any seed.
    """

    n: int
    mean: float
    sd: float | None
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class SeedDifference:
    """A less B over seeds, by Student's t.

    Attributes:
        n: differences that it is of: pairs of seeds, or seeds of both together.
        difference: of the means.
        low, high: 95 % interval of the difference; None where n is too small for one.
        p: two-sided, of "no difference"; None as well.
    """

    n: int
    difference: float
    low: float | None
    high: float | None
    p: float | None

    @property
    def within_chance(self) -> bool | None:
        """Whether other seeds alone could make it: 0 lies in the interval; None without one."""
        return None if self.low is None or self.high is None else self.low <= 0 <= self.high


def spread(values: ArrayLike) -> Spread:
    """Mean and standard deviation over seeds.

    Args:
        values: (n,) one figure of each seed, n >= 1.

    Raises:
        ContractError: no seed, or more than one dimension.
    """
    found = _one_figure_a_seed(values, "spread")
    return Spread(
        n=len(found),
        mean=float(found.mean()),
        sd=float(found.std(ddof=1)) if len(found) > 1 else None,
        lowest=float(found.min()),
        highest=float(found.max()),
    )


def paired_difference(a: ArrayLike, b: ArrayLike) -> SeedDifference:
    """Two architectures trained with the same n seeds: paired t over the seeds.

    Source: Student 1908, Biometrika 6; on so few runs it is the interval that tells, which is as
    wide as n makes it: t with n - 1 degrees of freedom is 12.7 for two seeds, 4.3 for three.

    Args:
        a, b: (n,) one figure of each seed, in the same order, n >= 1.

    Raises:
        ContractError: no seed, or other shapes.
    """
    first, second = _one_figure_a_seed(a, "paired_difference"), np.asarray(b, np.float64)
    if first.shape != second.shape:
        raise ContractError(
            "both with the same seeds",
            where="paired_difference",
            expected=first.shape,
            received=second.shape,
        )
    gain = first - second
    n = len(gain)
    error = float(gain.std(ddof=1)) / sqrt(n) if n > 1 else None
    return _by_t(n, float(gain.mean()), error, n - 1)


def unpaired_difference(a: Sequence[float], b: Sequence[float]) -> SeedDifference:
    """Two ways of training with whatever seeds each has; one of them may have one.

    Both are taken to vary alike (pooled variance): with one seed against several it asks whether
    that one could be one more of the others, which is the usual case here.

    Args:
        a, b: one figure of each seed, at least one each.

    Raises:
        ContractError: no seed.
    """
    first, second = (_one_figure_a_seed(values, "unpaired_difference") for values in (a, b))
    freedom = len(first) + len(second) - 2
    error = None
    if freedom:
        squares = sum(float(((values - values.mean()) ** 2).sum()) for values in (first, second))
        error = sqrt(squares / freedom * (1 / len(first) + 1 / len(second)))
    difference = float(first.mean() - second.mean())
    return _by_t(len(first) + len(second), difference, error, freedom)


def _by_t(n: int, difference: float, error: float | None, freedom: int) -> SeedDifference:
    if error is None:
        return SeedDifference(n, difference, None, None, None)
    if error < _EQUAL:
        same = abs(difference) < _EQUAL
        return SeedDifference(n, difference, difference, difference, 1.0 if same else 0.0)
    reach = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(difference) / error, freedom))
    return SeedDifference(n, difference, difference - reach, difference + reach, p)


def _one_figure_a_seed(values: ArrayLike, where: str) -> NDArray[np.float64]:
    found = np.asarray(values, np.float64)
    if found.ndim != 1 or not len(found):
        raise ContractError(
            "one figure for each seed", where=where, expected="(n,), n >= 1", received=found.shape
        )
    return found
