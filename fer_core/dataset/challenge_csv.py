"""Reading the challenge's CSV, strictly: a wrong row order would train on wrong labels."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.dataset.fer2013 import SIDE_PX, SPLITS, VOTES, Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError

COLUMNS = ("emotion", "pixels", "Usage")
_CHUNK_ROWS = 1000
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
    """

    rows: dict[Split, int] = field(
        default_factory=lambda: {
            Split.TRAINING: 28_709,
            Split.PUBLIC_TEST: 3_589,
            Split.PRIVATE_TEST: 3_589,
        }
    )
    order_sha256: str = "6604e688348ceac3924cc4e8af6c258021220279f513058319f38cf9eb4d4101"

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
    """Read and check the challenge's file.

    Args:
        path: CSV with the columns emotion, pixels, Usage.
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
    try:
        # Kaggle's second edition of the file has a blank before two of its column names.
        with pd.read_csv(path, chunksize=_CHUNK_ROWS, skipinitialspace=True) as reader:
            for table in reader:
                _check_columns(path, table)
                splits.append(_splits(path, table, done))
                labels.append(_labels(path, table, done))
                pixels.append(_pixels(path, table, done))
                done += len(table)
                progress(min(done, edition.total), edition.total)
    except FileNotFoundError as error:
        raise DatasetError("no such file", where=path, remedy=_REMEDY) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DatasetError("not a CSV file", where=path, received=error, remedy=_REMEDY) from error
    data = Fer2013(
        pixels=np.concatenate(pixels) if pixels else np.empty((0, SIDE_PX, SIDE_PX), np.uint8),
        labels=np.concatenate(labels) if labels else np.empty(0, np.int64),
        splits=np.concatenate(splits) if splits else np.empty(0, np.uint8),
    )
    _check_counts(path, data, edition)
    if order_digest(data.labels, data.splits) != edition.order_sha256:
        raise DatasetError(
            "the rows are in another order, or labels were changed",
            where=path,
            expected="the challenge's own row order",
            received="the right counts, another sequence of labels",
            remedy=_REMEDY,
        )
    if ferplus is None:
        return data
    return Fer2013(data.pixels, data.labels, data.splits, _votes(ferplus, data))


def _check_columns(path: Path, table: pd.DataFrame) -> None:
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise DatasetError(
            "not the challenge's file",
            where=path,
            expected=f"columns {', '.join(COLUMNS)}",
            received=f"no {', '.join(missing)} among {', '.join(map(str, table.columns[:6]))}",
            remedy=_REMEDY,
        )


def _row(path: Path, start: int, bad: NDArray[np.bool_]) -> str:
    return f"{path}, row {start + int(np.flatnonzero(bad)[0]) + 2}"  # 1-based, after the header


def _splits(path: Path, table: pd.DataFrame, start: int) -> NDArray[np.uint8]:
    index = {split.value: number for number, split in enumerate(SPLITS)}
    codes = table["Usage"].map(index)
    bad = codes.isna().to_numpy()
    if bad.any():
        raise DatasetError(
            "unknown split",
            where=_row(path, start, bad),
            expected=", ".join(index),
            received=table["Usage"].to_numpy()[bad][0],
            remedy=_REMEDY,
        )
    return codes.to_numpy().astype(np.uint8)


def _labels(path: Path, table: pd.DataFrame, start: int) -> NDArray[np.int64]:
    numbers = pd.to_numeric(table["emotion"], errors="coerce")
    bad = ~numbers.isin(range(len(LABELS))).to_numpy()
    if bad.any():
        raise DatasetError(
            "unknown class",
            where=_row(path, start, bad),
            expected=f"0 to {len(LABELS) - 1}",
            received=table["emotion"].to_numpy()[bad][0],
            remedy=_REMEDY,
        )
    return numbers.to_numpy(np.int64)


def _pixels(path: Path, table: pd.DataFrame, start: int) -> NDArray[np.uint8]:
    out = np.empty((len(table), SIDE_PX, SIDE_PX), np.uint8)
    for row, text in enumerate(table["pixels"].astype(str)):
        try:
            values = np.array(text.split(), np.int64)
        except ValueError:
            values = np.empty(0, np.int64)
        if values.size != SIDE_PX**2 or values.min() < 0 or values.max() > 255:
            raise DatasetError(
                "not a face of 48x48 grey pixels",
                where=f"{path}, row {start + row + 2}",
                expected=f"{SIDE_PX**2} numbers from 0 to 255",
                received=f"{len(text.split())} values, beginning {text[:20]!r}",
                remedy="The file is damaged or cut off; download it again.",
            )
        out[row] = values.reshape(SIDE_PX, SIDE_PX)
    return out


def _check_counts(path: Path, data: Fer2013, edition: Edition) -> None:
    received = {split: int((data.splits == SPLITS.index(split)).sum()) for split in SPLITS}
    if received != edition.rows:
        words = [
            ", ".join(f"{n:,} {split}" for split, n in c.items()) for c in (edition.rows, received)
        ]
        raise DatasetError(
            "the file is not complete",
            where=path,
            expected=words[0],
            received=words[1],
            remedy="Download it again; " + _REMEDY[0].lower() + _REMEDY[1:],
        )


def _votes(path: Path, data: Fer2013) -> NDArray[np.uint8]:
    try:
        table = pd.read_csv(path)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DatasetError("the FER+ file cannot be read", where=path, received=error) from error
    wanted = ("Usage", *VOTES)
    if list(table.columns[:1]) + list(table.columns[2:]) != list(wanted):
        raise DatasetError(
            "not the FER+ file",
            where=path,
            expected=f"columns Usage, Image name, {', '.join(VOTES)}",
            received=", ".join(map(str, table.columns)),
            remedy="Take Microsoft's fer2013new.csv.",
        )
    splits = table["Usage"].map({split.value: number for number, split in enumerate(SPLITS)})
    if not np.array_equal(splits.to_numpy(), data.splits):
        raise DatasetError(
            "FER+ and FER2013 rows do not belong together",
            where=path,
            expected=f"{len(data):,} rows in the challenge's order",
            received=f"{len(table):,} rows, or another order",
            remedy="Take both files unsorted.",
        )
    return table[list(VOTES)].to_numpy(np.uint8)
