"""Files beside the model folders that a command measured: JSON of one report, or CSV of rows.

Read whole and validated, replaced in one step, so that a reader never sees half of one.
"""

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fer_core.errors import ModelError

Model = TypeVar("Model", bound=BaseModel)


def _complaint(what: str, path: Path, error: Exception, remedy: str) -> ModelError:
    received = str(error)[:200]
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        received = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return ModelError(what, where=path.name, received=received, remedy=remedy)


def read_report(path: Path, kind: type[Model], what: str, remedy: str) -> Model | None:
    """A report; None where there is no such file.

    Raises:
        ModelError: the file is damaged; ``what`` and ``remedy`` are its words.
    """
    if not path.exists():
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise _complaint(what, path, error, remedy) from error


def read_rows(path: Path, kind: type[Model], what: str, remedy: str) -> list[Model]:
    """All rows of a CSV file; [] where there is no such file.

    Raises:
        ModelError: a row is not valid; ``what`` and ``remedy`` are its words.
    """
    if not path.exists():
        return []
    try:
        with path.open(newline="") as stream:
            return [kind.model_validate(row) for row in csv.DictReader(stream)]
    except (ValueError, csv.Error) as error:  # pydantic's error is a ValueError
        raise _complaint(what, path, error, remedy) from error


def write_report(path: Path, report: BaseModel) -> Path:
    """Replace a report's file; OSError where that cannot be."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(report.model_dump_json(indent=2) + "\n")
    return temporary.replace(path)


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    """Replace a CSV file; OSError where that cannot be."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return temporary.replace(path)
