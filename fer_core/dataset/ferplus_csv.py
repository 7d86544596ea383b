"""Reading FER+'s votes, strictly: its file has no label that could tell a wrong order."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.dataset.fer2013 import SPLITS, VOTES, Fer2013
from fer_core.dataset.tables import open_blocks
from fer_core.errors import DatasetError

VOTERS = 10
"""People who voted on each image."""

_COLUMNS = ("Usage", "Image name", *VOTES)
_NAME = re.compile(r"fer(\d{7})\.png")
_REMEDY = "Take Microsoft's fer2013new.csv as it is."


def votes_digest(votes: NDArray[np.uint8]) -> str:
    """SHA-256 over (n, 10) votes in row order."""
    return hashlib.sha256(np.ascontiguousarray(votes).tobytes()).hexdigest()


def read_votes(path: Path, data: Fer2013, expected_sha256: str) -> NDArray[np.uint8]:
    """Read Microsoft's fer2013new.csv.

    Args:
        path: the file, or what it was downloaded in.
        data: the images that the votes are about.
        expected_sha256: `votes_digest` of the right file.

    Returns:
        (n, 10) uint8 in the order of `VOTES`.

    Raises:
        DatasetError: not that file, a vote that is no count of voters, or rows in another order.
    """
    blocks: list[pd.DataFrame] = []
    with open_blocks(path, _COLUMNS, "the FER+ file", _REMEDY) as (where, reader):
        for block in reader:
            blocks.append(block)
            if sum(map(len, blocks)) > len(data):  # enough to see that it is another file
                break
    table = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=_COLUMNS)
    splits = table["Usage"].map({split.value: number for number, split in enumerate(SPLITS)})
    if not np.array_equal(splits.to_numpy(), data.splits):
        raise DatasetError(
            "FER+ and FER2013 rows do not belong together",
            where=where,
            expected=f"{len(data):,} rows in the challenge's order",
            received=f"{min(len(table), len(data)):,} rows, or another order",
            remedy="Take both files unsorted.",
        )
    votes = _votes(where, table)
    _check_names(where, table["Image name"])
    if votes_digest(votes) != expected_sha256:
        raise DatasetError(
            "votes were changed, or rows changed places",
            where=where,
            expected="the votes of Microsoft's file in its order",
            received="others",
            remedy=_REMEDY,
        )
    return votes


def _votes(where: str, table: pd.DataFrame) -> NDArray[np.uint8]:
    numbers = table[list(VOTES)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    whole = (numbers >= 0) & (numbers <= VOTERS) & (numbers == np.floor(numbers))  # NaN is not
    if not whole.all():
        row, column = (int(value) for value in np.argwhere(~whole)[0])
        raise DatasetError(
            "a vote is no number of voters",
            where=f"{where}, row {row + 2}, column {VOTES[column]}",
            expected=f"a whole number from 0 to {VOTERS}",
            received=table[VOTES[column]].iloc[row] or "nothing",
            remedy=_REMEDY,
        )
    return np.asarray(numbers, np.uint8)


def _check_names(where: str, names: pd.Series) -> None:
    """Refuse names that do not ascend; most images without a face have none."""
    last = -1
    for row, name in enumerate(names):
        if not name:
            continue
        match = _NAME.fullmatch(name.strip())
        number = int(match[1]) if match else -1
        # Microsoft left out numbers of its own: a name's number is at most the row's.
        if not last < number <= row:
            raise DatasetError(
                "an image's name is not the one of this row",
                where=f"{where}, row {row + 2}",
                expected=f"fer{last + 1:07d}.png to fer{row:07d}.png",
                received=name,
                remedy="Rows changed places; take Microsoft's fer2013new.csv unsorted.",
            )
        last = number
