"""A named data set as the challenge's three splits: learned from, chosen on, kept back.

Training reads one kind of value, `Fer2013`. A data set that names no split of its own is divided
here, the same way each time, so that whoever measures later finds the very faces that were kept
back.
"""

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset.checks import copy_groups
from fer_core.dataset.fer2013 import SPLITS, Fer2013, Split
from fer_core.dataset.named import NamedDataset
from fer_core.dataset.pictures import SPLIT_NAMES
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError

SHARE = 0.15
"""Of the groups, for each of the two parts that a data set does not name itself."""

FEWEST = {Split.TRAINING: 40, Split.PUBLIC_TEST: 10, Split.PRIVATE_TEST: 10}
"""Faces without which nothing can be learned, chosen or told."""

_OWN = {
    Split.TRAINING: "train",
    Split.PUBLIC_TEST: "validation",
    Split.PRIVATE_TEST: "test",
}


def learning_splits(data: NamedDataset) -> NDArray[np.uint8]:
    """What each row is for: (n,) uint8 index into `SPLITS`.

    The data set's own splits count. What it does not name is taken out of the rest, a person, or
    all copies of one picture, as a whole: who was learned from is not who is kept back.
    """
    rest = np.isin(data.splits, [SPLIT_NAMES.index(""), SPLIT_NAMES.index("train")])
    splits = np.zeros(len(data), np.uint8)
    splits[data.splits == SPLIT_NAMES.index("validation")] = SPLITS.index(Split.PUBLIC_TEST)
    splits[data.splits == SPLIT_NAMES.index("test")] = SPLITS.index(Split.PRIVATE_TEST)
    missing = [
        split
        for split in (Split.PRIVATE_TEST, Split.PUBLIC_TEST)
        if not len(data.rows(_OWN[split]))
    ]
    if not missing:
        return splits
    groups = _groups(data)
    order = np.random.default_rng(0).permutation(np.unique(groups[rest]))
    size = max(1, round(SHARE * len(order)))
    for place, split in enumerate(missing):
        taken = np.isin(groups, order[place * size : (place + 1) * size]) & rest
        splits[taken] = SPLITS.index(split)
    return splits


def _groups(data: NamedDataset) -> NDArray[np.int64]:
    """(n,) int64: rows of a person share a number; of who is not named, those of one picture."""
    names, persons = np.unique(data.persons, return_inverse=True)
    return np.asarray(
        np.where(data.persons != "", persons, len(names) + copy_groups(data)), np.int64
    )


def as_splits(data: NamedDataset) -> Fer2013:
    """A data set's faces by what they are for; rows without a face are left out.

    Returns:
        Grey faces of 48x48 px in the data set's order.

    Raises:
        DatasetError: too few faces for one of the splits, or of one class only.
    """
    found = data.found & ~data.blank
    splits = learning_splits(data)[found]
    faces = Fer2013(data.faces[found], data.labels[found], splits)
    counts = {split: len(faces.rows(split)) for split in SPLITS}
    if short := [split for split in SPLITS if counts[split] < FEWEST[split]]:
        raise DatasetError(
            "too few faces to train on",
            where=data.name,
            expected=", ".join(f"{FEWEST[split]} to {_FOR[split]}" for split in short),
            received=", ".join(f"{counts[split]}" for split in short),
            remedy="Import more pictures, or choose another data set.",
        )
    learned = faces.class_counts(Split.TRAINING)
    if sum(count > 0 for count in learned.values()) < 2:
        only = max(LABELS, key=learned.__getitem__)
        raise DatasetError(
            "a network cannot learn to tell classes apart from one class",
            where=data.name,
            expected="at least two classes to learn from",
            received=f"{only} only",
            remedy="Import pictures of other classes too, or look at the table of labels.",
        )
    return faces


_FOR = {
    Split.TRAINING: "learn from",
    Split.PUBLIC_TEST: "choose on",
    Split.PRIVATE_TEST: "keep back",
}
