"""Bootstrap intervals that know of duplicates.

FER2013 holds the same pixels several times. Copies are right or wrong together, so they are no
independent evidence: whole groups of copies are drawn, not images.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.errors import ContractError
from fer_core.metrics.contracts import refuse_none

RESAMPLES = 2000
LEVEL = 0.95

RESAMPLES_FOR_P = 10_000
"""A p-value is at least 2 / 10,001, and must stay small after correction for many tests."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two means, or of one from 0, in the unit of the values.

    Attributes:
        value: as seen.
        low, high: bootstrap 95 % interval.
        p: two-sided, of "there is none".
    """

    value: float
    low: float
    high: float
    p: float


def bootstrap_interval(
    correct: ArrayLike, groups: ArrayLike, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of a mean over images, drawing duplicate groups with replacement.

    Source: Efron 1979, Annals of Statistics 7 (bootstrap, percentile interval); Field & Welsh
    2007, JRSS B 69 (drawing clusters). Groups with the same size and sum are interchangeable, so
    instead of drawing G groups one by one the number of each kind is drawn from the multinomial
    distribution: the same law, a thousand times fewer random numbers.

    Args:
        correct: (n,) bool (for an accuracy) or numbers (for a difference: -1, 0, 1).
        groups: (n,) integers; images with the same pixels share one.
        resamples: bootstrap samples.
        seed: makes the interval repeatable.

    Returns:
        The 2.5 % and 97.5 % quantiles, in the unit of ``correct``.

    Raises:
        ContractError: no image, or arrays of different shapes.
    """
    values, ids = np.asarray(correct, np.float64), np.asarray(groups)
    if values.ndim != 1 or values.shape != ids.shape:
        raise ContractError(
            "one group for each image",
            where="bootstrap_interval",
            expected=values.shape,
            received=ids.shape,
        )
    refuse_none(len(values), "bootstrap_interval")
    sums, sizes = _drawn(np.stack([values, np.ones(len(values))], axis=1), ids, resamples, seed).T
    low, high = _middle(sums / sizes)
    return low, high


def bootstrap_difference(
    values: ArrayLike,
    groups: ArrayLike,
    inside: ArrayLike | None = None,
    resamples: int = RESAMPLES_FOR_P,
    seed: int = 0,
) -> Difference:
    """Mean of some images less that of the others, or a mean less 0, drawing groups.

    Images of one group are right together, so tests that count images one by one find differences
    that are none. p is twice the share of resamples on the side of 0 that has fewer of them, each
    counted with the sample that was seen: the level at which the percentile interval begins to hold
    0. Source: as `bootstrap_interval`; Davison & Hinkley 1997, Bootstrap Methods and their
    Application, sections 4.4 and 5.2.

    Args:
        values: (n,) bool, or numbers; n >= 1.
        groups: (n,) integers, drawn whole. With fewer than ten of them the result means little.
        inside: (n,) bool, the images whose mean is compared with the others', at least one of each;
            None: the mean of all is compared with 0.
        resamples: bootstrap samples.
        seed: makes the result repeatable.

    Raises:
        ContractError: no image on one of the sides, or arrays of different shapes.
    """
    numbers, ids = np.asarray(values, np.float64), np.asarray(groups)
    within = np.ones(len(numbers), bool) if inside is None else np.asarray(inside, bool)
    if (
        not numbers.shape == ids.shape == within.shape
        or not within.any()
        or (inside is not None and within.all())
    ):
        raise ContractError(
            "values, groups and sides of the same images, some on each side",
            where="bootstrap_difference",
            expected=numbers.shape,
            received=f"{ids.shape}, {within.shape}, {within.sum()} inside",
        )
    columns = np.stack([numbers * within, within, numbers * ~within, ~within], axis=1)
    seen = _difference(columns.sum(axis=0)[None], alone=inside is None)[0]
    drawn = _difference(_drawn(columns, ids, resamples, seed), alone=inside is None)
    drawn = drawn[np.isfinite(drawn)]  # without those that drew no image of a side
    low, high = _middle(drawn)
    rarer = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (1 + rarer) / (1 + len(drawn)))
    return Difference(float(seen), low, high, float(p))


def _difference(sums: NDArray[np.float64], *, alone: bool) -> NDArray[np.float64]:
    """Differences of means from rows of sum and size inside, sum and size outside."""
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = sums[:, 0] / sums[:, 1]
        return inside if alone else inside - sums[:, 2] / sums[:, 3]


def _middle(drawn: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _drawn(
    columns: NDArray[np.floating], ids: NDArray[np.generic], resamples: int, seed: int
) -> NDArray[np.float64]:
    """Sums (resamples, k) of columns (n, k) over groups drawn with replacement."""
    _, index = np.unique(ids, return_inverse=True)
    table = np.stack([np.bincount(index, column) for column in columns.T], axis=1)
    kinds, frequencies = np.unique(table, axis=0, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(
        frequencies.sum(), frequencies / frequencies.sum(), size=resamples
    )  # (resamples, kinds)
    return np.asarray(draws @ kinds, np.float64)
