"""What is worth knowing of a named data set, counted: after import, and by `data describe`."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset.fer2013 import SPLITS, Fer2013
from fer_core.dataset.named import DatasetInfo, NamedDataset
from fer_core.dataset.near_duplicates import find_copies, group_copies
from fer_core.dataset.pictures import SPLIT_NAMES
from fer_core.emotions import LABELS

_SHOWN = 5
"""Refused pictures and persons that are named in text; JSON has all of them."""


class DatasetChecks(BaseModel):
    """A named data set, counted.

    Attributes:
        info: where it comes from, its labels and refused pictures.
        fingerprint: SHA-256, see `NamedDataset.fingerprint`.
        pictures: all rows.
        without_face: rows in which no face was found.
        class_counts: pictures by split ("all" for those without one) and class.
        blank: faces that show nothing.
        repeated: faces beyond the first of the same picture.
        contradicting: faces of which the same picture occurs under another label.
        between_splits: faces whose picture also occurs in another split.
        persons: how many are named; 0 where the data set names none.
        persons_in_two_splits: those whose pictures are in more than one split.
        in_fer2013: pictures that are FER2013's, by its splits; None where it is not imported.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    info: DatasetInfo
    fingerprint: str
    pictures: int = Field(ge=1)
    without_face: int = Field(ge=0)
    class_counts: dict[str, dict[str, int]]
    blank: int = Field(ge=0)
    repeated: int = Field(ge=0)
    contradicting: int = Field(ge=0)
    between_splits: int = Field(ge=0)
    persons: int = Field(ge=0)
    persons_in_two_splits: tuple[str, ...]
    in_fer2013: dict[str, int] | None

    def text(self) -> str:
        """A table for the terminal, with what is worth knowing under it."""
        width = max(len(label) for label in LABELS)
        head = " ".join(f"{label:>{width}}" for label in (*LABELS, "all"))
        lines = [f"{'':12}{head}"]
        for split, counts in self.class_counts.items():
            numbers = [*counts.values(), sum(counts.values())]
            lines.append(f"{split:12}" + " ".join(f"{number:>{width},}" for number in numbers))
        return "\n".join([*lines, "", *self.notes(), f"fingerprint {self.fingerprint}"])

    def notes(self) -> list[str]:
        """What is worth knowing, a sentence each."""
        counted = [
            (self.without_face, "pictures in which no face was found, each counted as wrong"),
            (self.blank, "blank faces"),
            (self.repeated, "faces that repeat an earlier one"),
            (self.contradicting, "faces that occur again under another label"),
            (self.between_splits, "faces that occur in two splits"),
        ]
        notes = [f"{words}: {count:,}" for count, words in counted if count]
        if self.persons_in_two_splits:
            notes.append(
                f"{len(self.persons_in_two_splits):,} of {self.persons:,} persons are in two "
                f"splits: {_some(self.persons_in_two_splits)}"
            )
        notes.append(leak_note(self.in_fer2013))
        notes += [
            f"left out: {use.word} ({use.pictures:,}{'' if use.known else ', not in the table'})"
            for use in self.info.labels
            if use.label is None
        ]
        if self.info.refused:
            notes.append(f"{len(self.info.refused):,} pictures were refused:")
            notes += [f"  {bad.path}: {bad.reason}" for bad in self.info.refused[:_SHOWN]]
            if len(self.info.refused) > _SHOWN:
                notes.append("  ... (all with --json)")
        return notes


def leak_note(in_fer2013: dict[str, int] | None) -> str:
    """Whether the networks have seen a data set's pictures in training, in one sentence."""
    if in_fer2013 is None:
        return "FER2013 is not imported here: whether its pictures are among these is not known"
    if not any(in_fer2013.values()):
        return "none of the pictures is one of FER2013's"
    words = ", ".join(f"{count:,} of {split}" for split, count in in_fer2013.items() if count)
    return f"pictures of FER2013, which the networks were made with: {words}"


def in_fer2013(data: NamedDataset, fer2013: Fer2013) -> NDArray[np.int64]:
    """Which pictures are FER2013's: (n,) int64 index into its `SPLITS`, -1 for none of them.

    A picture of Training counts as such, wherever else it occurs.
    """
    seen = np.full(len(data), -1, np.int64)
    shown = data.found & ~data.blank
    for index in reversed(range(len(SPLITS))):
        rows = fer2013.rows(SPLITS[index], without_blank=True)
        copies = find_copies(data.faces[shown], fer2013.pixels[rows])
        seen[np.flatnonzero(shown)[copies >= 0]] = index
    return seen


def copy_groups(data: NamedDataset) -> NDArray[np.int64]:
    """(n,) int64: rows of the same picture share a number; one without a face is alone."""
    groups = np.arange(len(data)) + len(data)
    shown = np.flatnonzero(data.found & ~data.blank)
    groups[shown] = group_copies(data.faces[shown])
    return groups


def check_dataset(data: NamedDataset, fer2013: Fer2013 | None) -> DatasetChecks:
    """Count everything.

    Args:
        data: the data set.
        fer2013: to look for its pictures; None where it is not imported.
    """
    groups = copy_groups(data)
    seen = None if fer2013 is None else in_fer2013(data, fer2013)
    named = data.persons != ""
    return DatasetChecks(
        info=data.info,
        fingerprint=data.fingerprint,
        pictures=len(data),
        without_face=int((~data.found).sum()),
        class_counts={
            split or "all": data.class_counts(split)
            for split in SPLIT_NAMES
            if len(data.rows(split))
        },
        blank=int(data.blank.sum()),
        repeated=len(data) - len(np.unique(groups)),
        contradicting=int((_values_of(groups, data.labels) > 1).sum()),
        between_splits=int((_values_of(groups, data.splits) > 1).sum()),
        persons=len(np.unique(data.persons[named])),
        persons_in_two_splits=_in_two_splits(data.persons[named], data.splits[named]),
        in_fer2013=None
        if seen is None
        else {split.value: int((seen == index).sum()) for index, split in enumerate(SPLITS)},
    )


def _values_of(groups: NDArray[np.int64], values: NDArray[np.generic]) -> NDArray[np.int64]:
    """For each row, how many distinct values its group has."""
    _, index = np.unique(groups, return_inverse=True)
    pairs = np.unique(np.stack([index, values.astype(np.int64)]), axis=1)
    return np.bincount(pairs[0])[index]


def _in_two_splits(persons: NDArray[np.str_], splits: NDArray[np.uint8]) -> tuple[str, ...]:
    if not len(persons):
        return ()
    names, index = np.unique(persons, return_inverse=True)
    return tuple(names[np.unique(index[_values_of(index, splits) > 1])].tolist())


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
