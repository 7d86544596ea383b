"""A study's tables as files to take away, each with a data dictionary beside it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from fer_core.errors import StudyError
from fer_core.pipeline.tables import Column, columns_json, columns_schema, harmless_cell
from fer_core.storage.atomic import new_stream, write_text
from fer_core.studies.assemble import Assembler
from fer_core.studies.columns import TABLES
from fer_core.studies.edits import AnyEdit
from fer_core.studies.findings import ParticipantTotals, shortcomings
from fer_core.studies.mend import edits_of
from fer_core.studies.mended import MendedRecording
from fer_core.studies.settings import StudySettings
from fer_core.studies.sheet import Entry, sheet
from fer_core.studies.store import Study
from fer_core.studies.tables import annotations_table, frames_table, segments_table

Format = Literal["csv", "parquet"]

_DIGITS = {"s": 3, "px": 1}
_OTHER_DIGITS = 4
# After the point in CSV; Parquet has all.

WriteTable = Callable[[pa.Table], None]


class Basis(BaseModel):
    """All that a study's tables follow from, beside what was read.

    Attributes:
        settings: how it was read.
        entries: the sheet.
        edits: by recording, those that are in force, in their order.
    """

    model_config = ConfigDict(frozen=True)

    settings: StudySettings
    entries: tuple[Entry, ...]
    edits: dict[str, tuple[AnyEdit, ...]]


def basis_of(study: Study) -> Basis:
    """A study's basis as it is now."""
    settings = study.settings
    edits = {
        recording.name: tuple(
            each.edit
            for each in edits_of(study, recording)
            if not each.undone and each.followed in ("", settings.tracks_key)
        )
        for recording in study.recordings()
    }
    return Basis(
        settings=settings,
        entries=sheet(study),
        edits={name: own for name, own in edits.items() if own},
    )


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        tables: files of tables, without the dictionaries beside them.
        recordings: that are in them, with the SHA-256 of each part.
        notes: sentences on what is missing in them.
    """

    tables: tuple[Path, ...]
    recordings: Mapping[str, Mapping[int, str]]
    notes: tuple[str, ...]


def export_tables(
    study: Study,
    folder: Path,
    form: Format = "csv",
    *,
    basis: Basis | None = None,
    tell: Callable[[str], None] | None = None,
) -> Exported:
    """Write ``frames``, ``segments``, ``participants`` and ``annotations`` into a folder.

    Beside each lies ``NAME.columns.json``, its data dictionary. One recording at a time is in
    memory.

    Args:
        study: whose, as far as it is read.
        folder: made where it is missing; tables that lie there are replaced.
        form: of the tables.
        basis: what they follow from; None: as it is now.
        tell: told each recording's name before it is written.

    Raises:
        StudyError: nothing is read yet.
        StorageError: it cannot be written.
    """
    basis = basis or basis_of(study)
    notes: list[str] = []
    parts: dict[str, Mapping[int, str]] = {}
    totals, assembler = ParticipantTotals(), Assembler(study, basis.settings)
    with ExitStack() as stack:
        write = {
            name: stack.enter_context(_table_file(_path(folder, name, form), columns, form))
            for name, columns in TABLES.items()
        }
        for recording in sorted(study.recordings(), key=lambda each: each.id):
            if tell is not None:
                tell(recording.name)
            try:
                edits = basis.edits.get(recording.name, ())
                mended = assembler.assemble(recording, edits)
            except StudyError as error:
                notes.append(str(error))
                continue
            entries = [each for each in basis.entries if each.recording == recording.name]
            write["frames"](frames_table(mended, entries))
            write["segments"](segments_table(mended, entries))
            write["annotations"](annotations_table(mended))
            totals.add(mended, entries)
            parts[recording.name] = mended.parts
            notes += _shortcomings(mended, entries)
        if not parts:
            raise StudyError(
                "nothing of this study is read yet",
                where=study.name,
                received=" ".join(notes[:1]) or "no recording",
                remedy=f"Read it: python -m fer_core study run {json.dumps(study.name)}",
            )
        write["participants"](totals.table(basis.settings))
    for name, columns in TABLES.items():
        dictionary = json.dumps(columns_json(columns), indent=2, ensure_ascii=False)
        write_text(folder / f"{name}.columns.json", dictionary + "\n")
    return Exported(
        tables=tuple(_path(folder, name, form) for name in TABLES),
        recordings=parts,
        notes=tuple(notes),
    )


def _shortcomings(mended: MendedRecording, entries: list[Entry]) -> list[str]:
    missing = [] if entries else [f"{mended.recording.name} is not in the sheet."]
    return missing + shortcomings(mended)


def _path(folder: Path, name: str, form: Format) -> Path:
    return folder / f"{name}.{form}"


@contextmanager
def _table_file(path: Path, columns: tuple[Column, ...], form: Format) -> Iterator[WriteTable]:
    """A file that tables of these columns are written to one after the other."""
    schema = columns_schema(columns)
    with ExitStack() as stack:
        stream = stack.enter_context(new_stream(path))
        if form == "parquet":
            writer = stack.enter_context(pq.ParquetWriter(stream, schema, compression="zstd"))
            yield writer.write_table
        else:
            csv = stack.enter_context(pa_csv.CSVWriter(stream, schema))
            yield lambda table: csv.write_table(_for_csv(table, columns))


def _for_csv(table: pa.Table, columns: tuple[Column, ...]) -> pa.Table:
    """Rounded, and with words that no spreadsheet runs."""
    arrays = []
    for column in columns:
        array = table[column.name]
        if pa.types.is_floating(column.type):
            array = pa.compute.round(array, _DIGITS.get(column.unit, _OTHER_DIGITS))
        elif pa.types.is_string(column.type):
            words = pa.compute.dictionary_encode(array).combine_chunks()
            harmless = [
                None if w is None else harmless_cell(w) for w in words.dictionary.to_pylist()
            ]
            array = pa.compute.take(pa.array(harmless, pa.string()), words.indices)
        arrays.append(array)
    return pa.table(arrays, schema=table.schema)
