"""The one way to write: beside the place, down to the disk, then into the place in one step.

A reader sees all of the old content or all of the new, whatever becomes of the writer. After an
error nothing is left behind; what a killed writer left is cleared when the same place is written
again. The system's own errors become sentences.
"""

import errno
import io
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import StorageError
from fer_core.storage.exchange import put_folder, restore_folder
from fer_core.storage.reading import kind

try:
    import fcntl
except ImportError:  # Windows has no such locks; there, what a killed writer left stays
    fcntl = None  # type: ignore[assignment]

_TEMPORARY = ".{name}.{token}.tmp"
_TOKEN_BYTES = 4

_ROOM = "Free some room there, or name another place."
_RIGHTS = "Name a place that may be written to."
_REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: _RIGHTS,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.ENOTDIR: "A file lies where a folder is needed: move it, or name another place.",
    errno.EEXIST: "A file lies where a folder is needed: move it, or name another place.",
    errno.ENAMETOOLONG: "Name it shorter.",
}


def write_bytes(path: Path, content: bytes | memoryview, *, mode: int | None = None) -> Path:
    """Write a file, or replace it; see `new_file`.

    Returns:
        ``path``.
    """
    with new_stream(path, mode=mode) as stream:
        stream.write(content)
    return path


def write_text(path: Path, text: str) -> Path:
    """The same for text, as UTF-8 with its line ends as they are."""
    return write_bytes(path, text.encode())


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]], *, compressed: bool = False) -> Path:
    """The same for named arrays, in NumPy's archive."""
    # In memory first: a full disk in the middle of an archive surfaces as errors of zipfile's own.
    packed = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(packed, **arrays)  # type: ignore[arg-type]  # stub mistakes ** for allow_pickle
    return write_bytes(path, packed.getbuffer())


@contextmanager
def new_stream(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A stream for a file's new content; see `new_file`."""
    with new_file(path, mode=mode) as place, place.open("wb") as stream:
        yield stream


@contextmanager
def new_file(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """A place for a file's new content, which replaces the file at the end of the block.

    Folders above it are made where they are missing; a link is followed, as by ``open``.

    Args:
        path: the file.
        mode: its permissions, also while it is written; None: those of the file that is there,
            else the usual ones.

    Yields:
        An empty file in the same folder, to be written by whatever takes a path.

    Raises:
        StorageError: it cannot be written, or what is there is no regular file.
    """
    target = _real(path)
    with _in_sentences(path, target):
        if target.exists() and not target.is_file():
            raise _not_to_replace(path, "a file")
        target.parent.mkdir(parents=True, exist_ok=True)
        if mode is None and target.exists():
            mode = stat.S_IMODE(target.stat().st_mode)
        with _beside(target, partial(_create_file, mode=mode)) as place:
            yield place
            _to_disk(place)
            if mode is not None:
                place.chmod(mode)
            place.replace(target)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A place for a folder's new content, which replaces the folder at the end of the block.

    Yields:
        An empty folder beside it.

    Raises:
        StorageError: it cannot be written, or what is there is no folder.
    """
    target = _real(path)
    with _in_sentences(path, target):
        restore_folder(target)
        if target.exists() and not target.is_dir():
            raise _not_to_replace(path, "a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target, Path.mkdir) as place:
            yield place
            for file in place.rglob("*"):
                if file.is_file():
                    _to_disk(file)
            put_folder(place, target)


@contextmanager
def _beside(target: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """A new place next to ``target``, marked as in use, and gone at the end.

    What killed writers left there is cleared first.
    """
    tokens = "[0-9a-f]" * (2 * _TOKEN_BYTES)
    for left in target.parent.glob(_TEMPORARY.format(name=escape(target.name), token=tokens)):
        with suppress(OSError):
            if is_abandoned(left):
                _remove(left)
    with ExitStack() as stack:
        while True:
            token = secrets.token_hex(_TOKEN_BYTES)
            place = target.with_name(_TEMPORARY.format(name=target.name, token=token))
            make(place)
            stack.callback(_remove, place)
            # Gone where another writer took it for abandoned before it was marked: once more.
            with suppress(FileNotFoundError):
                stack.enter_context(in_use(place))
                if place.exists():
                    break
        yield place


@contextmanager
def in_use(place: Path) -> Iterator[None]:
    """Hold a lock, which the system gives back when this process ends, however it ends.

    Args:
        place: a file or folder that is there.

    Raises:
        OSError: it is not, or may not be opened.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(place, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives have no locks
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def is_abandoned(place: Path) -> bool:
    """Whether no process holds it `in_use`; never where the system has no locks.

    Raises:
        OSError: it is gone, or may not be opened.
    """
    if fcntl is None:
        return False
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _create_file(place: Path, mode: int | None) -> None:
    # Nobody may read a private file, not even for the moment before a chmod.
    permissions = 0o666 if mode is None else mode & 0o666 | stat.S_IWUSR | stat.S_IRUSR
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions))


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _to_disk(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _not_to_replace(path: Path, wanted: str) -> StorageError:
    return StorageError(
        f"this is not {wanted} that could be replaced",
        where=path,
        expected=wanted,
        received=kind(path.stat().st_mode),
        remedy="Name another place.",
    )


@contextmanager
def _in_sentences(path: Path, target: Path) -> Iterator[None]:
    """What the system refuses of ``path`` as a `StorageError`; other files' errors pass."""
    try:
        yield
    except OSError as error:
        # A copy that fails names both its source and its target.
        names = [name for name in (error.filename, error.filename2) if name is not None]
        if names and not any(_belongs_to(target, Path(os.fsdecode(name))) for name in names):
            raise
        raise StorageError(
            "cannot be written",
            where=path,
            received=error.strerror or error,
            remedy=_REMEDIES.get(error.errno or 0, "Look at the place, or name another one."),
        ) from error


def _belongs_to(target: Path, path: Path) -> bool:
    """Whether a path is the target, above it, or in what is being written beside it."""
    beside = str(target.with_name(f".{target.name}."))
    return target.is_relative_to(path) or str(path).startswith(beside)
