"""What is read has been looked at from outside first; whatever a file is, it becomes a sentence."""

import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel, Field

from fer_core.errors import ModelError, StorageError
from fer_core.storage.reading import read_bytes, read_npz
from fer_core.storage.records import read_report, read_rows, write_report, write_rows

LIMIT = 1000


class Row(BaseModel, extra="forbid"):
    name: str
    share: float = Field(ge=0, le=1, allow_inf_nan=False)


def sparse(path: Path, size: int = 1_000_000_000) -> None:
    """A file of so many zeros that takes no room."""
    with path.open("wb") as stream:
        stream.truncate(size)


def bomb(path: Path) -> None:
    """A small archive of an array of 50 MB."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        np.lib.format.write_array(member, np.zeros(6_250_000))


def liar(path: Path) -> None:
    """An archive whose array claims to be larger than all memory."""
    claim = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00v\x00" + claim.ljust(117) + b"\n")


def pickled(path: Path) -> None:
    np.savez(path, x=np.array([{"a": 1}], dtype=object))


def test_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(LIMIT))
    assert read_bytes(path, LIMIT) == bytes(LIMIT)
    path.write_bytes(bytes(LIMIT + 1))
    with pytest.raises(StorageError, match="is too large to be read"):
        read_bytes(path, LIMIT)
    with pytest.raises(FileNotFoundError):
        read_bytes(tmp_path / "b", LIMIT)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (sparse, r"expected at most .* MB, received 1,000\.0 MB"),
        (Path.mkdir, "received a folder"),
        (os.mkfifo, "received a pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "received a device"),
    ],
)
def test_size_and_kind_come_before_the_contents(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "in"
    make(path)
    for read in (read_bytes, read_npz):
        with pytest.raises(StorageError, match=words):
            read(path, LIMIT)


def test_arrays_come_back(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(5), y=np.zeros((0, 7)))
    arrays = read_npz(tmp_path / "a.npz", 10_000)
    assert {name: array.shape for name, array in arrays.items()} == {"x": (5,), "y": (0, 7)}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.touch, "no sound archive"),
        (lambda path: path.write_bytes(b"PK\x03\x04 cut off"), "no sound archive"),
        (bomb, r"50\.0 MB unpacked"),
        (liar, "no sound archive"),
        (pickled, "no sound archive.*allow_pickle"),
    ],
)
def test_an_archive_that_is_none_or_too_much(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "a.npz"
    make(path)
    with pytest.raises(StorageError, match=words):
        read_npz(path, 10_000_000)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb(tmp_path / "a.npz")
    tracemalloc.start()
    try:
        with pytest.raises(StorageError):
            read_npz(tmp_path / "a.npz", 10_000_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_records_come_back(tmp_path: Path) -> None:
    rows = [Row(name="größer", share=0.25), Row(name='with "quotes",\nand a line', share=1)]
    path = write_rows(tmp_path / "a.csv", Row.model_fields, (row.model_dump() for row in rows))
    assert read_rows(path, Row, "bad", "remedy") == rows
    report = write_report(tmp_path / "a.json", rows[0])
    assert read_report(report, Row, "bad", "remedy") == rows[0]
    assert read_rows(tmp_path / "none.csv", Row, "bad", "remedy") == []
    assert read_report(tmp_path / "none.json", Row, "bad", "remedy") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,share\na,0.5\nb,2\n", "a.csv, line 3.*share: Input should be less than"),
        (b"name,share\na,nan\n", "share: Input should be a finite number"),
        (b"name,share\na\n", "share"),
        (b"name,share\na,0.5,more\n", "line 2"),
        (b"other,columns\n1,2\n", "no column name, share"),
        (b"name\n", "no column share"),
        (b"", "no column name, share"),
        (b"name,share\n\xff\xfe,0.5\n", "text that is not UTF-8"),
        (b"\x00" * 300_000, "a.csv"),
        (b"name,share\n" + b"a" * 200_000 + b",0.5\n", "field larger than field limit"),
    ],
)
def test_rows_of_another_shape_are_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=words) as caught:
        read_rows(path, Row, "the rows cannot be used", "Measure again.")
    assert "the rows cannot be used" in str(caught.value)
    assert str(caught.value).endswith("Measure again.")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.touch, "Invalid JSON"),
        (lambda path: path.write_bytes(b'{"name": "a", "share": 0.5'), "Invalid JSON"),
        (lambda path: path.write_bytes(b'{"name": "a", "share": NaN}'), "share"),
        (lambda path: path.write_bytes(b"[" * 100_000), "Invalid JSON"),
        (lambda path: path.write_bytes(b"[]"), "should be an object"),
        (lambda path: path.write_bytes(b'{"name": "\xff", "share": 0}'), "unicode"),
        (sparse, r"received 1,000\.0 MB \(is too large"),
        (Path.mkdir, r"a folder \(is not read\)"),
        (os.mkfifo, r"a pipe \(is not read\)"),
    ],
)
def test_a_report_of_another_shape_is_a_sentence(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "a.json"
    make(path)
    with pytest.raises(ModelError, match=words):
        read_report(path, Row, "the report cannot be used", "Measure again.")
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="Not a directory"):
        read_report(tmp_path / "file" / "a.json", Row, "the report cannot be used", "")
