"""Labelled pictures in a folder, an archive or a table: which picture, which word, which split."""

import io
import posixpath
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import PIL.Image

from fer_core.dataset.archive import Member, open_members
from fer_core.dataset.labels import LabelTable, label_codes, numbers_only, plain_word
from fer_core.dataset.streams import open_regular
from fer_core.dataset.tables import read_header, read_rows
from fer_core.errors import DatasetError
from fer_core.media import SUFFIXES

SPLIT_NAMES = ("", "train", "validation", "test")
"""Splits of a named data set; "" where it has none."""

_SPLIT_WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "publictest"), "validation"),
    **dict.fromkeys(("test", "testing", "privatetest"), "test"),
}

SHEET_COLUMNS = {
    "path": ("path", "file", "filename", "file_name", "image", "image_path", "img", "pth"),
    "pixels": ("pixels",),
    "label": ("label", "emotion", "expression", "class", "labels"),
    "split": ("split", "usage", "set", "subset"),
    "group": ("group",),
    "person": ("person", "subject", "actor", "participant", "identity"),
}
"""What each column of a sheet may be called; the first name found counts."""

_SHEETS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture with what its data set says of it.

    Attributes:
        path: within the data set, for sentences and tables.
        word: its label as it stands there.
        split: one of `SPLIT_NAMES`.
        group, person: as the sheet says; "" where it says nothing.
        read: its bytes, at most so many as are asked for; raises DatasetError.
    """

    path: str
    word: str
    split: str
    read: Callable[[int], bytes]
    group: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """One picture that is not taken, and the sentence why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds.

    Attributes:
        pictures: in the data set's own order: by path, or as the sheet has them.
        refused: pictures without a place in it.
        by_sheet: whether a sheet said so, in place of folders.
    """

    pictures: tuple[Labelled, ...]
    refused: tuple[Refused, ...]
    by_sheet: bool


@contextmanager
def open_pictures(source: Path, table: LabelTable) -> Iterator[Found]:
    """Find the labelled pictures of a source; their bytes can be read until this ends.

    Folders named like classes come first, then a sheet with a path and a label column. A sheet
    that is named itself has paths from its own folder.

    Args:
        source: a folder, ZIP, tar or tar.gz, or a sheet (CSV).
        table: what the labels mean.

    Raises:
        DatasetError: not readable, or nothing in it is labelled by a known word.
    """
    with open_members(source) as members:
        if source.is_file() and [member.name for member in members] == [source.name]:
            found = _by_sheet(members[0], source, partial(_beside, source.parent))
        else:
            found = _by_folders(members, table)
            if not any(picture.word in table for picture in found.pictures):
                found = _by_own_sheet(source, members) or found
        if not any(picture.word in table for picture in found.pictures):
            raise _nothing_known(source, found, table)
        yield found


def _beside(folder: Path, path: str) -> Member:
    """A picture on the disk by its path from a sheet's folder."""
    whole = folder / path
    return Member(path, None, partial(open_regular, whole))


def _by_folders(members: Sequence[Member], table: LabelTable) -> Found:
    pictures: list[Labelled] = []
    refused: list[Refused] = []
    for member in members:
        folders = member.name.split("/")[:-1]
        if not member.name.lower().endswith(SUFFIXES):
            continue
        split = next((s for s in map(split_of, reversed(folders)) if s), "")
        words = [folder for folder in folders if not split_of(folder)]
        if words:
            word = next((word for word in reversed(words) if word in table), words[-1])
            pictures.append(Labelled(member.name, word, split, member.read))
        else:
            refused.append(Refused(member.name, "It lies in no folder named like a class."))
    # The order of a folder, whatever packed it: the same pictures are the same data set.
    order = sorted(pictures, key=lambda picture: picture.path)
    return Found(tuple(order), tuple(refused), by_sheet=False)


def split_of(word: str) -> str:
    """The split that a folder or cell names, one of `SPLIT_NAMES`; "" where it names none."""
    return _SPLIT_WORDS.get(plain_word(word).removesuffix(" set").strip(), "")


def _by_own_sheet(source: Path, members: Sequence[Member]) -> Found | None:
    """By the one sheet that lies in a folder or archive; None where there is none, or several."""
    sheets = [
        member
        for member in members
        if member.name.lower().endswith(_SHEETS)
        and _columns([name.lower() for name in read_header(member)])
    ]
    if len(sheets) != 1:
        return None
    sheet, inside = sheets[0], {member.name: member for member in members}
    folder = posixpath.dirname(sheet.name)

    def find(path: str) -> Member:
        name = posixpath.normpath(posixpath.join(folder, path))
        if name not in inside:
            raise DatasetError(
                "there is no such picture beside the sheet",
                expected=name,
                received="nothing",
                remedy="Put it there, or correct its path.",
            )
        return inside[name]

    return _by_sheet(sheet, f"{source}/{sheet.name}", find)


def _columns(names: Sequence[str]) -> dict[str, str] | None:
    """Column of each part of `SHEET_COLUMNS`; None where it is no sheet of labelled pictures."""
    found = {
        part: next(name for name in aliases if name in names)
        for part, aliases in SHEET_COLUMNS.items()
        if any(name in names for name in aliases)
    }
    return found if "label" in found and ("path" in found or "pixels" in found) else None


def _by_sheet(sheet: Member, where: object, find: Callable[[str], Member]) -> Found:
    rows = read_rows(sheet, where)
    first = next(rows, None)
    names = list(first[1]) if first else []
    columns = _columns(names)
    if first is None or columns is None:
        raise DatasetError(
            "this is no sheet of labelled pictures",
            where=where,
            expected="a column path (or pixels) and a column label, with split, group and person "
            "if there are any",
            received=", ".join(names[:12]) or "no row under a header",
            remedy="Name the columns in the first row.",
        )
    taken = [_of_row(number, row, columns, find) for number, row in chain([first], rows)]
    return Found(
        tuple(picture for picture in taken if isinstance(picture, Labelled)),
        tuple(picture for picture in taken if isinstance(picture, Refused)),
        by_sheet=True,
    )


def _of_row(
    number: int, row: dict[str, str], columns: dict[str, str], find: Callable[[str], Member]
) -> Labelled | Refused:
    cells = dict.fromkeys(SHEET_COLUMNS, "") | {p: row[column] for p, column in columns.items()}
    path = cells["path"].replace("\\", "/")
    name, split = path or f"row {number}", split_of(cells["split"])
    if not cells["label"] or not (path or cells["pixels"]):
        return Refused(name, f"Row {number} of the sheet has no picture or no label.")
    if cells["split"] and not split:
        return Refused(
            name, f"Row {number}: unknown split {cells['split']}; train, validation or test."
        )
    read = partial(_read_from, find, path) if path else partial(_drawn, cells["pixels"])
    return Labelled(name, cells["label"], split, read, cells["group"], cells["person"])


def _read_from(find: Callable[[str], Member], path: str, limit_bytes: int) -> bytes:
    return find(path).read(limit_bytes)


def _drawn(text: str, limit_bytes: int) -> bytes:
    """A picture whose grey levels stand in a cell, as PNG: FER2013's way, which others took."""
    try:
        values = np.array(text.split(), np.int64)
    except ValueError:
        values = np.empty(0, np.int64)
    side = int(values.size**0.5)
    if not side or side**2 != values.size or values.min() < 0 or values.max() > 255:
        raise DatasetError(
            "not a square of grey pixels",
            expected="as many numbers from 0 to 255 as a square has pixels",
            received=f"{len(text.split())} values, beginning {text[:20]!r}",
            remedy="Correct the cell, or leave the row out.",
        )
    file = io.BytesIO()
    PIL.Image.fromarray(values.reshape(side, side).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _nothing_known(source: Path, found: Found, table: LabelTable) -> DatasetError:
    words = sorted({picture.word for picture in found.pictures})
    shown = ", ".join(words[:8]) + (" ..." if len(words) > 8 else "")
    if not words:
        return DatasetError(
            "there is no labelled picture in it",
            where=source,
            expected="folders named like classes (angry, happy ...) with pictures in them, or a "
            "CSV with the columns path and label",
            received=f"{len(found.refused)} pictures without a label",
            remedy="Sort the pictures into such folders, or put such a CSV beside them.",
        )
    if numbers_only(words):
        return DatasetError(
            "the labels are bare numbers or letters, which every data set counts its own way",
            where=source,
            received=shown,
            remedy=f"Say whose they are: --labels {'|'.join(label_codes())}, or a table of your "
            "own (data labels prints one to begin with).",
        )
    return DatasetError(
        "no label of it is one of ours" if found.by_sheet else "no class folder is recognised",
        where=source,
        expected="words such as angry, disgust, fear, happy, sad, surprise, neutral",
        received=shown,
        remedy="Say what they mean in a table: data labels prints one to begin with, and --labels "
        "takes it.",
    )
