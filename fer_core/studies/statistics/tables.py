"""What findings are made from: frames as read, the sheet and baseline stretches, checked once."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fer_core.emotions import LABELS
from fer_core.errors import ContractError, StudyError

PROBABILITIES = tuple(f"p_{label}" for label in LABELS)
"""Columns of the seven probabilities, in the order of `Emotion`."""

ENTRY = ("recording", "participant", "condition")
"""Key of the sheet: one participant under one condition in one recording."""

CELL = ("network", *ENTRY)
"""What time is summed by: one entry of the sheet as one network read it."""

FRAME_COLUMNS = (*CELL, "track", "time_s", "step_s", *PROBABILITIES, "unsure")
WORTH_COLUMNS = ("expected_right", "classes_in_set")
"""What frames may have besides; without them, figures have neither."""

SHEET_COLUMNS = (*ENTRY, "start_s", "end_s", "onset_s")
BASELINE_COLUMNS = ("recording", "start_s", "end_s")

_SUM_TOLERANCE = 1e-3


def _no_baselines() -> pd.DataFrame:
    return pd.DataFrame({"recording": [], "start_s": [], "end_s": []}).astype({"recording": object})


@dataclass(frozen=True, slots=True, eq=False)
class StudyTables:
    """The three tables behind every finding. Times are seconds from a recording's start.

    Attributes:
        frames: one row a face, read frame and network, and one without ``track`` and
            probabilities for a frame without a face. ``recording``, ``participant``,
            ``condition``, ``network``: words; ``track``: the face, empty without one;
            ``time_s``: when the frame begins, and ``step_s``: for how long it stands;
            ``p_angry`` … ``p_neutral``: calibrated probabilities, raw or smoothed, 0-1, sum 1;
            ``unsure``: whether the network was. `WORTH_COLUMNS` may be there: see
            `fer_core.studies.mended.MendedRecording.expected_right` and ``set_sizes``.
        sheet: one row for each entry, with the stretch that counts, ``start_s`` to ``end_s``
            (empty: from the beginning, to the end), and ``onset_s``, when the stimulus began
            (empty: not known).
        baselines: at most one stretch a recording, ``start_s`` to ``end_s``, to compare with; it
            may lie outside of the stretch that counts. May be empty.

    Raises:
        ContractError: on construction, where frames do not keep to this, or a column is missing.
        StudyError: a row of the sheet or of the baselines that cannot be.
    """

    frames: pd.DataFrame
    sheet: pd.DataFrame
    baselines: pd.DataFrame = field(default_factory=_no_baselines)

    def __post_init__(self) -> None:
        _require_columns(self.frames, FRAME_COLUMNS, "frames")
        _require_columns(self.sheet, SHEET_COLUMNS, "sheet")
        _require_columns(self.baselines, BASELINE_COLUMNS, "baselines")
        _check_stretches(self.sheet, ENTRY, "sheet")
        _check_stretches(self.baselines, ("recording",), "baselines")
        _check_frames(self.frames)
        known = pd.MultiIndex.from_frame(self.sheet[list(ENTRY)])
        read = pd.MultiIndex.from_frame(self.frames[list(ENTRY)].drop_duplicates())
        strangers = read.difference(known)
        if len(strangers):
            raise ContractError(
                "frames of a recording, participant and condition that the sheet does not have",
                where="StudyTables",
                expected="each in the sheet",
                received=" · ".join(map(str, strangers[0])),
            )


def _require_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    missing = [column for column in columns if column not in table]
    if missing:
        raise ContractError(
            "columns are missing", where=f"StudyTables.{name}", expected=", ".join(missing)
        )


def _check_frames(frames: pd.DataFrame) -> None:
    times = frames[["time_s", "step_s"]].to_numpy(np.float64)
    if frames[list(CELL)].isna().any(axis=None) or not np.isfinite(times).all():
        raise ContractError(
            "a frame without its words or its time",
            where="StudyTables.frames",
            expected=f"{', '.join(CELL)}, time_s and step_s in each row",
        )
    if (times[:, 1] < 0).any():
        raise ContractError(
            "a frame that stands for less than no time",
            where="StudyTables.frames.step_s",
            expected="0 or more",
            received=times[:, 1].min(),
        )
    face = frames["track"].notna().to_numpy()
    rows = frames[list(PROBABILITIES)].to_numpy(np.float32)
    with_face = rows[face]
    sound = (with_face >= 0).all(axis=1) & (abs(with_face.sum(axis=1) - 1) <= _SUM_TOLERANCE)
    if not sound.all() or not np.isnan(rows[~face]).all():
        raise ContractError(
            "a face needs seven probabilities, a frame without one has none",
            where="StudyTables.frames",
            expected="seven of 0-1 that sum to 1 where there is a track, else empty",
            received=f"{(~sound).sum()} faces with others, "
            f"{(~np.isnan(rows[~face]).all(axis=1)).sum()} frames without a face with some",
        )


def _check_stretches(table: pd.DataFrame, key: tuple[str, ...], name: str) -> None:
    """Each row named, none twice, none that ends before it starts."""
    words = table[list(key)]
    if words.isna().any(axis=None):
        column = next(column for column in key if words[column].isna().any())
        number = int(words[column].isna().to_numpy().argmax()) + 1
        raise StudyError(
            f"row {number} has no {column}",
            where=name,
            remedy=f"Fill in the {column}, or remove it.",
        )
    if words.duplicated().any():
        twice = words[words.duplicated()].iloc[0]
        raise StudyError(
            f"two rows for {' · '.join(map(str, twice))}", where=name, remedy="Remove one of them."
        )
    backwards = (table["end_s"].astype(float) <= table["start_s"].astype(float)).to_numpy()
    if backwards.any():
        row = table.iloc[int(backwards.argmax())]
        raise StudyError(
            f"the stretch of {row['recording']} ends before it starts",
            where=name,
            expected="start before end, in seconds",
            received=f"{row['start_s']:g} to {row['end_s']:g}",
            remedy="Correct one of the two, or leave both empty.",
        )
