"""PNGs whose pixels are sound, whatever lies beside them."""

import io
import struct
import zlib

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media import decode_image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def scene() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8)


def chunk(kind: bytes, body: bytes, *, sound: bool = True) -> bytes:
    checksum = zlib.crc32(kind + body) ^ (not sound)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def plain(picture: PIL.Image.Image | None = None, **options: object) -> bytes:
    stream = io.BytesIO()
    (picture or PIL.Image.fromarray(scene())).save(stream, "PNG", **options)
    return stream.getvalue()


def with_chunk(extra: bytes, *, behind: bool = False) -> bytes:
    """The scene with a chunk before its pixels, or behind them."""
    data = plain()
    place = data.index(b"IEND") - 4 if behind else data.index(b"IDAT") - 4
    return data[:place] + extra + data[place:]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tEXt", b"Comment\0" + b"x" * 1_500_000),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60_000_000))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(60_000_000))),
        chunk(b"iCCP", b"profile\0\0 this is no profile"),
        chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(9_000_000))),
        chunk(b"tEXt", b"Comment\0text", sound=False),
        chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff"),
        chunk(b"pHYs", b"\1"),
        chunk(b"tRNS", b"\1\2\3"),
        chunk(b"PLTE", b"\1\2"),
        chunk(b"acTL", b"\0"),
        chunk(b"fcTL", b"\0" * 3),
        chunk(b"abCd", b"private"),
    ],
    ids=lambda extra: f"{extra[4:8].decode()}-{len(extra)}",
)
def test_what_lies_beside_sound_pixels_does_not_matter(extra: bytes, behind: bool) -> None:
    image = decode_image(with_chunk(extra, behind=behind), "a.png")
    np.testing.assert_array_equal(image.rgb, scene())


@pytest.mark.parametrize("missing", [1, 4, 12])
def test_an_end_that_is_cut_off_does_not_matter(missing: int) -> None:
    np.testing.assert_array_equal(decode_image(plain()[:-missing], "a.png").rgb, scene())


def test_pixels_that_are_cut_off_or_damaged_are_refused() -> None:
    data = plain()
    with pytest.raises(MediaError, match="damaged or incomplete"):
        decode_image(data[:-30], "a.png")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 3, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(6)))
    palette = chunk(b"PLTE", bytes(6), sound=False)
    with pytest.raises(MediaError, match="damaged or incomplete"):
        decode_image(SIGNATURE + header + palette + pixels + chunk(b"IEND", b""), "a.png")


def test_how_a_picture_lies_is_kept_from_exif_and_from_text() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    text = PIL.PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"></x>')
    for data in (plain(exif=exif), plain(pnginfo=text)):
        np.testing.assert_array_equal(decode_image(data, "a").rgb, np.rot90(scene(), -1))


@pytest.mark.parametrize(("shown_first", "frames"), [(True, 3), (False, 3)])
def test_frames_of_an_animation_are_counted(shown_first: bool, frames: int) -> None:
    pictures = [PIL.Image.fromarray(np.roll(scene(), n, axis=1)) for n in range(frames)]
    options = {"save_all": True, "append_images": pictures[1:]}
    image = decode_image(plain(pictures[0], default_image=not shown_first, **options), "a.png")
    assert image.notes == ("first frame of 3",)
    np.testing.assert_array_equal(image.rgb, scene())


def test_millions_of_chunks_are_refused() -> None:
    data = with_chunk(chunk(b"tIME", b"") * 300_000)
    with pytest.raises(MediaError, match="damaged or incomplete"):
        decode_image(data, "a.png")
