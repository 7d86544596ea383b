"""Frames summed to seconds: how long each entry of the sheet showed what, by each network.

Totals are additive: those of single recordings may be made one by one, kept, and put together with
``pd.concat``. All that follows needs no frame again, except courses and disagreements.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS, valence
from fer_core.pipeline.recording import STATES
from fer_core.studies.statistics.tables import (
    CELL,
    ENTRY,
    PROBABILITIES,
    WORTH_COLUMNS,
    StudyTables,
)

NO_FACE = -1
"""State of a frame without a face; the others are columns of `STATES`."""


@dataclass(frozen=True, slots=True, eq=False)
class CodedFrames:
    """m rows of `StudyTables.frames` as arrays, each with its entry of the sheet as a number.

    Attributes:
        cells: one row for each of c cells: `CELL`, and ``start_s``, ``end_s``, ``onset_s``.
        cell: (m,) int64, row of ``cells``.
        begins_s, ends_s: (m,) float64: for when the frame stands.
        faces: (m,) int64 faces in this frame, at least 1; each counts for a share of its time, so
            that every moment counts once.
        probabilities: (m, 7) float32, NaN without a face.
        said: (m,) int64 likeliest class, unsure or not; `NO_FACE` without one.
        state: (m,) int64 column of `STATES`, the last one where unsure; `NO_FACE` without a face.
        worth: (m, 2) float32 `WORTH_COLUMNS`; NaN where they are not known.
    """

    cells: pd.DataFrame
    cell: NDArray[np.int64]
    begins_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    faces: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    said: NDArray[np.int64]
    state: NDArray[np.int64]
    worth: NDArray[np.float32]

    def seconds_within(
        self, start_s: NDArray[np.float64], end_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(m,) seconds of each row between its cell's ``start_s`` and ``end_s``, both (c,)."""
        begins = np.maximum(self.begins_s, start_s[self.cell])
        ends = np.minimum(self.ends_s, end_s[self.cell])
        return np.asarray((ends - begins).clip(0) / self.faces)

    def counted_seconds(self) -> NDArray[np.float64]:
        """(m,) seconds of each row within the stretch that counts."""
        return self.seconds_within(
            self.cells["start_s"].fillna(-np.inf).to_numpy(),
            self.cells["end_s"].fillna(np.inf).to_numpy(),
        )


def coded_frames(tables: StudyTables) -> CodedFrames:
    """The frames of a study as arrays."""
    frames = tables.frames
    cell = frames.groupby(list(CELL), observed=True).ngroup().to_numpy().astype(np.int64)
    first = np.unique(cell, return_index=True)[1]
    cells = frames[list(CELL)].iloc[first].astype(object)
    begins = frames["time_s"].to_numpy(np.float64)
    probabilities = frames[list(PROBABILITIES)].to_numpy(np.float32)
    face = frames["track"].notna().to_numpy()
    said = np.where(face, np.nan_to_num(probabilities).argmax(axis=1), NO_FACE)
    unsure = face & frames["unsure"].fillna(False).to_numpy(bool)
    # An editable table gives empty cells as None, and a column of them as objects.
    sheet = tables.sheet.astype(dict.fromkeys(("start_s", "end_s", "onset_s"), np.float64))
    return CodedFrames(
        cells=cells.merge(sheet, on=list(ENTRY), how="left"),
        cell=cell,
        begins_s=begins,
        ends_s=begins + frames["step_s"].to_numpy(np.float64),
        faces=_rows_at_once(cell, begins),
        probabilities=probabilities,
        said=said,
        state=np.where(unsure, len(LABELS), said),
        worth=frames.reindex(columns=list(WORTH_COLUMNS)).to_numpy(np.float32),
    )


def _rows_at_once(cell: NDArray[np.int64], time_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """(m,) how many rows there are of the same cell and moment."""
    if not len(cell):
        return np.empty(0, np.int64)
    order = np.lexsort((time_s, cell))
    new = (np.diff(cell[order]) != 0) | (np.diff(time_s[order]) != 0)
    starts = np.flatnonzero(np.append(True, new))
    counts = np.diff(np.append(starts, len(order)))
    rows = np.empty(len(order), np.int64)
    rows[order] = np.repeat(counts, counts)
    return rows


def counted_totals(tables: StudyTables) -> pd.DataFrame:
    """Seconds of each cell within the stretch that counts.

    Returns:
        One row a cell: `CELL`; ``seconds`` of all, ``face_s`` with a face, ``several_s`` with more
        than one; ``<state>_s`` for each of `STATES` (unsure is its own state); ``said_<label>_s``
        by the likeliest class, unsure or not; ``p_<label>_s``, ``valence_s`` and those of
        `WORTH_COLUMNS` (NaN where not known) the integrals over the time with a face, so that
        divided by ``face_s`` they are means.
    """
    frames = coded_frames(tables)
    return _summed(frames, frames.counted_seconds())


def baseline_totals(tables: StudyTables) -> pd.DataFrame:
    """`counted_totals` of the baseline stretches, of the recordings that have one."""
    frames = coded_frames(tables)
    stretches = tables.baselines.set_index("recording").reindex(frames.cells["recording"])
    starts, ends = (stretches[name].to_numpy(np.float64) for name in ("start_s", "end_s"))
    has_one = frames.cells["recording"].isin(tables.baselines["recording"]).to_numpy()
    seconds = frames.seconds_within(
        np.where(np.isnan(starts), -np.inf, starts), np.where(np.isnan(ends), np.inf, ends)
    )
    return _summed(frames, seconds)[has_one].reset_index(drop=True)


def _summed(frames: CodedFrames, seconds: NDArray[np.float64]) -> pd.DataFrame:
    count = len(frames.cells)
    face = frames.said != NO_FACE

    def total(weights: NDArray[np.floating], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(frames.cell[rows], weights[rows], count).astype(np.float64)

    def spread(values: NDArray[np.int64], states: int) -> NDArray[np.float64]:
        index = frames.cell[face] * states + values[face]
        sums = np.bincount(index, seconds[face], count * states).reshape(count, states)
        return sums.astype(np.float64)

    columns = {
        "seconds": total(seconds, np.ones_like(face)),
        "face_s": total(seconds, face),
        "several_s": total(seconds, frames.faces > 1),
    }
    by_state = spread(frames.state, len(STATES))
    by_class = spread(frames.said, len(LABELS))
    columns |= {f"{state}_s": by_state[:, i] for i, state in enumerate(STATES)}
    columns |= {f"said_{label}_s": by_class[:, i] for i, label in enumerate(LABELS)}
    columns |= {
        f"{name}_s": total(frames.probabilities[:, i] * seconds, face)
        for i, name in enumerate(PROBABILITIES)
    }
    columns |= {
        # Of a cell all or none is known: a network's card says it, or does not.
        f"{name}_s": total(frames.worth[:, i] * seconds, face)
        for i, name in enumerate(WORTH_COLUMNS)
    }
    columns["valence_s"] = total(valence(frames.probabilities) * seconds, face)
    return frames.cells[list(CELL)].assign(**columns)
