"""JPEGs of today's phones, broken-off ones, and those that ask for minutes of work."""

import io
import re

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media import decode_image, jpeg

ORIENTATION = 0x0112


def encoded(picture: PIL.Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", **options)
    return stream.getvalue()


def photo(width: int = 160, height: int = 120) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 that every part of which differs from the others."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return np.asarray(coarse.repeat(8, axis=0).repeat(8, axis=1))


def large(width: int, height: int, **options: object) -> bytes:
    """A flat JPEG: pixels by the million in a few hundred kilobytes."""
    return encoded(PIL.Image.new("RGB", (width, height), (200, 120, 40)), **options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "reduction", "shape"),
    [
        ((8000, 5000), 1, (5000, 8000, 3)),  # 40 megapixels
        ((8160, 6120), 2, (3060, 4080, 3)),  # 50, as phones take them today
        ((12001, 9001), 2, (4501, 6001, 3)),  # 108, and sizes that cannot be halved
        ((16320, 12240), 4, (3060, 4080, 3)),  # 200
    ],
)
def test_photos_of_today_are_decoded_at_a_size_that_memory_holds(
    size: tuple[int, int], reduction: int, shape: tuple[int, ...]
) -> None:
    image = decode_image(large(*size), "phone.jpg")
    assert image.rgb.shape == shape
    assert (image.width, image.height, image.reduction) == (*size, reduction)
    assert image.notes == ((f"read at 1/{reduction} of its size",) if reduction > 1 else ())
    assert np.abs(image.rgb[::500, ::500].astype(int) - (200, 120, 40)).max() < 4


def test_a_photo_taken_upright_tells_its_upright_size() -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    image = decode_image(large(8160, 6120, exif=exif), "phone.jpg")
    assert image.rgb.shape == (4080, 3060, 3)
    assert (image.width, image.height) == (6120, 8160)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_reduced_pixels_are_those_of_the_whole_picture(
    orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(PIL.Image.fromarray(photo()), exif=exif, quality=95)
    whole = decode_image(data, "a").rgb
    monkeypatch.setattr(jpeg, "FULL_PIXELS", 160 * 120 - 1)
    half = decode_image(data, "a")
    assert half.reduction == 2
    # Colours lie at half of the size already, and bleed a little where they meet.
    assert np.median(np.abs(whole[::2, ::2].astype(int) - half.rgb)) <= 6


def test_more_pixels_than_any_phone_takes_are_refused() -> None:
    header = large(64, 64).replace((64).to_bytes(2, "big") * 2, (60_000).to_bytes(2, "big") * 2, 1)
    with pytest.raises(MediaError, match="at most 220 megapixels in a JPEG, received 60,000"):
        decode_image(header, "huge.jpg")


def scans(data: bytes) -> list[bytes]:
    """The scans of a progressive JPEG, each with the tables before it."""
    places = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    starts = [max(data.rfind(b"\xff\xc4", 0, place), 0) for place in places]
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data) - 2], strict=True)]


def test_a_progressive_jpeg_with_thousands_of_scans_is_refused_before_it_is_decoded() -> None:
    data = large(4000, 4000, progressive=True)
    assert decode_image(data, "ten scans").rgb.shape == (4000, 4000, 3)
    more = data[:-2] + scans(data)[-1] * 3000 + data[-2:]
    with pytest.raises(MediaError, match=r"too long \(expected at most 125 scans at 4,000 x 4,000"):
        decode_image(more, "bomb.jpg")


@pytest.mark.slow
def test_coefficients_that_fill_the_memory_are_refused() -> None:
    with pytest.raises(MediaError, match=r"too large for a progressive JPEG.*378 MB"):
        decode_image(large(9000, 7000, progressive=True, subsampling=0), "a.jpg")


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff" + b"\xff" * 30_000_000,
        b"\xff\xd8\xff\x00" + b"\xff\x00" * 10_000_000,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 10_000_000,
    ],
    ids=["filling", "zeros", "empty parts"],
)
def test_millions_of_tiny_parts_are_refused(data: bytes) -> None:
    with pytest.raises(MediaError, match="would take too long"):
        decode_image(data, "parts.jpg")


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_without_its_end_is_read_when_every_row_is_there(
    options: dict[str, object], mode: str
) -> None:
    data = encoded(PIL.Image.fromarray(photo()).convert(mode), **options)
    whole = decode_image(data, "whole").rgb
    for missing in (1, 2):
        image = decode_image(data[:-missing], "cut")
        np.testing.assert_array_equal(image.rgb, whole)
        assert image.notes == ()


def test_missing_rows_are_told_as_long_as_they_are_few() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 64, 3), np.uint8)
    data = encoded(PIL.Image.fromarray(noise))
    image = decode_image(data[: round(len(data) * 0.96)], "cut")
    (note,) = image.notes
    missing = re.fullmatch(r"the last (\d+) % of its rows are missing", note)
    assert missing
    assert 4 <= int(missing[1]) <= 9
    sound = round(400 * (1 - int(missing[1]) / 100)) - 18  # colours bleed over their blocks
    np.testing.assert_array_equal(image.rgb[:sound], decode_image(data, "whole").rgb[:sound])
    with pytest.raises(MediaError, match="damaged or incomplete"):
        decode_image(data[: round(len(data) * 0.7)], "cut")


def test_what_follows_the_end_is_not_looked_at() -> None:
    thumbnail = large(64, 48)
    data = large(160, 120, exif=b"Exif\0\0" + thumbnail) + thumbnail
    layout = jpeg.read_layout(data)
    assert (layout.width, layout.height, layout.scans, layout.ended) == (160, 120, 1, True)
    assert layout.coefficient_bytes == 0
