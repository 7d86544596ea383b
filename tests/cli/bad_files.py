"""Files and places of every kind that no command can use, made in a folder."""

import gzip
import io
import json
import os
import pickle
import socket
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import PIL.Image

Make = Callable[[Path], Path]
"""Makes one in an empty folder and gives its path."""

_MANY = 600_000_000
"""Bytes that the bombs have once they are unpacked."""


def _holding(content: bytes, name: str = "x") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def _missing(folder: Path) -> Path:
    return folder / "not" / "here"


def _folder(folder: Path) -> Path:
    (folder / "words").mkdir()
    (folder / "words" / "letter.txt").write_text("Dear Sir or Madam")
    return folder / "words"


def _forbidden(folder: Path) -> Path:
    path = _holding(b"secret")(folder)
    path.chmod(0)
    return path


def _in_a_forbidden_folder(folder: Path) -> Path:
    shut = folder / "shut"
    shut.mkdir()
    (shut / "x").write_bytes(b"secret")
    shut.chmod(0)
    return shut / "x"


def _beneath_a_file(folder: Path) -> Path:
    return _holding(b"a file")(folder) / "more"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _socket(folder: Path) -> Path:
    # The longest name that a socket may have is shorter than most folders of tests are.
    here = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket")
    finally:
        os.chdir(here)
    return folder / "socket"


def _dead_link(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "gone" / "for ever")
    return folder / "link"


def _circle(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "link")
    return folder / "link"


def _long_name(folder: Path) -> Path:
    return folder / ("x" * 400)


def _name_of_another_machine(folder: Path) -> Path:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9"))
    path.write_bytes(b"text")
    return path


def _endless_sparse(folder: Path) -> Path:
    with (folder / "x").open("wb") as stream:
        stream.truncate(1 << 40)
    return folder / "x"


@cache
def _gzip_bomb() -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [packer.compress(bytes(_MANY // 60)) for _ in range(60)]
    return b"".join([*parts, packer.flush()])


@cache
def _zip_bomb(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            with archive.open(name, "w", force_zip64=True) as member:
                for _ in range(60):
                    member.write(bytes(_MANY // 60))
    return stream.getvalue()


def _array_bomb() -> bytes:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999,), }"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("pixels.npy", array)
    return stream.getvalue()


def _pickled() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, pixels=np.array([{"an": "object"}], object))
    return stream.getvalue()


@cache
def _picture_bomb() -> bytes:
    stream = io.BytesIO()
    PIL.Image.new("1", (30_000, 30_000)).save(stream, "PNG")
    return stream.getvalue()


def _cut(kind: str) -> bytes:
    stream = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    PIL.Image.fromarray(noise).save(stream, kind)
    return stream.getvalue()[:1500]


PLACES: dict[str, Make] = {
    "missing": _missing,
    "folder": _folder,
    "forbidden": _forbidden,
    "in a forbidden folder": _in_a_forbidden_folder,
    "beneath a file": _beneath_a_file,
    "pipe": _pipe,
    "socket": _socket,
    "dead link": _dead_link,
    "circle of links": _circle,
    "name that is too long": _long_name,
    "name of another machine": _name_of_another_machine,
    "endless device": lambda _: Path("/dev/zero"),
    "full device": lambda _: Path("/dev/full"),
    "memory of a process": lambda _: Path("/proc/self/mem"),
    "terminal": lambda _: Path("/dev/ptmx"),
}
"""What is no file, or may not be opened."""

CONTENTS: dict[str, Make] = {
    "empty": _holding(b""),
    "noise": _holding(np.random.default_rng(0).bytes(5_000)),
    "zeros": _holding(bytes(50_000)),
    "prose": _holding(b"Dear diary,\nnothing of use to anybody today.\n"),
    "other encoding": _holding("Größe;Gesicht\n1;ö\n".encode("latin-1")),
    "UTF-16": _holding("a,b\n1,2\n".encode("utf-16")),
    "one long line": _holding(b"0 " * 2_000_000),
    "web page": _holding(b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    "table of another shape": _holding(b'a,b,c\n1,2\n,,,,\n"open'),
    "list in JSON": _holding(b"[]"),
    "word in JSON": _holding(b'"card"'),
    "other JSON": _holding(json.dumps({"slug": 7, "files": [None], "x": {}}).encode()),
    "not a number in JSON": _holding(b'{"accuracy": NaN, "n": 1e999}'),
    "JSON in JSON in JSON": _holding(b"[" * 200_000 + b"]" * 200_000),
    "cut JPEG": _holding(_cut("JPEG")),
    "cut PNG": _holding(_cut("PNG")),
    "cut film": _holding(b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(90)),
    "cut gzip": _holding(gzip.compress(np.random.default_rng(2).bytes(900))[:500]),
    "cut ZIP": _holding(b"PK\x03\x04" + bytes(60)),
    "cut HDF5": _holding(b"\x89HDF\r\n\x1a\n" + bytes(60)),
    "pickle": _holding(pickle.dumps({"an": "object"})),
    "array of objects": _holding(_pickled()),
    "larger than the disk": _endless_sparse,
    "gzip bomb": lambda folder: _holding(_gzip_bomb())(folder),
    "ZIP bomb": lambda folder: _holding(_zip_bomb("settings.json", "fer2013.csv"))(folder),
    "array bomb": _holding(_array_bomb()),
    "picture bomb": lambda folder: _holding(_picture_bomb())(folder),
}
"""Files that can be opened, and hold nothing that a command could use."""
