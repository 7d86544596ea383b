"""What a coder, or the network in the coder's place, called each moment of a recording."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError, StudyError
from fer_core.studies.statistics.tables import StudyTables
from fer_core.studies.statistics.totals import coded_frames

INTERVAL_COLUMNS = ("recording", "start_s", "end_s", "label")

NOTHING, SEVERAL = -1, -2
"""What a moment is called without a word, and with different ones at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """m intervals of one coder.

    Attributes:
        start_s, end_s: (m,) float64 seconds from the recording's start.
        word: (m,) int64 numbers of the words.
        rows: by recording, which intervals are its.
    """

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    word: NDArray[np.int64]
    rows: dict[str, NDArray[np.int64]]


def checked_coding(table: pd.DataFrame, words: tuple[str, ...], where: str) -> Coding:
    """A table of `INTERVAL_COLUMNS` as arrays.

    Args:
        table: intervals in seconds from a recording's start, each with its word.
        words: that may occur.
        where: names the table in errors.

    Raises:
        StudyError: a word that is none of these, or an interval that ends before it starts.
        ContractError: a column is missing.
    """
    _check(table, words, where)
    return Coding(
        table["start_s"].to_numpy(np.float64),
        table["end_s"].to_numpy(np.float64),
        pd.Index(words).get_indexer(pd.Index(table["label"])).astype(np.int64),
        {
            str(name): np.asarray(rows, np.int64)
            for name, rows in table.groupby("recording").indices.items()
        },
    )


def network_intervals(tables: StudyTables, network: str) -> pd.DataFrame:
    """What a network said as intervals, as a coder's: one a face and frame.

    A frame holds for its step, at most until the recording's next frame. Frames without a face
    and unsure ones give none. Several faces in a frame that differ overlap: a step with two words.

    Args:
        tables: of a study; where a coder coded one of several participants of a recording, of
            this one's frames.
        network: that read.

    Returns:
        `INTERVAL_COLUMNS`.
    """
    frames = coded_frames(tables)
    kept = np.flatnonzero(
        (frames.cells["network"] == network).to_numpy()[frames.cell]
        & (frames.state >= 0)
        & (frames.state < len(LABELS))
    )
    recording = frames.cells["recording"].to_numpy()[frames.cell[kept]]
    table = pd.DataFrame(
        {
            "recording": recording,
            "start_s": frames.begins_s[kept],
            "end_s": frames.ends_s[kept],
            "label": np.array(LABELS)[frames.state[kept]],
        }
    )
    moments = (
        table[["recording", "start_s"]].drop_duplicates().sort_values(["recording", "start_s"])
    )
    moments["next_s"] = moments.groupby("recording")["start_s"].shift(-1)
    table = table.merge(moments, on=["recording", "start_s"])
    table["end_s"] = np.fmin(table["end_s"], table["next_s"])
    return table[list(INTERVAL_COLUMNS)]


def _check(table: pd.DataFrame, words: tuple[str, ...], where: str) -> None:
    missing = [column for column in INTERVAL_COLUMNS if column not in table]
    if missing:
        raise ContractError("columns are missing", where=where, expected=", ".join(missing))
    strange = sorted({str(word) for word in table["label"].unique()} - set(words))
    if strange:
        raise StudyError(
            "a coder's word that is none of the expressions",
            where="agreement",
            expected=", ".join(words),
            received=", ".join(strange[:5]),
            remedy="Say which expression each of these words means.",
        )
    backwards = (table["end_s"] < table["start_s"]).to_numpy()
    if backwards.any():
        row = table.iloc[int(backwards.argmax())]
        raise StudyError(
            f"an interval of {row['recording']} ends before it starts",
            where="agreement",
            received=f"{row['start_s']:g} to {row['end_s']:g} s",
            remedy="Correct it, or remove it.",
        )


def on_one_grid(
    codings: tuple[Coding, Coding], recording: str, step_s: float, k: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What both call each step of one recording, from its first interval to its last.

    A step is called by the word whose interval covers its middle.

    Args:
        codings: of both.
        recording: that both have.
        step_s: length of a step; edges are whole steps from the recording's start.
        k: number of words.

    Returns:
        Two (m,) int64: numbers of words, `NOTHING` without one, `SEVERAL` with different ones.
    """
    rows = [coding.rows[recording] for coding in codings]
    own = [
        (coding.start_s[i], coding.end_s[i], coding.word[i])
        for coding, i in zip(codings, rows, strict=True)
    ]
    begin = np.floor(min(start.min() for start, _, _ in own) / step_s)
    end = np.ceil(max(end.max() for _, end, _ in own) / step_s)
    middles = (np.arange(begin, end) + 0.5) * step_s
    a, b = (_called(*intervals, middles, k) for intervals in own)
    return a, b


def _called(
    start_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    word: NDArray[np.int64],
    moments: NDArray[np.float64],
    k: int,
) -> NDArray[np.int64]:
    # +1 where an interval begins, -1 where it ends: summed up, above 0 between the two.
    edges = np.zeros((k, len(moments) + 1), np.int64)
    np.add.at(edges, (word, np.searchsorted(moments, start_s)), 1)
    np.add.at(edges, (word, np.searchsorted(moments, end_s)), -1)
    covered = edges.cumsum(axis=1)[:, :-1] > 0
    words = covered.sum(axis=0)
    return np.where(words > 1, SEVERAL, np.where(words == 1, covered.argmax(axis=0), NOTHING))
