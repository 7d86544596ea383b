"""Mended recordings and the sheet -> `StudyTables`, from which all findings are made."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.errors import StudyError
from fer_core.pipeline.tables import columns_schema
from fer_core.studies.assemble import Assembler
from fer_core.studies.columns import PARTICIPANTS
from fer_core.studies.mended import MendedRecording
from fer_core.studies.settings import StudySettings
from fer_core.studies.sheet import Entry, sheet
from fer_core.studies.statistics import (
    MEASURES,
    StudyTables,
    baseline_changes,
    baseline_totals,
    counted_totals,
    participant_figures,
)
from fer_core.studies.statistics.figures import GROUP
from fer_core.studies.statistics.tables import PROBABILITIES, SHEET_COLUMNS, WORTH_COLUMNS
from fer_core.studies.store import Study
from fer_core.studies.tables import counted_rows


def study_tables(study: Study) -> tuple[StudyTables, tuple[str, ...]]:
    """Everything that findings of a study are made from, as far as it is read and mended.

    Returns:
        The tables, and a sentence on each recording of which something is missing.

    Raises:
        StudyError: nothing is read of anybody who is in the sheet.
    """
    entries = sheet(study)
    wanted = {entry.recording for entry in entries}
    mended, notes, assembler = [], [], Assembler(study)
    for recording in study.recordings():
        if recording.name not in wanted:
            notes.append(f"{recording.name} is not in the sheet.")
            continue
        try:
            each = assembler.assemble(recording)
        except StudyError as error:
            notes.append(str(error))
            continue
        mended.append(each)
        notes += shortcomings(each)
    return statistics_tables(mended, entries), tuple(notes)


def shortcomings(mended: MendedRecording) -> list[str]:
    """What of a recording is missing, and which edits are not applied, in sentences."""
    name, parts = mended.recording.name, mended.recording.parts
    notes = [f"{name}: {problem}" for problem in mended.problems]
    names = mended.readings.networks
    if missing := [names[n] for n in range(len(names)) if n not in mended.networks_read]:
        notes.append(
            f"{name}: recorded live without {' and '.join(missing)}, and no pictures were kept. "
            "Figures of these networks leave it out."
        )
    if mended.waiting:
        notes.append(f"{name}: {mended.waiting} of {parts} parts are not read yet.")
    if mended.failed:
        notes.append(f"{name}: {mended.failed} of {parts} parts cannot be read.")
    return notes


def statistics_tables(
    recordings: Iterable[MendedRecording], entries: Iterable[Entry]
) -> StudyTables:
    """The recordings that the sheet has, without what is left out and who is ignored.

    Args:
        recordings: of one study, as far as they are read.
        entries: of its sheet.

    Raises:
        StudyError: the sheet has none of these recordings.
    """
    by_name = {each.recording.name: each for each in recordings if each.networks_read}
    entries = tuple(entry for entry in entries if entry.recording in by_name)
    if not entries:
        raise StudyError(
            "nobody is in the sheet yet of whom something is read",
            where="sheet",
            expected="a participant and a condition for each recording",
            remedy="Fill in the sheet, and let the study be read.",
        )
    baselines = [
        (name, *mended.mending.baseline)
        for name, mended in by_name.items()
        if mended.mending.baseline is not None
    ]
    return StudyTables(
        frames=_frames(by_name, entries),
        sheet=_sheet_table(entries),
        baselines=pd.DataFrame(baselines, columns=["recording", "start_s", "end_s"]).astype(
            {"recording": object, "start_s": np.float64, "end_s": np.float64}
        ),
    )


def _sheet_table(entries: Sequence[Entry]) -> pd.DataFrame:
    rows = [
        [getattr(entry, name) for name in SHEET_COLUMNS]  # they are called as an entry's fields
        for entry in entries
    ]
    times = dict.fromkeys(("start_s", "end_s", "onset_s"), np.float64)
    return pd.DataFrame(rows, columns=list(SHEET_COLUMNS)).astype(times)


def _frames(by_name: dict[str, MendedRecording], entries: Sequence[Entry]) -> pd.DataFrame:
    """One row a face, frame, network and entry."""
    blocks = []
    words: list[tuple[str, Entry]] = []
    for entry in entries:
        mended = by_name[entry.recording]
        for number in mended.networks_read:
            blocks.append(_block(mended, number, entry))
            words.append((mended.readings.networks[number], entry))
    lengths = [len(block["time_s"]) for block in blocks]
    table = {
        name: np.concatenate([block[name] for block in blocks])
        for name in ("time_s", "step_s", "unsure", *WORTH_COLUMNS)
    }
    probabilities = np.concatenate([block["probabilities"] for block in blocks])
    track_ids = np.concatenate([block["track"] for block in blocks])
    face = np.concatenate([block["face"] for block in blocks])
    return pd.DataFrame(
        {
            "network": _repeated([network for network, _ in words], lengths),
            "recording": _repeated([entry.recording for _, entry in words], lengths),
            "participant": _repeated([entry.participant for _, entry in words], lengths),
            "condition": _repeated([entry.condition for _, entry in words], lengths),
            "track": pd.arrays.IntegerArray(track_ids, ~face),
            **table,
            **{name: probabilities[:, i] for i, name in enumerate(PROBABILITIES)},
        }
    )


def _repeated(words: Sequence[str], lengths: Sequence[int]) -> pd.Categorical:
    """Each word so often; hours of frames would take gigabytes as words of their own."""
    categories = pd.Index(list(dict.fromkeys(words)), dtype=object)
    codes = np.repeat(categories.get_indexer(pd.Index(words, dtype=object)), lengths)
    return pd.Categorical(categories[codes], categories=categories)


def _block(mended: MendedRecording, network: int, entry: Entry) -> dict[str, NDArray[np.generic]]:
    """A recording's frames for an entry, also those outside of its stretch: a baseline may be."""
    counted = counted_rows(mended, entry.face)
    kept = ~mended.excluded[counted.row]
    row, face = counted.row[kept], counted.face[kept]
    return {
        "time_s": mended.readings.time_s[row],
        "step_s": mended.readings.step_s[row],
        "track": mended.assembled.track_ids[row],
        "face": face,
        "unsure": mended.is_unsure(network)[row] & face,
        "expected_right": np.where(face, mended.expected_right(network)[row], np.float32(np.nan)),
        "classes_in_set": np.where(face, mended.set_sizes(network)[row], np.float32(np.nan)),
        "probabilities": np.where(
            face[:, None], mended.probabilities(network)[row], np.float32(np.nan)
        ),
    }


class ParticipantTotals:
    """Adds up participants' time, one recording after the other: frames are not kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self._totals: list[pd.DataFrame] = []
        self._baselines: list[pd.DataFrame] = []

    def add(self, mended: MendedRecording, entries: Sequence[Entry]) -> None:
        """Take in a recording and its rows of the sheet; none: nobody's."""
        if entries and mended.networks_read:
            tables = statistics_tables((mended,), entries)
            self._totals.append(counted_totals(tables))
            self._baselines.append(baseline_totals(tables))

    def table(self, settings: StudySettings) -> pa.Table:
        """`PARTICIPANTS`: each one's figures under each condition, by each network."""
        schema = columns_schema(PARTICIPANTS)
        if not self._totals:
            return schema.empty_table()
        totals = pd.concat(self._totals, ignore_index=True)
        return _participants(totals, pd.concat(self._baselines, ignore_index=True), settings)


def _participants(
    totals: pd.DataFrame, baselines: pd.DataFrame, settings: StudySettings
) -> pa.Table:
    figures = participant_figures(totals)
    changes = baseline_changes(totals, baselines)
    changes = changes.rename(columns={measure: f"change_{measure}" for measure in MEASURES})
    own = [*GROUP, *(f"change_{measure}" for measure in MEASURES)]
    table = figures.merge(changes[own], on=list(GROUP), how="left").rename(
        columns={"network": "model"}
    )
    table = table.assign(detector=settings.detector, version=__version__)
    table = table.sort_values(["model", "participant", "condition"], ignore_index=True)
    schema = columns_schema(PARTICIPANTS)
    return pa.Table.from_pandas(table[schema.names], schema=schema, preserve_index=False)
