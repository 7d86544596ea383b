"""Which images a person gets to see: a fair sample, or the ones whose labels are doubtful."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset.fer2013 import Fer2013, Split
from fer_core.dataset.ferplus import MAJORITIES, TIE, majority, ordered_votes


def sample_rows(
    data: Fer2013, *, split: Split, label: int | None = None, count: int = 24, seed: int = 0
) -> NDArray[np.int64]:
    """(k,) int64 row numbers drawn without repetition; the same seed gives the same ones.

    Args:
        data: the data set.
        split: draw from here.
        label: only this class; None draws from all.
        count: how many; fewer where there are fewer.
        seed: source of chance.
    """
    rows = data.rows(split)
    if label is not None:
        rows = rows[data.labels[rows] == label]
    return np.random.default_rng(seed).permutation(rows)[:count]


@dataclass(frozen=True, slots=True, eq=False)
class DoubtfulLabels:
    """Images that most FER+ voters call something else than their label, clearest case first.

    Attributes:
        rows: (m,) int64 row numbers in the data set; m may be 0.
        majorities: (m,) int64 index into `MAJORITIES`, never a tie.
        votes: (m, 10) int64 in the order of `MAJORITIES`.
    """

    rows: NDArray[np.int64]
    majorities: NDArray[np.int64]
    votes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def votes_of(self, index: int) -> list[tuple[str, int]]:
        """Options that got votes on image ``index``, most first."""
        votes = self.votes[index]
        order = np.argsort(-votes, kind="stable")
        return [(MAJORITIES[i], int(votes[i])) for i in order if votes[i]]


def doubtful_labels(
    data: Fer2013, *, label: int | None = None, said: int | None = None
) -> DoubtfulLabels:
    """Find the labels that FER+ contradicts, ordered by how many more votes the majority has.

    Args:
        data: the data set; without votes nothing is found.
        label: only images of this class.
        said: only this majority, an index into `MAJORITIES`; None takes every expression and
            leaves out "unknown" and "no face", which doubt the image rather than its label.
    """
    if data.votes is None:
        nothing = np.empty(0, np.int64)
        return DoubtfulLabels(nothing, nothing, np.empty((0, TIE), np.int64))
    votes, most = ordered_votes(data.votes), majority(data.votes)
    expressions = MAJORITIES.index("unknown")
    keep = (most != data.labels) & (most != TIE)
    keep &= most < expressions if said is None else most == said
    if label is not None:
        keep &= data.labels == label
    rows = np.flatnonzero(keep)
    lead = votes[rows, most[rows]] - votes[rows, data.labels[rows]]
    rows = rows[np.argsort(-lead, kind="stable")]
    return DoubtfulLabels(rows, most[rows], votes[rows])
