"""Images with their labels, as networks' kept answers belong to them: of any data set."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import SPLITS, Fer2013, NamedDataset, Split, copy_groups
from fer_core.emotions import LABELS
from fer_core.faces.quality import head_turn

Unit = Literal["picture", "group", "person"]

FEWEST_GROUPS = 10
"""Groups of a sheet from which on they are drawn for an interval: two would tell nothing."""

NO_FACE = len(LABELS)
"""An eighth answer, which is nobody's label."""

_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """The labels of some images, and what is known of each; n >= 1.

    Attributes:
        labels: (n,) int64, columns of `Emotion`.
        found: (n,) bool: whether a face was found; without one an answer is wrong.
        pixels: (n, 48, 48) uint8 grey; 0 without a face.
        copies: (n,) int64; the same picture has the same number.
        unit, clusters: what is drawn for an interval, and (n,) int64 which one an image is of.
        face_px: (n,) float32 longer side of a face in its picture; NaN where that is not known.
        turns: (n,) float64 of `fer_core.faces.quality.head_turn`; NaN where that is not known.
        groups, persons: (n,) text; "" where nothing is said.
    """

    labels: NDArray[np.int64]
    found: NDArray[np.bool_]
    pixels: NDArray[np.uint8]
    copies: NDArray[np.int64]
    unit: Unit
    clusters: NDArray[np.int64]
    face_px: NDArray[np.float32]
    turns: NDArray[np.float64]
    groups: NDArray[np.str_]
    persons: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def right(self, logits: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(n,) bool: whose label a network names, from its logits (n, 7), NaN without a face."""
        return np.asarray(named_classes(logits) == self.labels)

    def fits(self, logits: NDArray[np.floating], accuracy: float) -> bool:
        """Whether these labels give a network's stated accuracy from its logits."""
        if logits.shape != (len(self), len(LABELS)):
            return False
        return abs(float(self.right(logits).mean()) - accuracy) <= _TOLERANCE


def named_classes(logits: NDArray[np.floating]) -> NDArray[np.int64]:
    """(n,) the likeliest class from logits (n, 7); `NO_FACE` where these are NaN."""
    known = np.isfinite(logits).all(axis=1)
    said = np.full(len(logits), NO_FACE, np.int64)
    said[known] = logits[known].argmax(axis=1)
    return said


def split_images(data: Fer2013, split: Split) -> LabelledImages:
    """FER2013's images of a split: faces already, of one size, of nobody who is named."""
    pixels, labels = data.part(split)
    n = len(labels)
    # Groups among the split alone: sorting 3,589 images instead of 35,887.
    of_split = np.full(n, SPLITS.index(split), np.uint8)
    copies = Fer2013(pixels, labels, of_split).groups
    unknown, nobody = np.full(n, np.nan), np.full(n, "")
    return LabelledImages(
        labels=labels,
        found=np.ones(n, bool),
        pixels=pixels,
        copies=copies,
        unit="picture",
        clusters=copies,
        face_px=unknown.astype(np.float32),
        turns=unknown,
        groups=nobody,
        persons=nobody,
    )


def dataset_images(
    data: NamedDataset, rows: NDArray[np.int64], copies: NDArray[np.int64] | None = None
) -> LabelledImages:
    """Some pictures of a named data set.

    Args:
        data: the data set.
        rows: (n,) of `fer_core.evaluation.datasets.split_rows`.
        copies: (m,) of `copy_groups`, of the whole data set; None: they are looked for.
    """
    same = (copy_groups(data) if copies is None else copies)[rows]
    unit, clusters = interval_units(data.persons[rows], data.groups[rows], same)
    landmarks = data.landmarks[rows]
    return LabelledImages(
        labels=data.labels[rows],
        found=data.found[rows],
        pixels=data.faces[rows],
        copies=same,
        unit=unit,
        clusters=clusters,
        face_px=np.where(data.found[rows], data.face_px[rows], np.nan).astype(np.float32),
        turns=np.array([head_turn(points) for points in landmarks], np.float64),
        groups=data.groups[rows],
        persons=data.persons[rows],
    )


def interval_units(
    persons: NDArray[np.str_], groups: NDArray[np.str_], copies: NDArray[np.int64]
) -> tuple[Unit, NDArray[np.int64]]:
    """What is drawn for an interval: pictures of one person or session are right together.

    Args:
        persons, groups: (n,) text; "" where nothing is said.
        copies: (n,) numbers; the same picture has the same one.

    Returns:
        The unit's word, and (n,) which one an image is of.
    """
    named: tuple[tuple[Unit, NDArray[np.str_], int], ...] = (
        ("person", persons, 2),
        ("group", groups, FEWEST_GROUPS),
    )
    for word, names, fewest in named:
        distinct, index = np.unique(names, return_inverse=True)
        if (distinct != "").sum() >= fewest:
            # Whoever is not named is alone; numbers beyond those of the named.
            return word, np.where(names != "", index, len(distinct) + copies)
    return "picture", copies
