"""The only door for still pictures: bytes of unknown origin -> `Image`.

Everything is decoded by Pillow, HEIC by its plug-in. OpenCV's decoder believes a PNG chunk's
declared length and takes 4 GB for a file of 47 bytes; Pillow refuses the same file in milliseconds.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import PIL.ExifTags
import PIL.Image
from numpy.typing import NDArray

from fer_core.errors import ContractError, MediaError
from fer_core.media import heic, jpeg, png
from fer_core.media.bounded import BoundedFile
from fer_core.media.files import display_name, file_size, unreadable
from fer_core.media.orientation import Orientation, of_exif
from fer_core.media.pixels import to_rgb

MAX_BYTES = 100_000_000
"""Largest picture file that is looked at: phones' 200 megapixels take up to about 80 MB."""

MAX_PIXELS = 50_000_000
"""Most pixels that are decoded (150 MB as RGB); read from the header, before any decoding. A JPEG
may have `jpeg.MAX_PIXELS`, because it can be decoded at a part of its size."""

FORMATS = ("WEBP", "BMP", "GIF", "TIFF", "AVIF")
"""What Pillow may try beside JPEG, PNG and HEIC. EPS is left out on purpose: it starts
Ghostscript."""

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    *(".avif", *heic.SUFFIXES),
)
"""Endings that count as pictures when a folder is read. Where HEIC cannot be read, such a file is
refused with a sentence and not left out in silence."""

_SAVE_AGAIN = "Copy or download it again, or open it in a picture program and save it as JPEG."
_ORIENTATION_TAG = 0x0112


def offered_suffixes() -> tuple[str, ...]:
    """Endings to offer where files are chosen; a browser may convert HEIC if it is not offered."""
    if heic.can_read_heic():
        return SUFFIXES
    return tuple(suffix for suffix in SUFFIXES if suffix not in heic.SUFFIXES)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One decoded picture.

    Attributes:
        name: the file's name as it may be shown: no folders, no control characters, at most 80
            characters. It is still somebody else's text: escape it in HTML and Markdown.
        rgb: (h, w, 3) uint8 RGB, upright, C-contiguous, at least 1x1.
        notes: what a reader should know, such as "first frame of 5"; none in the usual case.
        reduction: pixels of the file, in either direction, for one of ``rgb``: 1, 2, 4 or 8.
        size: width and height of the file's picture, upright, in its own pixels; those of ``rgb``
            where not given.
        taken_at: when it was taken, in ISO 8601, as the camera says; with the zone where the camera
            knows it. "" where the file does not say.
        sha256: of the whole file, 64 hexadecimal digits.

    Raises:
        ContractError: on construction, where ``rgb`` is anything else.
    """

    name: str
    rgb: NDArray[np.uint8]
    notes: tuple[str, ...] = ()
    reduction: int = 1
    size: tuple[int, int] = (0, 0)
    taken_at: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        rgb = self.rgb
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise ContractError(
                "not an RGB image",
                where=f"Image {self.name}",
                expected="(h, w, 3) uint8",
                received=f"{rgb.shape} {rgb.dtype}",
            )
        if self.size == (0, 0):
            object.__setattr__(self, "size", (rgb.shape[1], rgb.shape[0]))

    @property
    def width(self) -> int:
        """Pixels, of the file's picture."""
        return self.size[0]

    @property
    def height(self) -> int:
        """Pixels, of the file's picture."""
        return self.size[1]


def read_image(path: Path) -> Image:
    """`decode_image` for a file on disk; its kind and size are checked before it is read.

    Raises:
        MediaError: no such file, no regular one, not readable, or anything that `decode_image`
            refuses.
    """
    name = display_name(path.name)
    size = file_size(path)
    if size > MAX_BYTES:
        raise _too_many_bytes(name, size)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(name, error) from error
    return decode_image(data, name)


def decode_image(data: bytes, name: str) -> Image:
    """Decode one picture, whatever the bytes are.

    The format is told by the content, never by the name. Orientation from EXIF is applied,
    transparency is laid on white, 16-bit and floating-point grey is scaled to 8 bits, the first
    frame of an animation is taken. Only JPEGs above `jpeg.FULL_PIXELS` are scaled down.

    Args:
        data: the whole file.
        name: what the file is called; see `display_name`.

    Returns:
        The picture.

    Raises:
        MediaError: empty, above `MAX_BYTES` or the most pixels, of no format that can be read,
            truncated or damaged, or work for minutes. Nothing else is raised, whatever the bytes.
    """
    name = display_name(name)
    if not data:
        raise MediaError("the file is empty", where=name, remedy=_SAVE_AGAIN)
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(name, len(data))
    try:
        return replace(_by_format(data, name), sha256=hashlib.sha256(data).hexdigest())
    except MediaError:
        raise
    except PIL.UnidentifiedImageError as error:
        raise MediaError(
            "this is not a picture that can be read",
            where=name,
            expected=_readable(),
            received=_kind(data),
            remedy=_SAVE_AGAIN,
        ) from error
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name, "several times as many") from error
    except Exception as error:  # OSError, ValueError, SyntaxError, RuntimeError, MemoryError, ...
        raise MediaError(
            "the picture is damaged or incomplete",
            where=name,
            expected=f"a whole {_readable()} file",
            received=f"{len(data):,} bytes that end or break too early",
            remedy=_SAVE_AGAIN,
        ) from error


def _by_format(data: bytes, name: str) -> Image:
    if jpeg.is_jpeg(data):
        return _jpeg(data, name)
    if png.is_png(data):
        return _png(data, name)
    if heic.is_heic(data):
        with heic.open_heic(data, name) as picture:
            return _decoded(picture, name)
    with PIL.Image.open(BoundedFile(data, name), formats=FORMATS) as picture:
        return _decoded(picture, name)


def _jpeg(data: bytes, name: str) -> Image:
    picture, layout, note = jpeg.open_jpeg(data, name)
    reduced = f"read at 1/{layout.reduction} of its size" if layout.reduction > 1 else ""
    with picture:
        return _decoded(
            picture,
            name,
            notes=(reduced, note),
            reduction=layout.reduction,
            size=(layout.width, layout.height),
        )


def _png(data: bytes, name: str) -> Image:
    smaller, frames = png.only_pixels(data)
    with PIL.Image.open(BoundedFile(smaller, name), formats=("PNG",)) as picture:
        return _decoded(picture, name, notes=(_first_of(frames),))


def _decoded(
    picture: PIL.Image.Image,
    name: str,
    *,
    notes: tuple[str, ...] = (),
    reduction: int = 1,
    size: tuple[int, int] = (0, 0),
) -> Image:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels(name, f"{picture.width:,} x {picture.height:,}")
    picture.load()
    # Only now: Pillow itself turns a TIFF while loading it and then drops the tag.
    turned, taken_at = _orientation(picture), _taken_at(picture)
    rgb, note = to_rgb(picture)
    frames = _frames(picture)
    picture.close()  # its pixels go before the turned copy comes
    return Image(
        name=name,
        rgb=turned.upright(rgb),
        notes=tuple(filter(None, (*notes, frames, note))),
        reduction=reduction,
        size=size[::-1] if turned.swapped else size,
        taken_at=taken_at,
    )


def _orientation(picture: PIL.Image.Image) -> Orientation:
    try:
        return of_exif(int(picture.getexif().get(_ORIENTATION_TAG, 1)))
    except Exception:  # broken EXIF beside sound pixels: the picture is shown as it lies
        return Orientation()


def _taken_at(picture: PIL.Image.Image) -> str:
    try:
        told = picture.getexif().get_ifd(PIL.ExifTags.IFD.Exif)
        words = str(told[PIL.ExifTags.Base.DateTimeOriginal]).strip("\0 ")
        zone = str(told.get(PIL.ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
        taken = datetime.strptime(words, "%Y:%m:%d %H:%M:%S")
        with suppress(ValueError):
            taken = datetime.strptime(f"{words} {zone}", "%Y:%m:%d %H:%M:%S %z")
        return taken.isoformat()
    except Exception:  # no EXIF, a broken one, or a clock that was never set
        return ""


def _frames(picture: PIL.Image.Image) -> str:
    try:
        return _first_of(int(getattr(picture, "n_frames", 1)))
    except Exception:  # a later frame is broken, or they are too many; the first one is sound
        return "first frame"


def _first_of(frames: int) -> str:
    """ "first frame of n" for animations and pages; empty for a single picture."""
    return f"first frame of {frames:,}" if frames > 1 else ""


def _readable() -> str:
    """The formats that can be read here, for people."""
    return f"JPEG, PNG, WebP, BMP, GIF, TIFF{', HEIC' if heic.can_read_heic() else ''} or AVIF"


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
