"""Bootstrap intervals that know of duplicates.

FER2013 holds the same pixels several times. Copies are right or wrong together, so they are no
independent evidence: whole groups of copies are drawn, not images.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.errors import ContractError
from fer_core.metrics.contracts import refuse_none

RESAMPLES = 2000
LEVEL = 0.95


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
    kinds, frequencies = _kinds(values, ids)
    draws = np.random.default_rng(seed).multinomial(
        frequencies.sum(), frequencies / frequencies.sum(), size=resamples
    )  # (resamples, kinds)
    sums, sizes = (draws @ kinds).T
    low, high = np.quantile(sums / sizes, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _kinds(
    values: NDArray[np.float64], ids: NDArray[np.generic]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distinct (sum, size) of groups as (m, 2), and how many groups are of each kind."""
    _, index = np.unique(ids, return_inverse=True)
    table = np.stack([np.bincount(index, values), np.bincount(index)], axis=1)
    kinds, frequencies = np.unique(table, axis=0, return_counts=True)
    return kinds.astype(np.float64), frequencies.astype(np.int64)
