"""Tables that people fill in, as CSV: read however their program writes it."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath

from fer_core.errors import StudyError
from fer_core.studies.recordings import StudyRecording

MOST_BYTES = 10_000_000


def recording_finder(recordings: Iterable[StudyRecording]) -> Callable[[str], str]:
    """What finds a recording's name by any way in which a person may call its file.

    It raises ValueError, with a few words, where there is none.
    """
    names: dict[str, str] = {}
    for each in recordings:
        for called in (str(each.path), each.path.name, each.path.stem, each.name):
            # Of two files of one name, the one that was added first, unless called by its own.
            names.setdefault(called, each.name)
        names[each.name] = each.name

    def find(called: str) -> str:
        name = names.get(called) or names.get(PurePath(called).name)
        if name is None:
            raise ValueError(f"there is no recording {called!r}")
        return name

    return find


def read_rows(
    content: bytes, name: str, columns: Sequence[str], *, needed: int
) -> list[dict[str, str]]:
    """Rows of a CSV file by column; cells that are missing are "".

    Comma, semicolon or tab between cells; UTF-8 or what Excel writes in western Europe. Names of
    columns in any case, with or without ``_s``.

    Args:
        content: the file.
        name: of it, for errors.
        columns: that it may have.
        needed: how many of these, the first ones, it has to have.

    Raises:
        StudyError: it is no such table, or too large.
    """
    if len(content) > MOST_BYTES:
        raise StudyError(
            "the table is too large",
            where=name,
            expected=f"at most {MOST_BYTES / 1e6:.0f} MB",
            received=f"{len(content) / 1e6:.1f} MB",
            remedy="Give it in several files.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    head = text.split("\n", 1)[0]
    between = max(",;\t", key=head.count)
    try:
        table = list(csv.DictReader(io.StringIO(text), delimiter=between))
    except csv.Error as error:
        raise StudyError(
            "this is no such table",
            where=name,
            received=str(error),
            remedy="Save it as CSV, by commas, semicolons or tabs.",
        ) from error
    rows = [_row(cells, number, name) for number, cells in enumerate(table, start=1)]
    missing = [column for column in columns[:needed] if rows and column not in rows[0]]
    if not rows or missing:
        raise StudyError(
            "this is no such table",
            where=name,
            expected=f"a table with the columns {', '.join(columns)}",
            received=f"no column {', '.join(missing)}" if missing else "no rows",
            remedy="Give the first row these names.",
        )
    return rows


def _row(
    cells: Mapping[str | None, str | list[str] | None], number: int, name: str
) -> dict[str, str]:
    row: dict[str, str] = {}
    for column, cell in cells.items():
        if isinstance(cell, list):
            if any(extra.strip() for extra in cell):  # spreadsheets leave empty ones behind
                raise StudyError(
                    "a row has more cells than there are columns",
                    where=f"{name}, row {number}",
                    received=f"also {cell[0]!r}",
                    remedy="Put quotes around words that have the separator in them.",
                )
        elif column is not None:
            row[_plain(column)] = (cell or "").strip()
    return row


def _plain(column: str) -> str:
    """A column's name without what people add: ``Start_s`` is ``start``."""
    word = column.strip().lower().removesuffix("_s")
    return {"recording": "file", "video": "file", "at": "time", "seconds": "time"}.get(word, word)


def read_seconds(text: str) -> float | None:
    """``12.5``, ``12,5``, ``1:02`` or ``1:02:03.5`` as seconds; None for an empty cell.

    Raises:
        ValueError: it is no time, with a few words.
    """
    if not text:
        return None
    seconds = 0.0
    try:
        for part in text.replace(",", ".").split(":"):
            seconds = 60 * seconds + float(part)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or text.count(":") > 2:
        raise ValueError(f"{text!r} is no time")
    return seconds
