"""Bytes from outside -> upright RGB pictures, or one sentence why not."""

from fer_core.media.images import (
    MAX_BYTES,
    MAX_PIXELS,
    SUFFIXES,
    Image,
    decode_image,
    display_name,
    read_image,
)

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "SUFFIXES",
    "Image",
    "decode_image",
    "display_name",
    "read_image",
]
