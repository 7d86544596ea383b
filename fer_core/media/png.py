"""PNG brought to what its pixels need, so that nothing beside them can spoil or burden them.

Editors keep megabytes of history in text chunks, and colour profiles are cut off: neither matters
to the pixels, and Pillow refuses the whole file for either.
"""

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE_COLOUR = 3
_TRANSPARENCY_BYTES = {0: range(2, 3), 2: range(6, 7), _PALETTE_COLOUR: range(1, 257)}
_LARGEST_DESCRIPTION = 64_000
_MAX_CHUNKS = 200_000
_ORIENTATION_TEXTS = (b"XML:com.adobe.xmp\0\0", b"Raw profile type exif\0")  # not compressed


def is_png(data: bytes) -> bool:
    """Whether a file begins as one."""
    return data.startswith(_SIGNATURE)


def only_pixels(data: bytes) -> tuple[bytes, int]:
    """A PNG with the chunks that decide on its pixels and on how it lies, and no other.

    Args:
        data: the whole file.

    Returns:
        The smaller file, and how many frames there are: 1, or those of an animation.

    Raises:
        ValueError: a chunk that the pixels need is cut off, or its checksum is wrong.
    """
    kept: list[bytes | memoryview] = [_SIGNATURE]
    colour, frames, animated_first = -1, 1, False
    seen_pixels = False
    for number, (kind, body, sound) in enumerate(_chunks(memoryview(data))):
        if number >= _MAX_CHUNKS:
            raise ValueError("too many chunks")
        if kind in (b"IHDR", b"IDAT") or (kind == b"PLTE" and colour == _PALETTE_COLOUR):
            if not sound:
                raise ValueError(f"{kind!r} is damaged")
            if kind == b"IHDR":
                colour = body[9] if len(body) > 9 else -1
            seen_pixels = seen_pixels or kind == b"IDAT"
        elif not sound:
            continue
        elif kind == b"acTL" and len(body) == 8:
            frames = max(1, int.from_bytes(body[:4], "big"))
            continue
        elif kind == b"fcTL":
            animated_first = animated_first or not seen_pixels
            continue
        elif not _describes(kind, body, colour):
            continue
        kept += _chunk(kind, body)
    kept += _chunk(b"IEND", b"")
    # A picture for programs that know no animation may stand in front of its frames.
    return b"".join(kept), frames + (frames > 1 and not animated_first)


def _chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview, bool]]:
    """Name, content and whether it is whole of each chunk until the end."""
    place = len(_SIGNATURE)
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        checksum = data[place + 8 + length : place + 12 + length]
        whole = len(body) == length and len(checksum) == 4
        if kind == b"IEND":
            return
        yield kind, body, whole and int.from_bytes(checksum, "big") == _checksum(kind, body)
        place += 12 + length


def _describes(kind: bytes, body: memoryview, colour: int) -> bool:
    """Whether a sound chunk tells what is transparent or how the picture lies."""
    if kind == b"tRNS":
        return len(body) in _TRANSPARENCY_BYTES.get(colour, ())
    if len(body) > _LARGEST_DESCRIPTION:
        return False
    return kind == b"eXIf" or (
        kind in (b"tEXt", b"iTXt") and bytes(body).startswith(_ORIENTATION_TEXTS)
    )


def _chunk(kind: bytes, body: bytes | memoryview) -> tuple[bytes, bytes | memoryview, bytes]:
    return (
        struct.pack(">I4s", len(body), kind),
        body,
        _checksum(kind, body).to_bytes(4, "big"),
    )


def _checksum(kind: bytes, body: bytes | memoryview) -> int:
    return zlib.crc32(body, zlib.crc32(kind))
