"""Agreement of the network with a human coder, or of two coders, over time.

Both are laid on one grid of steps. What a step is called is the label whose interval covers its
middle; where none does, or where two different labels overlap, it is called nothing. Steps that
either side calls nothing are left out, and their seconds are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fer_core.emotions import LABELS
from fer_core.errors import StudyError
from fer_core.studies.statistics.bootstrap import (
    FEWEST,
    RESAMPLES,
    drawn_weights,
    quantile_interval,
    tail,
)
from fer_core.studies.statistics.codings import (
    NOTHING,
    SEVERAL,
    checked_coding,
    on_one_grid,
)

STEP_S = 0.1
SEGMENT_S = 30.0
"""Where there are too few recordings to draw, segments of them are drawn: long enough that one
expression seldom lasts from one into the next."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A figure of agreement with its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class CoderAgreement:
    """How far two agree about the same recordings.

    Attributes:
        categories: k words.
        confusion: (k, k) int64 steps; rows the first (the coder), columns the second (network).
        step_s: length of a step.
        agreement: share of steps with the same word, 0-1.
        kappa: Cohen's kappa, unweighted: agreement beyond the chance of both one's own habits.
        alpha: Krippendorff's alpha for nominal data.
        unit: what the intervals draw: whole recordings, or segments of them.
        units: how many.
        only_first_s, only_second_s: seconds that only one side gave a word.
        overlap_s: seconds in which one side gave two words at once.
    """

    categories: tuple[str, ...]
    confusion: NDArray[np.int64]
    step_s: float
    agreement: Coefficient
    kappa: Coefficient
    alpha: Coefficient
    unit: Literal["recording", "segment"]
    units: int
    only_first_s: float
    only_second_s: float
    overlap_s: float


def cohens_kappa(confusion: ArrayLike) -> NDArray[np.float64]:
    """(p_o - p_e) / (1 - p_e) of one or many confusion tables.

    p_o is the share on the diagonal, p_e what both one's own shares of the categories give by
    chance. Source: Cohen 1960, Educational and Psychological Measurement 20, 37-46.

    Args:
        confusion: (..., k, k) counts.

    Returns:
        (...); NaN where both use one and the same category only, or nothing was counted.
    """
    table = np.asarray(confusion, np.float64)
    with np.errstate(invalid="ignore"):
        shares = table / table.sum(axis=(-2, -1), keepdims=True)
        chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
        return _beyond(np.trace(shares, axis1=-2, axis2=-1), chance)


def krippendorffs_alpha(confusion: ArrayLike) -> NDArray[np.float64]:
    """1 - D_o / D_e for nominal data and two coders, of one or many confusion tables.

    Both coders' words are taken as one pool of n = 2 · units values, of which n_c are category c:
    D_e = 1 - Σ n_c (n_c - 1) / (n (n - 1)) is how often two of them differ; D_o how often the two
    of a unit do. Own, because the bootstrap needs thousands from counts at once.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; Hayes & Krippendorff
    2007, Communication Methods and Measures 1, 77-89.

    Args:
        confusion: (..., k, k) counts of units that both coded.

    Returns:
        (...); NaN where only one category occurs, or nothing was counted.
    """
    table = np.asarray(confusion, np.float64)
    units = table.sum(axis=(-2, -1))
    pool = table.sum(axis=-1) + table.sum(axis=-2)
    n = 2 * units
    with np.errstate(invalid="ignore", divide="ignore"):
        same = (pool * (pool - 1)).sum(axis=-1) / (n * (n - 1))
        return _beyond(np.trace(table, axis1=-2, axis2=-1) / units, same)


def _beyond(seen: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is seen beyond chance, of what could be; NaN where chance leaves nothing."""
    left = np.where(1 - chance > 1e-12, 1 - chance, np.nan)
    return np.asarray((seen - chance) / left)


def coder_agreement(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    step_s: float = STEP_S,
    segment_s: float = SEGMENT_S,
    categories: Sequence[str] = LABELS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> CoderAgreement:
    """Agreement of two tables of intervals about the recordings that both have.

    The intervals are by bootstrap over recordings where there are at least `FEWEST`, else over
    segments of ``segment_s``; these are no independent people, so the interval then speaks of
    these recordings only.

    Args:
        first: `INTERVAL_COLUMNS`, seconds and words: the coder's.
        second: the same: the network's (`network_intervals`), or another coder's.
        step_s: of the grid.
        segment_s: of the bootstrap, where recordings are few.
        categories: the words that may occur.
        resamples: bootstrap samples.
        seed: makes the intervals repeatable.

    Raises:
        StudyError: a word that is no category, an interval that ends before it starts, or no
            recording in both.
        ContractError: a column is missing.
    """
    words = tuple(categories)
    codings = (
        checked_coding(first, words, "coder_agreement.first"),
        checked_coding(second, words, "coder_agreement.second"),
    )
    shared = sorted(codings[0].rows.keys() & codings[1].rows.keys())
    if not shared:
        raise StudyError(
            "no recording has both codings",
            where="agreement",
            expected=", ".join(list(codings[1].rows)[:3]),
            received=", ".join(list(codings[0].rows)[:3]),
            remedy="Name the recordings alike in both.",
        )
    by_recording = len(shared) >= FEWEST
    tables, left_out = [], np.zeros(3)
    for recording in shared:
        a, b = on_one_grid(codings, recording, step_s, len(words))
        left_out += [
            ((a >= 0) & (b == NOTHING)).sum(),
            ((b >= 0) & (a == NOTHING)).sum(),
            ((a == SEVERAL) | (b == SEVERAL)).sum(),
        ]
        size = len(a) if by_recording else max(round(segment_s / step_s), 1)
        tables.append(_confusions(a, b, size, len(words)))
    units = np.concatenate(tables)
    units = units[units.sum(axis=(1, 2)) > 0]
    # Counts, not shares: alpha knows how many there are.
    weights = drawn_weights(len(units), resamples, seed) * len(units)
    total, draws = units.sum(axis=0), np.tensordot(weights, units, axes=1)
    only_first, only_second, overlap = left_out * step_s
    agreement, kappa, alpha = (
        _coefficient(figure(total), figure(draws), len(units))
        for figure in (_agreement, cohens_kappa, krippendorffs_alpha)
    )
    return CoderAgreement(
        categories=words,
        confusion=total,
        step_s=step_s,
        agreement=agreement,
        kappa=kappa,
        alpha=alpha,
        unit="recording" if by_recording else "segment",
        units=len(units),
        only_first_s=float(only_first),
        only_second_s=float(only_second),
        overlap_s=float(overlap),
    )


def _agreement(confusion: NDArray[np.generic]) -> NDArray[np.float64]:
    table = np.asarray(confusion, np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.trace(table, axis1=-2, axis2=-1) / table.sum(axis=(-2, -1)))


def _coefficient(value: NDArray[np.float64], draws: NDArray[np.float64], units: int) -> Coefficient:
    defined = draws[np.isfinite(draws)]
    if units < 2 or not len(defined):
        return Coefficient(float(value), np.nan, np.nan)
    low, high = quantile_interval(defined, tail(units))
    return Coefficient(float(value), float(low), float(high))


def _confusions(a: NDArray[np.int64], b: NDArray[np.int64], size: int, k: int) -> NDArray[np.int64]:
    """(units, k, k) counts of stretches of ``size`` steps."""
    both = (a >= 0) & (b >= 0)
    unit = np.arange(len(a)) // max(size, 1)
    units = int(unit.max(initial=-1)) + 1
    index = (unit[both] * k + a[both]) * k + b[both]
    return np.bincount(index, minlength=units * k * k).reshape(units, k, k).astype(np.int64)
