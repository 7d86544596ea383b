"""Does a finding survive the network? The same figures from each network that read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError
from fer_core.studies.statistics.comparison import ConditionComparison
from fer_core.studies.statistics.tables import ENTRY, StudyTables
from fer_core.studies.statistics.totals import NO_FACE, CodedFrames, coded_frames

WINDOW_S = 2.0
"""Stretches in which networks are held against each other: longer than most expressions."""

Verdict = Literal["survives", "weaker", "reversed", "none"]


@dataclass(frozen=True, slots=True)
class Survival:
    """One comparison by each of m networks, at least two.

    Attributes:
        comparisons: of the same measure and conditions, one a network; the first is the network
            that the study reports.
    """

    comparisons: tuple[ConditionComparison, ...]

    @property
    def found(self) -> int:
        """Networks whose difference holds after Holm's correction over their own family."""
        return sum(comparison.found for comparison in self.comparisons)

    @property
    def same_direction(self) -> bool:
        """Whether no two networks' differences have opposite signs."""
        signs = np.sign([comparison.difference for comparison in self.comparisons])
        return not (signs.max() > 0 > signs.min())

    @property
    def verdict(self) -> Verdict:
        """What becomes of the finding.

        "none": no network found a difference. "reversed": some did, and two have opposite signs.
        "survives": all found it in one direction. "weaker": one direction, and not all found it.
        """
        if not self.found:
            return "none"
        if not self.same_direction:
            return "reversed"
        return "survives" if self.found == len(self.comparisons) else "weaker"


def survivals(comparisons: Sequence[ConditionComparison], reported: str) -> tuple[Survival, ...]:
    """The comparisons of all networks, put together by measure and conditions.

    Args:
        comparisons: as `comparison.compare_conditions` gives for several networks.
        reported: the network whose findings the study reports; it comes first.

    Returns:
        In the order of the reported network's; () where only one network read. What another
        network could not compare is left out.

    Raises:
        ContractError: no comparison of the reported network.
    """
    by_key: dict[tuple[str, str, str], list[ConditionComparison]] = {}
    for comparison in sorted(comparisons, key=lambda one: one.network != reported):
        if np.isfinite(comparison.difference):
            key = (comparison.measure, comparison.first, comparison.second)
            by_key.setdefault(key, []).append(comparison)
    if comparisons and all(one.network != reported for one in comparisons):
        raise ContractError(
            "the reported network did not read",
            where="survivals",
            expected=", ".join(sorted({one.network for one in comparisons})),
            received=reported,
        )
    return tuple(
        Survival(tuple(group))
        for group in by_key.values()
        if len(group) > 1 and group[0].network == reported
    )


def disagreements(tables: StudyTables, window_s: float = WINDOW_S, most: int = 10) -> pd.DataFrame:
    """The stretches of time in which the networks disagree most.

    Disagreement of two networks about a face is the total variation distance of their
    probabilities: half the sum of the differences, 0 for the same, 1 where each gives all to
    other classes. With more than two networks it is the mean over pairs.

    Args:
        tables: of a study, or of one recording; only faces that all networks read are compared.
        window_s: length of a stretch.
        most: how many stretches to give, of each recording.

    Returns:
        The worst first: ``recording``, ``participant``, ``condition``, ``start_s``, ``end_s``,
        ``seconds`` with a face, ``disagreement`` 0-1, and for each network a column of its name
        with the class that it said longest. Empty where only one network read.
    """
    frames = coded_frames(tables)
    networks = sorted(frames.cells["network"].unique())
    index = _rows_by_network(tables, frames, networks)
    seconds = frames.counted_seconds()[index[:, 0]]
    index, seconds = index[seconds > 0], seconds[seconds > 0]
    window = np.floor(frames.begins_s[index[:, 0]] / window_s).astype(np.int64)
    places, place = np.unique(
        np.stack([frames.cell[index[:, 0]], window], axis=1), axis=0, return_inverse=True
    )
    total = np.bincount(place, seconds, len(places))
    mean = np.bincount(place, _distance(frames.probabilities, index) * seconds, len(places)) / total
    worst = np.argsort(-mean, kind="stable")
    recordings = frames.cells["recording"].to_numpy()[places[worst, 0]]
    worst = worst[pd.Series(recordings).groupby(recordings).cumcount().to_numpy() < most]
    words = frames.cells.loc[places[worst, 0], list(ENTRY)].reset_index(drop=True)
    found: pd.DataFrame = words.assign(
        start_s=places[worst, 1] * window_s,
        end_s=(places[worst, 1] + 1) * window_s,
        seconds=total[worst],
        disagreement=mean[worst],
        **{
            network: _longest(frames.said[index[:, column]], seconds, place, len(places))[worst]
            for column, network in enumerate(networks)
        },
    )
    return found


def _rows_by_network(
    tables: StudyTables, frames: CodedFrames, networks: Sequence[str]
) -> NDArray[np.int64]:
    """(r, m) rows of `CodedFrames`: the same r faces as each of m networks read them."""
    face = frames.said != NO_FACE
    if len(networks) < 2:
        return np.empty((0, max(len(networks), 1)), np.int64)
    keys = [*ENTRY, "track", "time_s"]
    seen = tables.frames.loc[face, keys]
    reading = seen.groupby(keys, observed=True).ngroup().to_numpy()
    network = pd.Index(networks).get_indexer(pd.Index(frames.cells["network"]))[frames.cell[face]]
    index = np.full((int(reading.max(initial=-1)) + 1, len(networks)), -1, np.int64)
    index[reading, network] = np.flatnonzero(face)
    return index[(index >= 0).all(axis=1)]


def _distance(probabilities: NDArray[np.float32], index: NDArray[np.int64]) -> NDArray[np.float64]:
    """(r,) total variation distance, mean over pairs of networks."""
    pairs = list(combinations(range(index.shape[1]), 2))
    total = np.zeros(len(index))
    for a, b in pairs:
        gaps = probabilities[index[:, a]] - probabilities[index[:, b]]
        total += np.abs(gaps).sum(axis=1, dtype=np.float64) / 2
    return total / max(len(pairs), 1)


def _longest(
    said: NDArray[np.int64], seconds: NDArray[np.float64], place: NDArray[np.int64], places: int
) -> NDArray[np.str_]:
    """(places,) the label that was said longest in each place."""
    k = len(LABELS)
    by_class = np.bincount(place * k + said, seconds, places * k).reshape(places, k)
    return np.asarray(np.array(LABELS)[by_class.argmax(axis=1)])
