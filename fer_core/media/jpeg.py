"""JPEG before it is decoded: how much work it asks for, and whether its end is there.

libjpeg keeps the coefficients of a whole picture that comes in several scans and goes through all
of them for each scan: a file of some kilobytes with thousands of scans takes minutes.
"""

import re
import struct
from dataclasses import dataclass

import numpy as np
from PIL import UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from fer_core.errors import MediaError
from fer_core.media.bounded import BoundedFile

FULL_PIXELS = 40_000_000
"""JPEGs of more pixels are decoded at a half, a quarter or an eighth of their width and height."""

MAX_PIXELS = 220_000_000
"""Most pixels of a JPEG: today's phones take 48 to 200 megapixels."""

MAX_SCAN_PIXELS = 2_000_000_000
"""Most pixels times scans; a progressive JPEG has about ten scans. It bounds the time: an empty
scan takes 0.5 ms a megapixel."""

MAX_COEFFICIENT_BYTES = 320_000_000
"""Most memory for the coefficients of a picture in several scans: 106 megapixels with the usual
colour at half resolution."""

_SOUND_ROWS = 0.9
# Of a picture that breaks off, so many rows must be there; less is a failed download.

_START = b"\xff\xd8\xff"
# Not those that stand alone: stuffed zeros, restarts, a second start, filling.
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
_MAX_MARKERS = 100_000
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_SCAN, _END = 0xDA, 0xD9
_FILLING = bytes(range(1, 255)) * 4


@dataclass(slots=True)
class Layout:
    """What a JPEG's markers say.

    Attributes:
        width, height: pixels, as stored.
        markers: up to the end, or to one more than a sound file has.
        scans: how often the picture is gone through.
        coefficient_bytes: held until the last scan is in; 0 where a single scan has everything.
        ended: whether the end marker is there.
    """

    width: int = 0
    height: int = 0
    markers: int = 0
    scans: int = 0
    coefficient_bytes: int = 0
    ended: bool = False

    @property
    def reduction(self) -> int:
        """Into which part of its width and height the picture is decoded: 1, 2, 4 or 8."""
        pixels = self.width * self.height
        return next((n for n in (1, 2, 4) if pixels <= FULL_PIXELS * n * n), 8)


def is_jpeg(data: bytes) -> bool:
    """Whether a file begins as one."""
    return data.startswith(_START)


def read_layout(data: bytes) -> Layout:
    """Walk the markers of a JPEG without decoding anything, as far as they are there."""
    layout, several = Layout(), False
    components = 0
    place = 2
    while found := _MARKER.search(data, place):
        marker, place = found.group()[1], found.end()
        layout.markers += 1
        if marker == _END:
            layout.ended = True
        if marker == _END or layout.markers > _MAX_MARKERS:
            break
        length = int.from_bytes(data[place : place + 2], "big")
        segment = data[place + 2 : place + length]
        if marker in _FRAMES and len(segment) >= 6:
            layout.height, layout.width, components = struct.unpack_from(">HHB", segment, 1)
            several = marker in _PROGRESSIVE
            layout.coefficient_bytes = _coefficient_bytes(layout, segment[6:])
        if marker == _SCAN:
            layout.scans += 1
            several = several or (segment[:1] != b"" and segment[0] < components)
        place += length
    if not several:
        layout.coefficient_bytes = 0
    return layout


def _coefficient_bytes(layout: Layout, components: bytes) -> int:
    sampling = [(factors >> 4, factors & 15) for factors in components[1::3]]
    largest = max((wide * high for wide, high in sampling), default=0)
    parts = sum(wide * high for wide, high in sampling) / max(largest, 1)
    return round(2 * parts * layout.width * layout.height)


def check_work(layout: Layout, name: str) -> None:
    """Refuse what takes minutes or gigabytes to decode.

    Raises:
        MediaError: too many pixels, scans or coefficients.
    """
    size = f"{layout.width:,} x {layout.height:,}"
    pixels = layout.width * layout.height
    if pixels > MAX_PIXELS:
        raise MediaError(
            "the picture has too many pixels",
            where=name,
            expected=f"at most {MAX_PIXELS / 1e6:.0f} megapixels in a JPEG",
            received=size,
            remedy="Save a smaller copy of the picture.",
        )
    several = layout.coefficient_bytes > 0
    too_often = several and pixels * layout.scans > MAX_SCAN_PIXELS
    if too_often or layout.markers > _MAX_MARKERS:
        raise MediaError(
            "decoding the picture would take too long",
            where=name,
            expected=f"at most {MAX_SCAN_PIXELS // max(pixels, 1):,} scans at {size}",
            received=f"{layout.scans:,} scans in {layout.markers:,} parts",
            remedy="Save it again with a picture program, as a JPEG that is not progressive.",
        )
    if layout.coefficient_bytes > MAX_COEFFICIENT_BYTES:
        raise MediaError(
            "the picture is too large for a progressive JPEG",
            where=name,
            expected=f"at most {MAX_COEFFICIENT_BYTES / 1e6:.0f} MB for decoding it",
            received=f"{size}, {layout.coefficient_bytes / 1e6:.0f} MB",
            remedy="Save it again with a picture program, as a JPEG that is not progressive.",
        )


def open_jpeg(data: bytes, name: str) -> tuple[JpegImageFile, Layout, str]:
    """A JPEG opened for decoding at a size that memory can hold.

    Returns:
        The picture, not loaded yet; what its markers say; and a note where rows are missing.

    Raises:
        MediaError: decoding would take too much time or memory.
        Exception: whatever Pillow raises for a broken file.
    """
    layout = read_layout(data)
    check_work(layout, name)
    note = ""
    if layout.scans and not layout.ended:
        body = data.rstrip(b"\xff")
        note = _missing_rows(body, name)
        data = body + b"\xff\xd9"
    picture = _opened(data, name)
    if layout.reduction > 1:
        picture.draft(None, _reduced(picture, layout.reduction))
    return picture, layout, note


def _opened(data: bytes, name: str) -> JpegImageFile:
    # Not by `PIL.Image.open`: its own limit, made for formats that cannot be reduced, is lower.
    try:
        return JpegImageFile(BoundedFile(data, name))
    except SyntaxError as error:
        raise UnidentifiedImageError("no JPEG after all") from error


def _reduced(picture: JpegImageFile, reduction: int) -> tuple[int, int]:
    return max(1, picture.width // reduction), max(1, picture.height // reduction)


def _missing_rows(body: bytes, name: str) -> str:
    """A note on how many rows are missing of a JPEG without its end; empty where none is.

    The decoder makes up what is missing and does not tell. So it is asked twice, with different
    bytes in place of those that are missing: where it answers the same, it has not looked at them.

    Raises:
        ValueError: more than a tenth is missing.
    """
    first, second = (_thumbnail(body + ending + b"\xff\xd9", name) for ending in (b"", _FILLING))
    differing = np.flatnonzero((first != second).any(axis=tuple(range(1, first.ndim))))
    sound = float(differing[0]) / len(first) if len(differing) else 1.0
    if sound < _SOUND_ROWS:
        raise ValueError("rows are missing")
    if sound == 1.0:
        return ""
    return f"the last {max(1, round(100 * (1 - sound)))} % of its rows are missing"


def _thumbnail(data: bytes, name: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    with _opened(data, name) as picture:
        picture.draft(None, _reduced(picture, 8))
        return np.asarray(picture, np.uint8)
