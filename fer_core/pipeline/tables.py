"""What tables that people take away have in common."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")

_NEXT_CELL = re.compile(r"([;\t]\s*)(?=[=+\-@＝＋－＠])")
# Where semicolons or tabs are between cells, as in much of Europe, words behind one are a cell.


def harmless_cell(text: str) -> str:
    """Somebody else's words as a CSV cell that no spreadsheet runs.

    A file or a marker may be named ``=HYPERLINK(...)``; such words get an apostrophe in front,
    which spreadsheets hide, and so do those behind a semicolon or a tab. Everything else comes back
    as it is, but for lone carriage returns.
    """
    text = text.replace("\r", " ")  # a lone one ends the row in many readers, quoted or not
    text = _NEXT_CELL.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: what a data dictionary says of it.

    Attributes:
        name: in files.
        type: as Arrow calls it.
        unit: such as ``s``, ``px``, ``0-1``; "" for words and numbers of things.
        meaning: for people; the end of "This is ...".
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str


def columns_schema(columns: Sequence[Column]) -> pa.Schema:
    """Columns as an Arrow schema."""
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def columns_json(columns: Sequence[Column]) -> list[dict[str, str]]:
    """Columns as a data dictionary: ``name``, ``type``, ``unit`` and ``meaning`` of each."""
    return [
        {
            "name": column.name,
            "type": str(column.type),
            "unit": column.unit,
            "meaning": column.meaning,
        }
        for column in columns
    ]
