"""Reading a file that anybody may have made: its kind and size before its contents."""

import stat
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from fer_core.errors import StorageError


def read_bytes(path: Path, limit_bytes: int) -> bytes:
    """All of a regular file that is not larger than it may be.

    Args:
        path: the file.
        limit_bytes: the most that is read.

    Raises:
        OSError: there is no such file, or it may not be read.
        StorageError: it is a folder, a pipe or a device, which may have no end, or too large.
    """
    _check(path, limit_bytes)
    with path.open("rb") as stream:
        # One more, as the file may have grown since.
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise _too_large(path, limit_bytes, f"more than {limit_bytes / 1e6:,.1f} MB")
    return content


def read_npz(path: Path, limit_bytes: int) -> dict[str, NDArray[Any]]:
    """All arrays of a file in NumPy's archive by name; pickled objects are refused.

    Args:
        path: the file.
        limit_bytes: the most that its arrays may take in memory.

    Raises:
        OSError: there is no such file, or it may not be read.
        StorageError: it is no such archive, or its arrays are too large.
    """
    _check(path, limit_bytes)
    try:
        with zipfile.ZipFile(path) as archive:
            # More than is written there, zipfile never reads of a member.
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > limit_bytes:
            raise _too_large(path, limit_bytes, f"{unpacked / 1e6:,.1f} MB unpacked")
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except StorageError:
        raise
    except Exception as error:  # zip, npy and memory errors have no common type
        raise StorageError(
            "is no sound archive of arrays",
            where=path,
            received=fault(error) or "nothing",
            remedy="Write or download it again.",
        ) from error


def fault(error: Exception) -> str:
    """What is wrong with a file, in a few words and without its path; of pydantic's, the first."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else first["msg"]
    if isinstance(error, StorageError):
        return f"{error.received} ({error.what})"
    if isinstance(error, UnicodeDecodeError):
        return "text that is not UTF-8"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)[:200]


def _check(path: Path, limit_bytes: int) -> None:
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise StorageError(
            "is not read",
            where=path,
            expected="a file",
            received=kind(state.st_mode),
            remedy="Put the file itself there.",
        )
    if state.st_size > limit_bytes:
        raise _too_large(path, limit_bytes, f"{state.st_size / 1e6:,.1f} MB")


def _too_large(path: Path, limit_bytes: int, received: str) -> StorageError:
    return StorageError(
        "is too large to be read",
        where=path,
        expected=f"at most {limit_bytes / 1e6:,.1f} MB",
        received=received,
        remedy="Put the right file in its place.",
    )


def kind(mode: int) -> str:
    """What a path is, in words, by the mode that ``stat`` gives."""
    for is_kind, words in (
        (stat.S_ISREG, "a file"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    ):
        if is_kind(mode):
            return words
    return "a device"
