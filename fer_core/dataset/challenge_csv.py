"""Reading the challenge's CSV, strictly: a wrong row order would train on wrong labels."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.dataset.fer2013 import SIDE_PX, SPLITS, Fer2013, Split
from fer_core.dataset.ferplus_csv import read_votes
from fer_core.dataset.tables import open_blocks
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError

COLUMNS = ("emotion", "pixels", "Usage")
_REMEDY = "Take the challenge's own file (fer2013.csv, or icml_face_data.csv)."

Progress = Callable[[int, int], None]
"""Called with rows read so far and rows expected."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a file has to contain.

    Attributes:
        rows: images of each split, in the order of the file.
        order_sha256: digest of labels and splits in row order; the label sequence is the same in
            every public copy of the challenge, so a shuffled file is recognised by it.
        votes_sha256: digest of the (n, 10) uint8 FER+ votes in row order: rows that changed places
            within a split cannot be told by their splits.
    """

    rows: dict[Split, int] = field(
        default_factory=lambda: {
            Split.TRAINING: 28_709,
            Split.PUBLIC_TEST: 3_589,
            Split.PRIVATE_TEST: 3_589,
        }
    )
    order_sha256: str = "6604e688348ceac3924cc4e8af6c258021220279f513058319f38cf9eb4d4101"
    votes_sha256: str = "935d1852901cf134d0e733572c8b77d27a7ac81edabcffb2f4704e3bae535350"

    @property
    def total(self) -> int:
        """Images of all splits."""
        return sum(self.rows.values())


CHALLENGE = Edition()


def order_digest(labels: NDArray[np.int64], splits: NDArray[np.uint8]) -> str:
    """SHA-256 over (n,) labels and splits in row order."""
    return hashlib.sha256(labels.astype(np.uint8).tobytes() + splits.tobytes()).hexdigest()


def read_csv(
    path: Path,
    *,
    ferplus: Path | None = None,
    edition: Edition = CHALLENGE,
    progress: Progress = lambda done, total: None,
) -> Fer2013:
    """Read and check the challenge's file, wherever it lies in what was downloaded.

    Args:
        path: the CSV with the columns emotion, pixels, Usage; or a gzip file, ZIP, tar or folder
            that it is in.
        ferplus: Microsoft's fer2013new.csv with the votes, in the same row order.
        edition: counts and order that the file must have.
        progress: called after each block of rows.

    Raises:
        DatasetError: not that file: columns, counts, pixel values, labels or order are wrong.
    """
    pixels: list[NDArray[np.uint8]] = []
    labels: list[NDArray[np.int64]] = []
    splits: list[NDArray[np.uint8]] = []
    done = 0
    with open_blocks(path, COLUMNS, "the challenge's file", _REMEDY) as (where, reader):
        for table in reader:
            splits.append(_splits(where, table, done))
            labels.append(_labels(where, table, done))
            pixels.append(_pixels(where, table, done))
            done += len(table)
            progress(min(done, edition.total), edition.total)
    data = Fer2013(
        pixels=np.concatenate(pixels) if pixels else np.empty((0, SIDE_PX, SIDE_PX), np.uint8),
        labels=np.concatenate(labels) if labels else np.empty(0, np.int64),
        splits=np.concatenate(splits) if splits else np.empty(0, np.uint8),
    )
    _check_counts(where, data, edition)
    if order_digest(data.labels, data.splits) != edition.order_sha256:
        raise DatasetError(
            "the rows are in another order, or labels were changed",
            where=where,
            expected="the challenge's own row order",
            received="the right counts, another sequence of labels",
            remedy=_REMEDY,
        )
    if ferplus is None:
        return data
    votes = read_votes(ferplus, data, edition.votes_sha256)
    return Fer2013(data.pixels, data.labels, data.splits, votes)


def _row(where: str, start: int, bad: NDArray[np.bool_]) -> str:
    return f"{where}, row {start + int(np.flatnonzero(bad)[0]) + 2}"  # 1-based, after the header


def _splits(where: str, table: pd.DataFrame, start: int) -> NDArray[np.uint8]:
    index = {split.value: number for number, split in enumerate(SPLITS)}
    codes = table["Usage"].map(index)
    bad = codes.isna().to_numpy()
    if bad.any():
        raise DatasetError(
            "unknown split",
            where=_row(where, start, bad),
            expected=", ".join(index),
            received=table["Usage"].to_numpy()[bad][0],
            remedy=_REMEDY,
        )
    return codes.to_numpy().astype(np.uint8)


def _labels(where: str, table: pd.DataFrame, start: int) -> NDArray[np.int64]:
    numbers = pd.to_numeric(table["emotion"], errors="coerce")
    bad = ~numbers.isin(range(len(LABELS))).to_numpy()
    if bad.any():
        raise DatasetError(
            "unknown class",
            where=_row(where, start, bad),
            expected=f"0 to {len(LABELS) - 1}",
            received=table["emotion"].to_numpy()[bad][0],
            remedy=_REMEDY,
        )
    return numbers.to_numpy(np.int64)


def _pixels(where: str, table: pd.DataFrame, start: int) -> NDArray[np.uint8]:
    out = np.empty((len(table), SIDE_PX, SIDE_PX), np.uint8)
    for row, text in enumerate(table["pixels"]):
        try:
            values = np.array(text.split(), np.int64)
        except ValueError:
            values = np.empty(0, np.int64)
        if values.size != SIDE_PX**2 or values.min() < 0 or values.max() > 255:
            raise DatasetError(
                "not a face of 48x48 grey pixels",
                where=f"{where}, row {start + row + 2}",
                expected=f"{SIDE_PX**2} numbers from 0 to 255",
                received=f"{len(text.split())} values, beginning {text[:20]!r}",
                remedy="The file is damaged or cut off; download it again.",
            )
        out[row] = values.reshape(SIDE_PX, SIDE_PX)
    return out


def _check_counts(where: str, data: Fer2013, edition: Edition) -> None:
    received = {split: int((data.splits == SPLITS.index(split)).sum()) for split in SPLITS}
    if received != edition.rows:
        words = [
            ", ".join(f"{n:,} {split}" for split, n in c.items()) for c in (edition.rows, received)
        ]
        raise DatasetError(
            "the file is not complete",
            where=where,
            expected=words[0],
            received=words[1],
            remedy="Download it again; " + _REMEDY[0].lower() + _REMEDY[1:],
        )
