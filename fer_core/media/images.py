"""The only door for still pictures: bytes of unknown origin -> `Image`.

Everything is decoded by Pillow. OpenCV's decoder believes a PNG chunk's declared length and takes
4 GB for a file of 47 bytes; Pillow refuses the same file in milliseconds.
"""

import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL.Image import Transpose

from fer_core.errors import ContractError, MediaError

MAX_BYTES = 50_000_000
"""Largest picture file that is looked at; photos of 40 megapixels stay far below it."""

MAX_PIXELS = 40_000_000
"""Most pixels that are decoded (120 MB as RGB); read from the header, before any decoding."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
"""All that Pillow may try. EPS is left out on purpose: it starts Ghostscript."""

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    *(".avif", ".heic", ".heif"),
)
"""Endings that count as pictures when a folder is read. HEIC is among them so that such a file is
refused with a sentence and not left out in silence."""

_READABLE = "JPEG, PNG, WebP, BMP, GIF, TIFF or AVIF"
_SAVE_AGAIN = "Copy or download it again, or open it in a picture program and save it as JPEG."

_LONGEST_NAME = 80

# Characters that turn the reading direction: `gpj.exe` could show as `exe.jpg`.
_DIRECTION_MARKS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One decoded picture.

    Attributes:
        name: the file's name as it may be shown: no folders, no control characters, at most 80
            characters. It is still somebody else's text: escape it in HTML and Markdown.
        rgb: (h, w, 3) uint8 RGB, upright, C-contiguous, at least 1x1.
        note: what a reader should know, such as "first frame of 5"; empty in the usual case.

    Raises:
        ContractError: on construction, where ``rgb`` is anything else.
    """

    name: str
    rgb: NDArray[np.uint8]
    note: str = ""

    def __post_init__(self) -> None:
        rgb = self.rgb
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise ContractError(
                "not an RGB image",
                where=f"Image {self.name}",
                expected="(h, w, 3) uint8",
                received=f"{rgb.shape} {rgb.dtype}",
            )

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.rgb.shape[0])


def display_name(name: str) -> str:
    """A file's name fit to be shown and to be part of a new file's name.

    Args:
        name: as it came: perhaps with folders of either kind, control characters, marks that turn
            the reading direction, or hundreds of characters.

    Returns:
        The last part of it, 1 to 80 characters; long names lose their middle and keep their end.
    """
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    kept = "".join(
        character
        for character in last
        if character not in _DIRECTION_MARKS
        and unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
    ).strip()
    if kept in ("", ".", ".."):
        return "picture"
    if len(kept) > _LONGEST_NAME:
        kept = f"{kept[: _LONGEST_NAME - 21]}…{kept[-20:]}"
    return kept


def read_image(path: Path) -> Image:
    """`decode_image` for a file on disk; its size is checked before it is read.

    Raises:
        MediaError: no such file, not readable, or anything that `decode_image` refuses.
    """
    name = display_name(path.name)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _too_many_bytes(name, size)
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(
            "the file cannot be read",
            where=name,
            received=error.strerror or type(error).__name__,
            remedy="Check that the file is there and that you may open it.",
        ) from error
    return decode_image(data, name)


def decode_image(data: bytes, name: str) -> Image:
    """Decode one picture, whatever the bytes are.

    The format is told by the content, never by the name. Orientation from EXIF is applied,
    transparency is laid on white, 16-bit and floating-point grey is scaled to 8 bits, the first
    frame of an animation is taken. The pixels are never scaled down.

    Args:
        data: the whole file.
        name: what the file is called; see `display_name`.

    Returns:
        The picture.

    Raises:
        MediaError: empty, above `MAX_BYTES` or `MAX_PIXELS`, not one of `FORMATS`, truncated or
            damaged. Nothing else is raised, whatever the bytes.
    """
    name = display_name(name)
    if not data:
        raise MediaError("the file is empty", where=name, remedy=_SAVE_AGAIN)
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(name, len(data))
    if _is_heic(data):
        raise MediaError(
            "HEIC pictures cannot be read",
            where=name,
            expected=_READABLE,
            received="HEIC",
            remedy="Please convert to JPEG; phones offer this when sharing a photo.",
        )
    try:
        return _decode(data, name)
    except MediaError:
        raise
    except PIL.UnidentifiedImageError as error:
        raise MediaError(
            "this is not a picture that can be read",
            where=name,
            expected=_READABLE,
            received=_kind(data),
            remedy=_SAVE_AGAIN,
        ) from error
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name, "several times as many") from error
    except Exception as error:  # OSError, ValueError, SyntaxError, RuntimeError, MemoryError, ...
        raise MediaError(
            "the picture is damaged or incomplete",
            where=name,
            expected=f"a whole {_READABLE} file",
            received=f"{len(data):,} bytes that end or break too early",
            remedy=_SAVE_AGAIN,
        ) from error


def _decode(data: bytes, name: str) -> Image:
    with PIL.Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise _too_many_pixels(name, f"{width:,} x {height:,}")
        if picture.format == "PNG":
            _check_png(data)
        picture.load()
        eight_bits, note = _rgb(picture)
        # Only now: Pillow itself turns a TIFF while loading it and then drops the tag.
        if (turn := _UPRIGHT.get(_orientation(picture))) is not None:
            eight_bits = eight_bits.transpose(turn)
        rgb = np.array(eight_bits, dtype=np.uint8)
        frames = _frames(picture)
    notes = [part for part in (frames, note) if part]
    return Image(name=name, rgb=rgb, note=", ".join(notes))


def _check_png(data: bytes) -> None:
    """Raise where a chunk's checksum is wrong: Pillow's own loading skips those of the pixels."""
    with PIL.Image.open(io.BytesIO(data), formats=("PNG",)) as again:
        again.verify()


def _rgb(picture: PIL.Image.Image) -> tuple[PIL.Image.Image, str]:
    """The loaded picture in mode RGB, and a note where its values had to be interpreted."""
    if picture.mode.startswith(("I", "F")):
        grey, note = _eight_bits(np.asarray(picture))
        return PIL.Image.fromarray(grey).convert("RGB"), note
    if picture.has_transparency_data:
        # A transparent pixel's hidden colour is anything, often black: show what a page shows.
        layer = picture.convert("RGBA")
        return PIL.Image.alpha_composite(PIL.Image.new("RGBA", layer.size, "white"), layer).convert(
            "RGB"
        ), ""
    return picture.convert("RGB"), ""


def _eight_bits(values: NDArray[np.generic]) -> tuple[NDArray[np.uint8], str]:
    """Deep grey -> 8 bits. Pillow's own conversion clips it: most of the picture becomes white.

    Args:
        values: (h, w) integers or floats of any range; NaN and infinity count as black.

    Returns:
        (h, w) uint8, and a note: files do not say where white is, so the range decides.
    """
    grey = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(grey.min()), float(grey.max())
    note = ""
    if low < 0.0 or high > 65535.0:
        grey, white, note = grey - low, high - low, "grey values stretched to the full range"
    elif np.issubdtype(values.dtype, np.floating) and high <= 1.0:
        white = 1.0
    elif values.dtype.itemsize > 2 and high <= 255.0:
        white = 255.0
    elif high <= 4095.0:
        # Cameras of 12 bits fill a sixteenth of the range; left so, the picture is near black.
        white, note = 4095.0, "12-bit grey"
    else:
        white, note = 65535.0, "16-bit grey"
    return np.rint(grey * np.float32(255.0 / max(white, 1e-12))).astype(np.uint8), note


def _orientation(picture: PIL.Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # broken EXIF beside sound pixels: the picture is shown as it lies
        return 1


def _frames(picture: PIL.Image.Image) -> str:
    """ "first frame of n" for animations and pages; empty for a single picture."""
    if picture.format == "MPO":  # a phone's JPEG with a depth or brightness map behind it
        return ""
    try:
        n = int(getattr(picture, "n_frames", 1))
    except Exception:  # a later frame is broken; the first one is sound
        return "first frame"
    return f"first frame of {n}" if n > 1 else ""


def _is_heic(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}
    return bool(brands & _HEIC_BRANDS) and not brands & {b"avif", b"avis"}


def _kind(data: bytes) -> str:
    """What the bytes seem to be, in a word or two."""
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for start, word in (
        (b"<svg", "an SVG drawing"),
        (b"<!doctype html", "a web page"),
        (b"<html", "a web page"),
        (b"%pdf", "a PDF document"),
        (b"%!ps", "a PostScript document"),
        (b"pk\x03\x04", "a ZIP archive"),
    ):
        if head.startswith(start):
            return word
    if b"<svg" in head:
        return "an SVG drawing"
    if data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n":
        return "only the beginning of a picture"
    if data[4:8] == b"ftyp" or data[:4] == b"\x1aE\xdf\xa3":
        return "a video"
    return f"{len(data):,} bytes of something else"


def _too_many_bytes(name: str, size: int) -> MediaError:
    return MediaError(
        "the file is too large",
        where=name,
        expected=f"at most {MAX_BYTES / 1e6:.0f} MB",
        received=f"{size / 1e6:.1f} MB",
        remedy="Save a smaller copy of the picture.",
    )


def _too_many_pixels(name: str, received: str) -> MediaError:
    return MediaError(
        "the picture has too many pixels",
        where=name,
        expected=f"at most {MAX_PIXELS / 1e6:.0f} megapixels",
        received=received,
        remedy="Save a smaller copy of the picture.",
    )
