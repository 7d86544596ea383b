"""FER2013 as one checked, typed value, and its compact file.

Source: Goodfellow et al. 2013, "Challenges in Representation Learning" (arXiv:1307.0414): 35,887
grey faces of 48x48 px in seven classes, split into Training, PublicTest and PrivateTest. FER+
votes: Barsoum et al. 2016 (arXiv:1608.01041). The data is read, never shipped.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import DatasetError
from fer_core.settings import DATASET_FILE, get_settings
from fer_core.storage.atomic import write_npz

FER2013 = "fer2013"
"""The name of the challenge's own data set."""

SIDE_PX = 48
BLANK_RANGE = 8
"""Grey levels between darkest and lightest pixel up to which an image counts as blank."""

VOTES = (
    "neutral", "happiness", "surprise", "sadness", "anger",
    "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip
"""FER+'s vote columns, in the order of its file; NF is "no face"."""


class Split(StrEnum):
    """The challenge's own splits; the value is the word in its Usage column."""

    TRAINING = "Training"
    PUBLIC_TEST = "PublicTest"
    PRIVATE_TEST = "PrivateTest"


SPLITS = tuple(Split)


@dataclass(frozen=True, eq=False)
class Fer2013:
    """All images of the data set, in the challenge's row order.

    Attributes:
        pixels: (n, 48, 48) uint8 grey.
        labels: (n,) int64, columns of `Emotion`.
        splits: (n,) uint8, index into `SPLITS`.
        votes: (n, 10) uint8 FER+ votes in the order of `VOTES`; None where not imported.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.uint8]
    votes: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        n = len(self.pixels)
        if (
            self.pixels.shape != (n, SIDE_PX, SIDE_PX)
            or self.pixels.dtype != np.uint8
            or self.labels.shape != (n,)
            or self.splits.shape != (n,)
            or (self.votes is not None and self.votes.shape != (n, len(VOTES)))
        ):
            raise DatasetError(
                "arrays do not belong together",
                where="Fer2013",
                expected=f"n images of {SIDE_PX}x{SIDE_PX} uint8, n labels, n splits",
                received=f"{self.pixels.shape}, {self.labels.shape}, {self.splits.shape}",
                remedy="Import the data set again: python -m fer_core data import FER2013.csv",
            )

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """(n,) bool: images of one grey level, give or take `BLANK_RANGE`, which show nothing."""
        flat = self.pixels.reshape(len(self), -1).astype(np.int16)
        return np.asarray(
            flat.max(axis=1, initial=0) - flat.min(axis=1, initial=255) <= BLANK_RANGE
        )

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """(n,) int64: images with the same pixels share a number."""
        flat = np.ascontiguousarray(self.pixels.reshape(len(self), -1))
        rows = flat.view([("", f"V{flat.shape[1]}")]).ravel()
        return np.unique(rows, return_inverse=True)[1].astype(np.int64).reshape(-1)

    @cached_property
    def twins(self) -> NDArray[np.bool_]:
        """(n,) bool: test images that are pixel-identical to some training image."""
        training = self.rows(Split.TRAINING)
        return np.isin(self.groups, self.groups[training]) & ~self._mask(Split.TRAINING)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over pixels, labels and splits."""
        digest = hashlib.sha256()
        for array in (self.pixels, self.labels.astype(np.uint8), self.splits):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _mask(self, split: Split) -> NDArray[np.bool_]:
        return np.asarray(self.splits == SPLITS.index(split))

    def rows(self, split: Split, *, without_blank: bool = False) -> NDArray[np.int64]:
        """(k,) int64 row numbers of a split, ascending; blank images left out if asked."""
        mask = self._mask(split)
        return np.flatnonzero(mask & ~self.blank if without_blank else mask)

    def part(
        self, split: Split, *, without_blank: bool = False
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Pixels (m, 48, 48) uint8 and labels (m,) int64 of a split, in row order."""
        rows = self.rows(split, without_blank=without_blank)
        return self.pixels[rows], self.labels[rows]

    def class_counts(self, split: Split) -> dict[str, int]:
        """Images of each class in a split."""
        counts = np.bincount(self.labels[self._mask(split)], minlength=len(LABELS))
        return dict(zip(LABELS, counts.tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Write the compact file in one step (about 78 MB for all of FER2013).

        Raises:
            StorageError: it cannot be written.
        """
        arrays: dict[str, NDArray[Any]] = {
            "pixels": self.pixels,
            "labels": self.labels.astype(np.uint8),
            "splits": self.splits,
        }
        if self.votes is not None:
            arrays["votes"] = self.votes
        write_npz(path, arrays, compressed=True)


def dataset_path(name: str = FER2013) -> Path:
    """Where a data set's compact file is or would be.

    FER2013's is ``MIEN_DATASET`` if set, else `DATASET_FILE`; the others lie beside it.
    """
    challenge = get_settings().dataset
    return challenge if name == FER2013 else challenge.with_name(f"{name}.npz")


def find_dataset(name: str = FER2013) -> Path | None:
    """A data set's compact file where it is, else None; see `dataset_path`."""
    path = dataset_path(name)
    return path if path.is_file() else None


def load_dataset(path: Path | None = None) -> Fer2013:
    """Load the compact file that `data import` wrote.

    Args:
        path: another file than `find_dataset` gives.

    Raises:
        DatasetError: there is none, or it cannot be read.
    """
    path = path or find_dataset()
    if path is None:
        if (named := get_settings().dataset) != DATASET_FILE:
            raise DatasetError(
                "the environment variable MIEN_DATASET names no file",
                expected="a file that data import wrote",
                received=named,
                remedy=f"Correct it, or unset it for {DATASET_FILE}.",
            )
        raise DatasetError(
            "FER2013 has not been imported",
            expected=DATASET_FILE,
            received="no such file",
            remedy="Run: python -m fer_core data import FER2013.csv",
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            return Fer2013(
                pixels=file["pixels"],
                labels=file["labels"].astype(np.int64),
                splits=file["splits"],
                votes=file.get("votes"),
            )
    except DatasetError:
        raise
    except Exception as error:  # zip, npy and key errors have no common type
        raise DatasetError(
            "the imported data set cannot be read",
            where=path,
            received=error,
            remedy="Import it again: python -m fer_core data import FER2013.csv",
        ) from error
