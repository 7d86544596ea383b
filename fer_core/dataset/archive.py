"""A folder, a ZIP, a tar or a single file as a list of members: sizes before contents.

Nothing is ever unpacked to the disk, so a member's name is only a name.
"""

import gzip
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fer_core.dataset.streams import (
    AGAIN,
    HEAD_BYTES,
    GuardedStream,
    check_growth,
    growth_limit,
    kind_of,
    open_regular,
    readable,
    refuse_web_page,
)
from fer_core.errors import DatasetError

MAX_MEMBERS = 300_000
"""Most files in one folder or archive."""

_OTHER_ARCHIVES = ("a RAR archive", "a 7-Zip archive", "a bzip2 file", "an xz file")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a folder or archive.

    Attributes:
        name: its path inside, parts parted by ``/``.
        size_bytes: as the archive states it; None where only reading tells (gzip).
        open: a stream of its contents; raises DatasetError where it cannot be read.
    """

    name: str
    size_bytes: int | None
    open: Callable[[], IO[bytes]]

    def read(self, limit_bytes: int) -> bytes:
        """The whole contents.

        Raises:
            DatasetError: more than ``limit_bytes``, or not readable.
        """
        if self.size_bytes is None or self.size_bytes <= limit_bytes:
            with self.open() as stream:
                content = stream.read(limit_bytes + 1)
            if len(content) <= limit_bytes:
                return content
        raise DatasetError(
            "the file is too large",
            where=self.name,
            expected=f"at most {limit_bytes / 1e6:.0f} MB",
            received="more" if self.size_bytes is None else f"{self.size_bytes / 1e6:,.0f} MB",
            remedy="Save a smaller copy of it.",
        )

    def head(self) -> bytes:
        """The first 512 bytes, or fewer.

        Raises:
            DatasetError: not readable.
        """
        with self.open() as stream:
            return stream.read(HEAD_BYTES)


@contextmanager
def open_members(path: Path) -> Iterator[list[Member]]:
    """List what a path holds: the files of a folder or archive, else the file itself.

    Hidden files and what macOS adds to archives are left out. A gzip file that is no tar counts
    as the one file that is packed in it.

    Yields:
        The members, in the order in which reading them is quick.

    Raises:
        DatasetError: missing, not readable, no regular file, cut off, locked, or growing to more
            than `MAX_GROWTH` times its size; also where a member's stream is read.
    """
    # What the caller does with the members is not what goes wrong in reading them.
    with ExitStack() as stack:
        with readable(path):
            members = _folder(path) if path.is_dir() else _file_members(path, stack)
        yield members


def _file_members(path: Path, stack: ExitStack) -> list[Member]:
    stream = stack.enter_context(open_regular(path))
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    packed_bytes = os.fstat(stream.fileno()).st_size
    kind = kind_of(head)
    if not head:
        raise DatasetError("the file is empty", where=path, remedy=AGAIN)
    refuse_web_page(head, path)
    if kind in _OTHER_ARCHIVES:
        raise DatasetError(
            f"{kind} is not read",
            where=path,
            expected="a folder, CSV, ZIP, tar or tar.gz",
            remedy="Unpack it, and import the folder.",
        )
    if kind == "a ZIP archive":
        return _zip(path, stack.enter_context(zipfile.ZipFile(stream)), packed_bytes)
    if kind == "a tar archive":
        return _tar(path, stack.enter_context(tarfile.open(fileobj=stream, mode="r:")))
    if kind == "a gzip file":
        return _gzip(path, stream, packed_bytes, stack)
    return [Member(path.name, packed_bytes, lambda: open_regular(path))]


def _folder(root: Path) -> list[Member]:
    found: list[Member] = []
    seen: set[tuple[int, int]] = set()

    def fail(error: OSError) -> None:
        raise error

    with readable(root):
        # Links are followed, as people put data sets together by them; a circle ends at `seen`.
        for folder, folders, files in os.walk(root, onerror=fail, followlinks=True):
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in seen:
                folders.clear()
                continue
            seen.add((status.st_dev, status.st_ino))
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            shown = [name for name in sorted(files) if not _is_hidden(name)]
            found.extend(_file(root, Path(folder) / name) for name in shown)
            _check_count(root, len(found))
    return found


def _file(root: Path, path: Path) -> Member:
    try:
        size: int | None = path.stat().st_size
    except OSError:
        size = None  # a link to nowhere: opening it says so
    return Member(path.relative_to(root).as_posix(), size, lambda: open_regular(path))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _zip(path: Path, archive: zipfile.ZipFile, packed_bytes: int) -> list[Member]:
    # An entry may have no name, of which `is_dir` does not know.
    entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
    _check_count(path, len(entries))
    check_growth(path, packed_bytes, sum(entry.file_size for entry in entries))

    def opener(entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
        def opened() -> IO[bytes]:
            if entry.flag_bits & 1:
                raise DatasetError(
                    "the archive is locked with a password",
                    where=path,
                    remedy="Unpack it with the password, and import the folder.",
                )
            where = f"{path}/{entry.filename}"
            with readable(where):
                return GuardedStream(archive.open(entry), where, entry.file_size)

        return opened

    members = [
        Member(entry.filename.replace("\\", "/"), entry.file_size, opener(entry))
        for entry in sorted(entries, key=lambda entry: entry.header_offset)
    ]
    return _shown(members)


def _shown(members: list[Member]) -> list[Member]:
    return [m for m in members if not any(_is_hidden(part) for part in m.name.split("/") if part)]


def _gzip(path: Path, stream: IO[bytes], packed_bytes: int, stack: ExitStack) -> list[Member]:
    limit = growth_limit(packed_bytes)

    def unpacked() -> IO[bytes]:
        stream.seek(0)
        return GuardedStream(gzip.open(stream), path, limit)

    with unpacked() as first:
        head = first.read(HEAD_BYTES)
    if kind_of(head) != "a tar archive":
        return [Member(path.stem, None, unpacked)]
    whole = stack.enter_context(unpacked())
    return _tar(path, stack.enter_context(tarfile.open(fileobj=whole, mode="r:")))


def _tar(path: Path, tar: tarfile.TarFile) -> list[Member]:
    def opener(entry: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
        def opened() -> IO[bytes]:
            content = tar.extractfile(entry)
            assert content is not None  # of a regular file there is always one
            return GuardedStream(content, f"{path}/{entry.name}", entry.size)

        return opened

    members: list[Member] = []
    for entry in tar:
        if entry.isreg():
            members.append(Member(entry.name.removeprefix("./"), entry.size, opener(entry)))
        _check_count(path, len(members))
    return _shown(members)


def _check_count(path: Path, count: int) -> None:
    if count > MAX_MEMBERS:
        raise DatasetError(
            "there are too many files in it",
            where=path,
            expected=f"at most {MAX_MEMBERS:,}",
            received=f"{count:,} or more",
            remedy="Import a part of it.",
        )
