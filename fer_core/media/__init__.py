"""Bytes from outside -> upright RGB pictures, or one sentence why not.

Videos are imported from `fer_core.media.videos` itself: it loads FFmpeg's libraries, which only
those who need them should wait for.
"""

from fer_core.media.files import display_name, file_size
from fer_core.media.images import (
    MAX_BYTES,
    MAX_PIXELS,
    SUFFIXES,
    Image,
    decode_image,
    offered_suffixes,
    read_image,
)
from fer_core.media.jpeg import MAX_PIXELS as MAX_JPEG_PIXELS

__all__ = [
    "MAX_BYTES",
    "MAX_JPEG_PIXELS",
    "MAX_PIXELS",
    "SUFFIXES",
    "Image",
    "decode_image",
    "display_name",
    "file_size",
    "offered_suffixes",
    "read_image",
]
