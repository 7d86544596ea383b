"""HEIC, the format of iPhones' photos, by pillow-heif where it is installed."""

from importlib.util import find_spec

import PIL.Image

from fer_core.errors import MediaError
from fer_core.media.bounded import BoundedFile

SUFFIXES = (".heic", ".heif")

_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}


def is_heic(data: bytes) -> bool:
    """Whether a file begins as one, also under a general brand."""
    if data[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}
    return bool(brands & _BRANDS) and not brands & {b"avif", b"avis"}


def can_read_heic() -> bool:
    """Whether pillow-heif is there; there is no wheel of it for every processor."""
    return find_spec("pillow_heif") is not None


def open_heic(data: bytes, name: str) -> PIL.Image.Image:
    """The main picture of a HEIC file, upright, not decoded yet.

    Raises:
        MediaError: pillow-heif is not installed.
        Exception: whatever it raises for a broken file.
    """
    if not can_read_heic():
        raise MediaError(
            "HEIC pictures cannot be read here",
            where=name,
            expected="the Python package pillow-heif, or another format",
            received="HEIC",
            remedy="Install it (pip install pillow-heif), or convert the picture to JPEG; phones "
            "offer this when sharing a photo.",
        )
    import pillow_heif

    # Not by `PIL.Image.open`: that asks to register it for the whole process.
    picture: PIL.Image.Image = pillow_heif.HeifImageFile(  # type: ignore[no-untyped-call]
        BoundedFile(data, name)
    )
    return picture
