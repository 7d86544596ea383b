"""What each recording adds to a study's findings, kept: only those that changed are looked at anew.

Totals, courses and disagreements of recordings are additive, so they are made of some recordings at
a time and put together. They lie beside what was assembled, and may be deleted.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from fer_core.errors import StorageError, StudyError
from fer_core.storage.atomic import write_bytes
from fer_core.studies.assemble import Assembler
from fer_core.studies.findings import shortcomings, statistics_tables
from fer_core.studies.mended import MendedRecording
from fer_core.studies.sheet import Entry, sheet
from fer_core.studies.statistics import (
    FAMILY,
    Grid,
    baseline_totals,
    counted_totals,
    course_totals,
    disagreements,
)
from fer_core.studies.store import ASSEMBLED_FOLDER, SUMS_FILE, Study

_VERSION = 1
# Other figures, or figures made otherwise, get another number: what was kept is then made anew.

_ROWS_AT_ONCE = 400_000
_NAMES = ("counted", "raw", "baselines", "courses", "disagreements")
_MOST_DISAGREEMENTS = 10

_Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, eq=False)
class StudySums:
    """What the recordings of a study add up to; rows in the order of its recordings.

    Attributes:
        counted: see `counted_totals`.
        raw: the same of probabilities that are not smoothed.
        baselines, courses, disagreements: see the functions of these names; the last one empty
            where one network read.
        notes: sentences on what is missing.
    """

    counted: pd.DataFrame
    raw: pd.DataFrame
    baselines: pd.DataFrame
    courses: pd.DataFrame
    disagreements: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Kept:
    """What was made before: by recording a key of all that it follows from, and its notes."""

    keys: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    tables: _Tables = field(default_factory=dict)


def study_sums(study: Study, grid: Grid) -> StudySums:
    """Add up what is read of everybody who is in the sheet.

    Args:
        study: whose; some recordings at a time are in memory.
        grid: of the courses.

    Raises:
        StorageError: the place of the readings cannot be read.
    """
    path = study.folder / ASSEMBLED_FOLDER / SUMS_FILE
    kept, now, notes = _load(path), _Kept(), []
    assembler, settings = Assembler(study), study.settings.model_dump_json()
    adding = _Adding(grid)
    by_recording = _by_recording(sheet(study))
    for recording in study.recordings():
        name = recording.name
        own = by_recording.get(name, [])
        if not own:
            notes.append(f"{name} is not in the sheet.")
            continue
        onset = any(entry.onset_s is not None for entry in own)
        key = _digest(assembler.key_of(recording), settings, *own, grid if onset else "")
        if kept.keys.get(name) != key:
            try:
                mended = assembler.assemble(recording)
            except StudyError as error:
                notes.append(str(error))
                continue
            adding.add(mended, own)
            now.notes[name] = shortcomings(mended)
        else:
            now.notes[name] = kept.notes[name]
        now.keys[name] = key
        notes += now.notes[name]
    same = [name for name, key in now.keys.items() if kept.keys.get(name) == key]
    now.tables = _together(kept.tables, same, adding.tables(), list(now.keys))
    if now.keys != kept.keys:
        _keep(path, now)
    return StudySums(**now.tables, notes=tuple(notes))


def _by_recording(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.recording, []).append(entry)
    return found


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr((_VERSION, *parts)).encode()).hexdigest()


class _Adding:
    """Adds recordings up, some at a time: frames are not kept."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._found: dict[str, list[pd.DataFrame]] = {name: [] for name in _NAMES}
        self._waiting: list[tuple[MendedRecording, Sequence[Entry]]] = []
        self._rows = 0

    def add(self, mended: MendedRecording, entries: Sequence[Entry]) -> None:
        """Take in a recording with its rows of the sheet."""
        if not mended.networks_read:
            return
        self._waiting.append((mended, entries))
        self._rows += len(mended) * len(entries) * len(mended.readings.networks)
        if self._rows >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """Add up those that wait: together, because a table costs as much as thousands of rows."""
        if not self._waiting:
            return
        recordings = [mended for mended, _ in self._waiting]
        entries = [entry for _, own in self._waiting for entry in own]
        self._waiting, self._rows = [], 0
        tables = statistics_tables(recordings, entries)
        self._found["counted"].append(counted_totals(tables))
        self._found["baselines"].append(baseline_totals(tables))
        self._found["courses"].append(course_totals(tables, FAMILY, self._grid))
        if len(recordings[0].readings.networks) > 1:
            found = disagreements(tables, most=_MOST_DISAGREEMENTS)
            self._found["disagreements"].append(found)
        if recordings[0].settings.smoothed:
            # A confusion matrix is counted on single images.
            tables = statistics_tables(map(_unsmoothed, recordings), entries)
        self._found["raw"].append(counted_totals(tables))

    def tables(self) -> dict[str, list[pd.DataFrame]]:
        """By name, of all that were taken in."""
        self._flush()
        return self._found


def _unsmoothed(mended: MendedRecording) -> MendedRecording:
    return replace(mended, settings=mended.settings.model_copy(update={"smoothed": False}))


def _together(
    kept: Mapping[str, pd.DataFrame],
    same: Sequence[str],
    new: Mapping[str, Sequence[pd.DataFrame]],
    order: Sequence[str],
) -> _Tables:
    """Rows of recordings that are the same as before, and new ones, in the order of recordings."""
    place = {name: number for number, name in enumerate(order)}
    tables = {}
    for name in _NAMES:
        parts = list(new[name])
        if same and len(kept[name].columns):
            parts.insert(0, kept[name][kept[name]["recording"].isin(same)])
        # Where all are empty, one of them still says which columns there are.
        parts = [part for part in parts if len(part)] or parts[:1]
        whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        if len(whole):
            whole = whole.sort_values(
                "recording", key=lambda names: names.map(place), kind="stable", ignore_index=True
            )
        tables[name] = _words_as_objects(whole)
    return tables


def _keep(path: Path, now: _Kept) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("about.json", json.dumps({"keys": now.keys, "notes": now.notes}))
        for name, table in now.tables.items():
            archive.writestr(f"{name}.parquet", table.to_parquet(index=False))
    with suppress(StorageError):  # the disk is full: then it is made anew each time
        write_bytes(path, content.getvalue())


def _load(path: Path) -> _Kept:
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("about.json"))
            tables = {
                name: pd.read_parquet(io.BytesIO(archive.read(f"{name}.parquet")))
                for name in _NAMES
            }
            return _Kept(dict(about["keys"]), dict(about["notes"]), tables)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, pa.ArrowException):
        return _Kept()  # none was made, or it is damaged: it is made anew


def _words_as_objects(table: pd.DataFrame) -> pd.DataFrame:
    """The same, whether it was just made or kept: pandas gives words several types."""
    words = [name for name, kind in table.dtypes.items() if isinstance(kind, pd.StringDtype)]
    return table.astype(dict.fromkeys(words, object))
