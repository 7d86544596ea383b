"""Files beside the model folders that a command measured: JSON of one report, or CSV of rows.

Read whole and validated, replaced in one step, so that a reader never sees half of one.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fer_core.errors import ModelError, StorageError
from fer_core.storage.atomic import write_text
from fer_core.storage.reading import fault, read_bytes

LIMIT_BYTES = 16_000_000
"""Of one such file; the largest that ships has a tenth of a MB."""

Model = TypeVar("Model", bound=BaseModel)


def read_report(path: Path, kind: type[Model], what: str, remedy: str) -> Model | None:
    """A report; None where there is no such file.

    Raises:
        ModelError: the file is damaged; ``what`` and ``remedy`` are its words.
    """
    try:
        return kind.model_validate_json(read_bytes(path, LIMIT_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, StorageError, ValidationError) as error:
        raise ModelError(what, where=path.name, received=fault(error), remedy=remedy) from error


def read_rows(path: Path, kind: type[Model], what: str, remedy: str) -> list[Model]:
    """All rows of a CSV file; [] where there is no such file.

    Raises:
        ModelError: a column is missing or a row not valid; ``what`` and ``remedy`` are its words.
    """
    line = 1
    try:
        text = io.StringIO(read_bytes(path, LIMIT_BYTES).decode(), newline="")
        rows = csv.DictReader(text, restkey="more cells than columns")
        wanted = [name for name, field in kind.model_fields.items() if field.is_required()]
        if missing := [name for name in wanted if name not in (rows.fieldnames or ())]:
            raise ValueError(f"no column {', '.join(missing)}")
        found = []
        for row in rows:
            line = rows.line_num
            found.append(kind.model_validate(row))
    except FileNotFoundError:
        return []
    # UnicodeDecodeError and pydantic's error are ValueErrors.
    except (OSError, StorageError, ValueError, csv.Error) as error:
        where = f"{path.name}, line {line}" if line > 1 else path.name
        raise ModelError(what, where=where, received=fault(error), remedy=remedy) from error
    return found


def write_report(path: Path, report: BaseModel) -> Path:
    """Replace a report's file.

    Raises:
        StorageError: it cannot be written.
    """
    return write_text(path, report.model_dump_json(indent=2) + "\n")


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    """Replace a CSV file.

    Raises:
        StorageError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return write_text(path, text.getvalue())


def replace_rows(
    path: Path, kind: type[Model], before: Iterable[Model], rows: Iterable[Model], of: str
) -> Path:
    """Put rows in a CSV file, in place of all earlier ones about the same, in one step.

    Args:
        path: the file.
        kind: of the rows.
        before: what it holds.
        rows: the new ones.
        of: the column that says what a row is about; the file is sorted by it, and within it the
            order of measuring stays.

    Raises:
        StorageError: it cannot be written.
    """
    fresh = list(rows)
    measured = {getattr(row, of) for row in fresh}
    kept = [row for row in before if getattr(row, of) not in measured]
    every = sorted([*kept, *fresh], key=lambda row: str(getattr(row, of)))
    return write_rows(path, kind.model_fields, (row.model_dump() for row in every))
