"""Bytes of unknown origin: what they are, and an end in one sentence wherever they break off."""

import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fer_core.errors import DatasetError

HEAD_BYTES = 512
"""How much `kind_of` looks at."""

MAX_GROWTH = 100
"""How many times its own size an archive may hold: pictures and tables stay below 20."""

GROWS_FREELY_TO = 200_000_000
"""Bytes up to which growth is not asked after."""

AGAIN = "Download it again, and wait until the browser says that it is complete."
"""What to do about a file that is not whole."""

_KINDS = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"version https://git-lfs", "a pointer to a file that Git LFS did not fetch"),
)


def kind_of(head: bytes) -> str:
    """What the first bytes of a file say that it is, in words; "" for anything like a table."""
    for magic, words in _KINDS:
        if head.startswith(magic):
            return words
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        return "a web page"
    if head[257:262] == b"ustar":
        return "a tar archive"
    return ""


def refuse_web_page(head: bytes, where: object) -> None:
    """Refuse a page that was saved in place of a file.

    Raises:
        DatasetError: the bytes are the beginning of a web page.
    """
    if kind_of(head) == "a web page":
        raise DatasetError(
            "this is a web page, such as a sign-in page saved in place of the file",
            where=where,
            remedy="Sign in with the browser, download the file there, and import that one.",
        )


@contextmanager
def readable(where: object) -> Iterator[None]:
    """Turn what reading a file of others can raise into one sentence.

    Raises:
        DatasetError: in place of any error of the system or of an unpacker.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise _damaged(where, error) from error
        missing = isinstance(error, FileNotFoundError)
        raise DatasetError(
            "no such file or folder" if missing else "it cannot be read",
            where=where,
            received="" if missing else error.strerror or type(error).__name__,
            remedy="Check the name." if missing else "Check that you may open it.",
        ) from error
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise _damaged(where, error) from error
    except NotImplementedError as error:
        raise DatasetError(
            "it is packed in a way that is not read",
            where=where,
            received=error,
            remedy="Unpack it, and import the folder.",
        ) from error


def _damaged(where: object, error: Exception) -> DatasetError:
    return DatasetError(
        "the file is cut off or damaged", where=where, received=str(error), remedy=AGAIN
    )


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file; a pipe, a terminal or a device would wait or flow for ever.

    Raises:
        DatasetError: anything else, or not readable.
    """
    with readable(path):
        # Not blocking: opening a pipe without a writer waits before anything can be asked of it.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise DatasetError(
                "this is not a regular file",
                where=path,
                expected="a file or folder on the disk",
                received="a pipe, a device or a folder",
                remedy="Copy what it gives into a file first.",
            )
        return os.fdopen(handle, "rb")


def growth_limit(packed_bytes: int) -> int:
    """Most bytes that an archive of some size may hold."""
    return max(GROWS_FREELY_TO, MAX_GROWTH * packed_bytes)


def check_growth(path: Path, packed_bytes: int, unpacked_bytes: int) -> None:
    """Refuse an archive by what it says that it holds, before any of it is unpacked.

    Raises:
        DatasetError: more than `growth_limit`.
    """
    if unpacked_bytes > growth_limit(packed_bytes):
        raise _grows(path, f"{unpacked_bytes / 1e6:,.0f} MB in {packed_bytes / 1e6:,.1f} MB")


def _grows(where: object, received: str) -> DatasetError:
    return DatasetError(
        "unpacked it would be far larger than any data set of its size",
        where=where,
        expected=f"at most {MAX_GROWTH} times as large",
        received=received,
        remedy="Such a file is made to fill a computer; take it from where the data set is kept.",
    )


class GuardedStream(io.BufferedReader):
    """A stream of unknown origin: its errors become sentences, and it ends at a limit."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, where: object, limit_bytes: int) -> None:
        super().__init__(_Limited(stream, where, limit_bytes), 1 << 16)


class _Limited(io.RawIOBase):
    def __init__(self, stream: IO[bytes] | gzip.GzipFile, where: object, limit_bytes: int) -> None:
        self._stream = stream
        self._where = where
        self._limit_bytes = limit_bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def readinto(self, buffer: Any) -> int:
        with readable(self._where):
            content = self._stream.read(len(buffer))
            if content and self._stream.tell() > self._limit_bytes:
                raise _grows(self._where, f"more than {self._limit_bytes / 1e6:,.0f} MB")
        buffer[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with readable(self._where):
            return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
