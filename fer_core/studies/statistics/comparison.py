"""Is it shown longer under B than under A? Two conditions, participant by participant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.metrics.significance import ALPHA, holm
from fer_core.studies.statistics.bootstrap import (
    RESAMPLES,
    difference_intervals,
    mean_intervals,
)
from fer_core.studies.statistics.effects import cohens_dz, hedges_g
from fer_core.studies.statistics.significance import (
    ROUNDING,
    least_p,
    sign_flip_p,
    welch_p,
)

FAMILY = (*(f"share_{label}" for label in LABELS), "valence")
"""What is compared unless somebody asks for something else: eight measures."""

Design = Literal["within", "between"]


@dataclass(frozen=True, slots=True)
class ConditionComparison:
    """One measure under two conditions.

    Attributes:
        network: that read.
        measure: one of `figures.MEASURES`.
        first, second: the conditions.
        design: "within" the participants who were under both, or "between" different ones.
        n_first, n_second: participants compared; the same ones within participants.
        left_out: participants who could not be compared.
        mean_first, mean_second: means over participants.
        difference: second less first.
        low, high: its 95 % interval, by bootstrap over participants.
        higher, lower: participants with more and with less under the second condition; both 0
            between participants.
        effect, effect_low, effect_high: Cohen's dz within, Hedges' g between participants, with
            its 95 % interval; NaN without any spread.
        p: two-sided, of the sign-flip test within and Welch's between participants; NaN where
            there are too few participants for one.
        p_holm: after Holm's correction over the family.
        p_least: the smallest p_holm that so many participants can reach, the other comparisons
            of the family being what they are.
        family: comparisons that were corrected for.
    """

    network: str
    measure: str
    first: str
    second: str
    design: Design
    n_first: int
    n_second: int
    left_out: int
    mean_first: float
    mean_second: float
    difference: float
    low: float
    high: float
    higher: int
    lower: int
    effect: float
    effect_low: float
    effect_high: float
    p: float
    p_holm: float
    p_least: float
    family: int

    @property
    def found(self) -> bool:
        """Whether the difference holds after Holm's correction."""
        return self.p_holm <= ALPHA

    @property
    def effect_name(self) -> str:
        """The effect size's name."""
        return "Cohen's dz" if self.design == "within" else "Hedges' g"


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Participants of two conditions as two tables of k measures.

    Attributes:
        design: "within": row i of both is the same participant; "between": nobody is in both.
        first: (n, k) float64, finite.
        second: (m, k) float64, finite; m is n within participants.
        left_out: participants of either condition who are in neither table.
    """

    design: Design
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    left_out: int


def matched(figures: pd.DataFrame, first: str, second: str, measures: Sequence[str]) -> Matched:
    """Who can be compared, and how.

    Within participants where at least half of all were under both conditions; then those of only
    one are left out. Else between participants; then those of both are left out, because the
    two groups would not be independent.

    Args:
        figures: of one network, as `figures.participant_figures` gives.
        first, second: conditions.
        measures: columns.
    """
    chosen = figures["condition"].isin([first, second])
    rows = figures.loc[chosen, ["condition", "participant", *measures]]
    known = rows.dropna().set_index("participant")
    a, b = (
        known.loc[known["condition"] == condition, list(measures)] for condition in (first, second)
    )
    both, anybody = a.index.intersection(b.index), a.index.union(b.index)
    within = len(both) > 0 and 2 * len(both) >= len(anybody)
    if within:
        a, b = a.loc[both], b.loc[both]
    else:
        a, b = a.drop(both), b.drop(both)
    return Matched(
        "within" if within else "between",
        a.to_numpy(np.float64),
        b.to_numpy(np.float64),
        rows["participant"].nunique() - len(both if within else anybody.difference(both)),
    )


def compare_conditions(
    figures: pd.DataFrame,
    measures: Sequence[str] = FAMILY,
    pairs: Sequence[tuple[str, str]] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[ConditionComparison, ...]:
    """Every measure under every pair of conditions, by each network; Holm over all of a network.

    Args:
        figures: as `figures.participant_figures` or `figures.baseline_changes` gives.
        measures: columns; with ``pairs`` they are the family that Holm's correction is over.
        pairs: of conditions; None compares each with each, in the order of their names.
        resamples: bootstrap samples of participants.
        seed: makes intervals and tests repeatable.

    Returns:
        By network, then pair, then measure; () where there is but one condition.
    """
    found: list[ConditionComparison] = []
    for network, own in figures.groupby("network", observed=True):
        names = sorted(own["condition"].unique())
        wanted = list(combinations(names, 2)) if pairs is None else pairs
        results = [
            result
            for first, second in wanted
            for result in _of_pair(own, str(network), first, second, measures, resamples, seed)
        ]
        found += _corrected(results)
    return tuple(found)


def _corrected(results: list[ConditionComparison]) -> list[ConditionComparison]:
    """Holm's correction over one network's results, and what each could reach at the least."""
    p = np.array([result.p for result in results])
    corrected = holm(p)
    found = []
    for i, result in enumerate(results):
        at_best = p.copy()
        at_best[i] = result.p_least if np.isfinite(p[i]) else np.nan
        found.append(
            replace(
                result,
                p_holm=float(corrected[i]),
                p_least=float(holm(at_best)[i]),
                family=int(np.isfinite(p).sum()),
            )
        )
    return found


def _of_pair(
    figures: pd.DataFrame,
    network: str,
    first: str,
    second: str,
    measures: Sequence[str],
    resamples: int,
    seed: int,
) -> list[ConditionComparison]:
    """The measures of one pair of conditions, not yet corrected for how many there are."""
    people = matched(figures, first, second, measures)
    a, b = people.first, people.second
    if people.design == "within":
        columns = _within(b - a, resamples, seed)
    else:
        columns = _between(a, b, resamples, seed)
    nobody = np.full(len(measures), np.nan)
    mean_a, mean_b = (x.mean(axis=0) if len(x) else nobody for x in (a, b))
    columns |= {"mean_first": mean_a, "mean_second": mean_b, "difference": mean_b - mean_a}
    return [
        ConditionComparison(
            network=network,
            measure=measure,
            first=first,
            second=second,
            design=people.design,
            n_first=len(a),
            n_second=len(b),
            left_out=people.left_out,
            p_holm=np.nan,
            family=0,
            **{name: values[i].item() for name, values in columns.items()},
        )
        for i, measure in enumerate(measures)
    ]


def _within(
    differences: NDArray[np.float64], resamples: int, seed: int
) -> dict[str, NDArray[np.generic]]:
    """What is known of (n, k) paired differences: by field of `ConditionComparison`, (k,) each."""
    low, high = mean_intervals(differences, resamples, seed)
    effects = np.array([cohens_dz(column) for column in differences.T])
    return {
        "low": low,
        "high": high,
        "higher": (differences > ROUNDING).sum(axis=0),
        "lower": (differences < -ROUNDING).sum(axis=0),
        "effect": effects[:, 0],
        "effect_low": effects[:, 1],
        "effect_high": effects[:, 2],
        "p": sign_flip_p(differences, seed=seed),
        "p_least": np.array([least_p(column) for column in differences.T]),
    }


def _between(
    a: NDArray[np.float64], b: NDArray[np.float64], resamples: int, seed: int
) -> dict[str, NDArray[np.generic]]:
    """As `_within`, of two groups, (n, k) and (m, k)."""
    low, high = difference_intervals(a, b, resamples, seed)
    columns = list(zip(a.T, b.T, strict=True))
    effects = np.array([hedges_g(x, y) for x, y in columns])
    return {
        "low": low,
        "high": high,
        "higher": np.zeros(len(columns), np.int64),
        "lower": np.zeros(len(columns), np.int64),
        "effect": effects[:, 0],
        "effect_low": effects[:, 1],
        "effect_high": effects[:, 2],
        "p": np.array([welch_p(x, y) for x, y in columns]),
        "p_least": np.zeros(len(columns)),
    }
