"""HEIC: read where pillow-heif is installed, else a sentence that says what to install."""

import importlib.util
import io
import sys

import numpy as np
import PIL.Image
import pytest

from fer_core.errors import MediaError
from fer_core.media import decode_image, offered_suffixes

HEAD = b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf" + bytes(90)


def corners() -> PIL.Image.Image:
    rgb = np.full((96, 128, 3), 90, np.uint8)
    rgb[:48, :64] = (200, 30, 30)
    rgb[48:, :64] = (30, 30, 200)
    return PIL.Image.fromarray(rgb)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_phones_photo_is_read_and_stands_upright(orientation: int) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="no wheel of it for this processor")
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    pillow_heif.from_pillow(corners()).save(stream, exif=exif.tobytes(), quality=90)
    turns = {1: 0, 3: 2, 6: -1, 8: 1}[orientation]
    image = decode_image(stream.getvalue(), "IMG_0001.HEIC")
    upright = np.rot90(np.asarray(corners()), turns)
    assert image.rgb.shape == upright.shape
    assert np.abs(image.rgb.astype(int) - upright).mean() < 8
    assert ".heic" in offered_suffixes()
    with pytest.raises(MediaError, match="damaged or incomplete"):
        decode_image(stream.getvalue()[: len(stream.getvalue()) * 2 // 3], "cut.heic")


def test_a_head_without_a_picture_is_damaged() -> None:
    pytest.importorskip("pillow_heif", reason="no wheel of it for this processor")
    with pytest.raises(MediaError, match="damaged or incomplete"):
        decode_image(HEAD, "a.heic")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def missing(name: str, package: str | None = None) -> object:
        return None if name == "pillow_heif" else found(name, package)

    monkeypatch.setattr("fer_core.media.heic.find_spec", missing)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MediaError, match=r"pip install pillow-heif\), or convert .* to JPEG"):
        decode_image(HEAD, "IMG_0001.HEIC")
    assert not {".heic", ".heif"} & set(offered_suffixes())
