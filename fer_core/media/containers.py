"""Video files from outside: opened in the one format that their first bytes tell, whole or cut off.

FFmpeg's libraries (PyAV) are handed an open file and a format, never a path: so a playlist cannot
make them open other files or addresses.
"""

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from fer_core.errors import MediaError
from fer_core.media.files import display_name, file_size, unreadable

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".3gp", ".webm", ".mkv", ".avi")
"""Endings that are offered; what a file is, its first bytes decide."""

READABLE = "MP4, MOV, 3GP, WebM, MKV or AVI"
SAVE_AGAIN = "Copy or download it again, or save it as MP4 with a video program."

_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_MOV_PARTS = _MOV_BOXES | {b"moof", b"uuid", b"sidx", b"styp", b"mfra", b"meta", b"udta"}
_STILL_BRANDS = {b"heic", b"heix", b"mif1", b"avif"}

_MATROSKA_MAGIC, _MATROSKA_SEGMENT = b"\x1aE\xdf\xa3", 0x18538067
# With the document type behind it, so that no picture's bytes are taken for it.
_MATROSKA_HEAD = re.compile(rb"\x1aE\xdf\xa3.{1,60}?\x42\x82.(?:webm|matroska)", re.DOTALL)
_MOST_JOINED = 1000
_MOST_PARTS = 100_000


@contextmanager
def opened(path: Path, part: slice = slice(0, None)) -> Iterator[InputContainer]:
    """A video file for FFmpeg, in the one format that its first bytes tell.

    Args:
        path: the file.
        part: its bytes to read, one of `joined_parts`.

    Raises:
        MediaError: no such file, no regular one, or no video.
    """
    name = display_name(path.name)
    with ExitStack() as stack:
        stream = stack.enter_context(_file(path))
        whole = part.start == 0 and part.stop is None
        source = stream if whole else _Part(stream, part)
        form = _container_format(source.read(64), name)
        source.seek(0)
        try:
            container = stack.enter_context(av.open(source, "r", format=form))
        except (av.FFmpegError, ValueError) as error:
            raise damaged(name) from error
        yield container


def _file(path: Path) -> BinaryIO:
    file_size(path)
    try:
        return path.open("rb")
    except OSError as error:
        raise unreadable(display_name(path.name), error) from error


class _Part:
    """Some bytes of an open file, as a file of their own."""

    def __init__(self, stream: BinaryIO, part: slice) -> None:
        self._stream, self._begin = stream, int(part.start)
        self._end: int = part.stop if part.stop is not None else stream.seek(0, os.SEEK_END)
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        """As a file."""
        left = max(0, self._end - self._stream.tell())
        return self._stream.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file, from the beginning of the part on."""
        from_place = {os.SEEK_SET: self._begin, os.SEEK_END: self._end}
        place: int = from_place.get(whence, self._stream.tell()) + offset
        return self._stream.seek(max(place, self._begin)) - self._begin

    def tell(self) -> int:
        """As a file."""
        return self._stream.tell() - self._begin


def joined_parts(path: Path) -> list[slice]:
    """The recordings that a file consists of: one, but for Matroska and WebM put end to end.

    Browsers hand out recordings in pieces, and pages join them; FFmpeg reads two of them.

    Raises:
        MediaError: no such file, no regular one, or one that cannot be read.
    """
    starts = [0]
    with _file(path) as stream:
        try:
            if stream.read(len(_MATROSKA_MAGIC)) == _MATROSKA_MAGIC:
                with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    heads = islice(_MATROSKA_HEAD.finditer(data), _MOST_JOINED)
                    starts = [head.start() for head in heads] or starts
        except OSError as error:  # a drive that fails, or is gone
            raise unreadable(display_name(path.name), error) from error
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], None], strict=True)]


def damaged(name: str) -> MediaError:
    """The sentence for a video without one sound picture."""
    return MediaError(
        "the video is damaged or incomplete",
        where=name,
        expected=f"a whole {READABLE} file",
        received="a file from which not one picture can be decoded",
        remedy=SAVE_AGAIN,
    )


def _container_format(head: bytes, name: str) -> str:
    """FFmpeg's name of the format that a file begins as."""
    if not head:
        raise MediaError("the file is empty", where=name, remedy=SAVE_AGAIN)
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        raise MediaError(
            "this is a picture, not a video",
            where=name,
            expected=READABLE,
            remedy="Pictures are read on the Photos page and by the predict command.",
        )
    if head[4:8] in _MOV_BOXES:
        return "mov"
    if head[:4] == _MATROSKA_MAGIC:
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    raise MediaError(
        "this is not a video that can be read",
        where=name,
        expected=READABLE,
        received="a file that begins as none of them",
        remedy=SAVE_AGAIN,
    )


def is_cut_off(path: Path) -> bool:
    """Whether a file's own structure promises more bytes than it has.

    Demuxers say nothing when a recording or a download broke off: they end, as at any other end.
    A live recording may not promise anything; then this is False.
    """
    size = file_size(path)
    with _file(path) as stream:
        head = stream.read(12)
        stream.seek(0)
        if head[:4] == b"RIFF":
            parts = _riff_parts(stream)
        elif head[4:8] in _MOV_BOXES:
            parts = _mov_parts(stream, size)
        else:
            parts = _matroska_parts(stream, size)
        return any(end > size for end, _ in zip(parts, range(_MOST_PARTS), strict=False))


def _riff_parts(stream: BinaryIO) -> Iterator[int]:
    """Where each RIFF list ends: long AVIs have several, one after the other."""
    end = 0
    while (head := stream.read(8))[:4] == b"RIFF" and len(head) == 8:
        # Whether a filling byte follows an odd size is not agreed on.
        end += 8 + int.from_bytes(head[4:], "little")
        yield end
        stream.seek(end)


def _mov_parts(stream: BinaryIO, size: int) -> Iterator[int]:
    """Where each box of the highest level ends, as long as they are known ones."""
    end = 0
    while len(head := stream.read(16)) >= 8 and head[4:8] in _MOV_PARTS:
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        end = end + length if length else size  # none: it goes on to the end of the file
        yield end
        if length < 8:
            return
        stream.seek(end)


def _matroska_parts(stream: BinaryIO, size: int) -> Iterator[int]:
    """Where each element ends; of a segment that does not say so, where its own elements end."""
    place = 0
    while len(head := stream.read(12)) >= 2:
        name_bytes = _leading_zeros(head[0]) + 1
        name = int.from_bytes(head[:name_bytes], "big")
        rest = head[name_bytes:]
        if name_bytes > 4 or not rest or _leading_zeros(rest[0]) > 7:
            return
        length_bytes = _leading_zeros(rest[0]) + 1
        length = int.from_bytes(rest[:length_bytes], "big") & ((1 << 7 * length_bytes) - 1)
        unknown = length == (1 << 7 * length_bytes) - 1
        place += name_bytes + length_bytes
        if unknown and name != _MATROSKA_SEGMENT:
            return
        if not unknown:
            place += length
            yield place
        stream.seek(min(place, size))


def _leading_zeros(byte: int) -> int:
    return 8 - byte.bit_length()
