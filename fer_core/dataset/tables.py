"""CSV of unknown origin: found in what was downloaded, in any encoding, bounded row by row."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TextIO

import pandas as pd

from fer_core.dataset.archive import Member, open_members
from fer_core.dataset.streams import kind_of, refuse_web_page
from fer_core.errors import DatasetError

MAX_TABLE_BYTES = 1_000_000_000
"""Largest table that is read; the challenge's has 0.3 GB, and 0.6 GB as UTF-16."""

MAX_ROWS = 300_000
"""Most rows of a sheet of pictures."""

MAX_ROW_BYTES = 200_000
"""Longest row: a face of 224x224 pixels in words; FER2013's have 8,000 bytes."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t"
_BLOCK_ROWS = 1000
_TABLES = (".csv", ".tsv", ".txt")
_ARCHIVES = (".zip", ".tar", ".tgz", ".gz")


@contextmanager
def open_table(member: Member, where: object) -> Iterator[TextIO]:
    """A table's text, decoded by its byte order mark, else as UTF-8.

    Raises:
        DatasetError: something else than a table, or a row or a table without end; also while it
            is read.
    """
    head = member.head()
    refuse_web_page(head, where)
    if (kind := kind_of(head)) or b"\0\0\0\0" in head:
        raise DatasetError(
            "this is not a table",
            where=where,
            expected="a CSV file",
            received=kind or "something that is no text",
            remedy="Save it as CSV.",
        )
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    with member.open() as stream:
        rows = io.BufferedReader(_Rows(stream, where), 1 << 16)
        yield io.TextIOWrapper(rows, encoding=encoding, newline="")


@contextmanager
def open_blocks(
    path: Path, columns: tuple[str, ...], what: str, remedy: str
) -> Iterator[tuple[str, Iterator[pd.DataFrame]]]:
    """Open the table that has certain columns, and read it in blocks of rows, all as text.

    Args:
        path: the table, or what it was downloaded in.
        columns: that it must have.
        what: the table in a sentence, such as "the challenge's file".
        remedy: what to do where there is none.

    Yields:
        Where the table is, for sentences, and its blocks.

    Raises:
        DatasetError: there is no such table, or it breaks off or is no CSV while it is read.
    """
    with open_members(path) as members:
        member = _pick(path, members, columns, what, remedy)
        where = str(path) if member.name in (path.name, path.stem) else f"{path}/{member.name}"
        try:
            with open_table(member, where) as text:
                yield where, _blocks(text, where, columns, what, remedy)
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise DatasetError(
                "not a CSV file", where=where, received=error, remedy=remedy
            ) from error
        except UnicodeDecodeError as error:
            raise DatasetError(
                "its letters cannot be read",
                where=where,
                expected="UTF-8, or UTF-16 with its mark",
                received=f"byte {error.object[error.start]:#04x}",
                remedy=remedy,
            ) from error


def _blocks(
    text: TextIO, where: str, columns: tuple[str, ...], what: str, remedy: str
) -> Iterator[pd.DataFrame]:
    header = text.readline()
    names = [name.strip() for name in _cells(header, delimiter_of(header))]
    if missing := [name for name in columns if name not in names]:
        raise DatasetError(
            f"not {what}",
            where=where,
            expected=f"columns {', '.join(columns)}",
            received=f"no {', '.join(missing)} among {', '.join(names[:12])}",
            remedy=remedy,
        )
    # Kaggle's second edition of the file has a blank before two of its column names.
    with pd.read_csv(
        text,
        names=names,
        sep=delimiter_of(header),
        chunksize=_BLOCK_ROWS,
        skipinitialspace=True,
        dtype=str,
        keep_default_na=False,
        index_col=False,
    ) as reader:
        yield from (block.fillna("") for block in reader)


def _pick(
    path: Path, members: list[Member], columns: tuple[str, ...], what: str, remedy: str
) -> Member:
    if [member.name for member in members] in ([path.name], [path.stem]):
        return members[0]  # the file itself, perhaps packed
    tables = [member for member in members if member.name.lower().endswith(_TABLES)]
    if len(tables) == 1:
        return tables[0]  # if it is not the one, its own sentence says why
    if fitting := [member for member in tables if set(columns) <= set(read_header(member))]:
        return max(fitting, key=lambda member: member.size_bytes or 0)
    packed = [member.name for member in members if member.name.lower().endswith(_ARCHIVES)]
    names = [member.name for member in tables or members]
    raise DatasetError(
        f"{what} is not in it",
        where=path,
        expected=f"a CSV file with the columns {', '.join(columns)}",
        received=", ".join(names[:4]) + (" ..." if len(names) > 4 else "") or "nothing",
        remedy=f"Unpack it, and import {packed[0]} from it."
        if packed
        else f"{remedy} Pictures in a folder for each class get a name: --name NAME.",
    )


def read_rows(
    member: Member, where: object, columns: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """A table's rows as text by column, with the number of their last line in the file.

    Column names lose case and blanks around them; a cell that is missing is "".

    Raises:
        DatasetError: not a table, or one without ``columns``.
    """
    with _text_of_table(member, where) as text:
        line = text.readline()
        names = [name.strip().lower() for name in _cells(line, delimiter_of(line))]
        if missing := [name for name in columns if name not in names]:
            raise DatasetError(
                "a column is missing",
                where=where,
                expected=", ".join(columns),
                received=f"no {', '.join(missing)} among {', '.join(names[:12])}",
                remedy="Name the columns in the first row.",
            )
        reader = csv.reader(text, delimiter=delimiter_of(line), skipinitialspace=True)
        for count, row in enumerate(reader):
            if count == MAX_ROWS:
                raise DatasetError(
                    "the table has too many rows",
                    where=where,
                    expected=f"at most {MAX_ROWS:,}",
                    remedy="Import a part of it.",
                )
            if any(row):
                cells = [cell.strip() for cell in row] + [""] * (len(names) - len(row))
                yield reader.line_num + 1, dict(zip(names, cells, strict=False))


@contextmanager
def _text_of_table(member: Member, where: object) -> Iterator[TextIO]:
    try:
        with open_table(member, where) as text:
            yield text
    except (csv.Error, UnicodeDecodeError) as error:
        raise DatasetError(
            "this table cannot be read",
            where=where,
            expected="CSV in UTF-8, or in UTF-16 with its mark",
            received=error,
            remedy="Save it again as CSV UTF-8.",
        ) from error


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def delimiter_of(line: str) -> str:
    """What parts the columns in a header line: the most frequent of comma, semicolon and tab."""
    return max(_DELIMITERS, key=line.count)


def read_header(member: Member) -> list[str]:
    """The column names of a table, without blanks around them; [] where it is no table."""
    try:
        with _text_of_table(member, member.name) as text:
            line = text.readline()
            return [name.strip() for name in _cells(line, delimiter_of(line))]
    except DatasetError:
        return []


class _Rows(io.RawIOBase):
    """Passes bytes on as long as rows end and the table does."""

    def __init__(self, stream: IO[bytes], where: object) -> None:
        self._stream = stream
        self._where = where
        self._bytes = 0
        self._row_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(len(buffer))
        self._bytes += len(content)
        last_end = content.rfind(b"\n")
        self._row_bytes = len(content) - last_end - 1 + (self._row_bytes if last_end < 0 else 0)
        if self._bytes > MAX_TABLE_BYTES or self._row_bytes > MAX_ROW_BYTES:
            raise DatasetError(
                "this is not a table of faces",
                where=self._where,
                expected=f"rows of at most {MAX_ROW_BYTES / 1e3:.0f} kB, "
                f"{MAX_TABLE_BYTES / 1e9:.0f} GB in all",
                received="a row or a table that goes on and on",
                remedy="Name the CSV that belongs to the data set, or split it.",
            )
        buffer[: len(content)] = content
        return len(content)
