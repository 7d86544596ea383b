"""The door for pictures: a corpus of sound, odd and hostile files, all made here."""

import contextlib
import hashlib
import io
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import PIL.ExifTags
import PIL.Image
import PIL.ImageFile
import PIL.TiffImagePlugin
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError, MediaError
from fer_core.media import MAX_BYTES, Image, decode_image, display_name, read_image

W, H = 64, 48


def scene() -> NDArray[np.uint8]:
    """(48, 64, 3) uint8 with one colour a corner, so that every turn can be told."""
    rgb = np.full((H, W, 3), 90, np.uint8)
    rgb[: H // 2, : W // 2] = (200, 30, 30)
    rgb[: H // 2, W // 2 :] = (30, 200, 30)
    rgb[H // 2 :, : W // 2] = (30, 30, 200)
    return rgb


def saved(picture: PIL.Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def plain(kind: str, **options: object) -> bytes:
    return saved(PIL.Image.fromarray(scene()), kind, **options)


def turned(kind: str, orientation: int) -> bytes:
    """The scene stored so that EXIF's ``orientation`` brings it upright."""
    stored = {3: 2, 6: 1, 8: 3}.get(orientation, 0)
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return saved(
        PIL.Image.fromarray(np.ascontiguousarray(np.rot90(scene(), stored))), kind, exif=exif
    )


def png(*chunks: tuple[bytes, bytes], bad_crc: bytes = b"") -> bytes:
    out = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        crc = zlib.crc32(kind + body) ^ (1 if kind == bad_crc else 0)
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)
    return out


def header(width: int, height: int, depth: int = 8, colour: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def tiny_png(width: int, height: int, **extra: bytes) -> bytes:
    """A PNG whose header says ``width`` x ``height`` over the pixels of a small one."""
    return png(header(width, height), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""), **extra)


PNG_BOMB = (
    b"\x89PNG\r\n\x1a\n"
    + struct.pack(">I", 13)
    + b"IHDR"
    + header(8, 8)[1]
    + struct.pack(">I", zlib.crc32(b"IHDR" + header(8, 8)[1]))
    + struct.pack(">I", 0xFFFFFFF0)
    + b"IDAT"
    + bytes(6)
)


def grey_ramp() -> NDArray[np.uint8]:
    return np.linspace(0, 255, W * H).reshape(H, W).astype(np.uint8)


def animated(kind: str) -> bytes:
    frames = [PIL.Image.fromarray(np.roll(scene(), 3 * step, axis=1)) for step in range(5)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def zip_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(5_000_000))
    return stream.getvalue()


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def noisy(kind: str, **options: object) -> bytes:
    """A picture that does not compress, so that half its bytes hold half its pixels."""
    noise = np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8)
    return saved(PIL.Image.fromarray(noise), kind, **options)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "zero bytes": (lambda: b"", "empty"),
    "one byte": (lambda: b"\xff", "not a picture"),
    "jpeg header only": (lambda: plain("JPEG")[:20], "beginning of a picture"),
    "half a jpeg": (lambda: half(noisy("JPEG")), "damaged or incomplete"),
    "half a png": (lambda: half(noisy("PNG")), "damaged or incomplete"),
    "png with a wrong pixel checksum": (
        lambda: png(
            header(2, 2),
            (b"IDAT", zlib.compress(bytes(14))),
            (b"IEND", b""),
            bad_crc=b"IDAT",
        ),
        "damaged or incomplete",
    ),
    "png with a wrong header checksum": (
        lambda: tiny_png(4, 4, bad_crc=b"IHDR"),
        "not a picture|damaged",
    ),
    "half a webp": (lambda: half(noisy("WEBP", lossless=True)), "damaged|not a picture"),
    "half an avif": (lambda: half(noisy("AVIF")), "damaged|not a picture"),
    "half a bmp": (lambda: half(noisy("BMP")), "damaged or incomplete"),
    "half a gif": (lambda: half(noisy("GIF")), "damaged or incomplete"),
    "half a tiff": (lambda: half(noisy("TIFF")), "damaged|not a picture|beginning"),
    "png header of 65535 x 65535": (lambda: tiny_png(65535, 65535), "too many pixels"),
    "png header of 30000 x 30000": (lambda: tiny_png(30000, 30000), "too many pixels"),
    "png header of 10000 x 10000": (lambda: tiny_png(10000, 10000), "too many pixels"),
    "png of 0 x 0": (lambda: tiny_png(0, 0), "not a picture|damaged"),
    "png bomb of 47 bytes": (lambda: PNG_BOMB, "damaged|not a picture|beginning"),
    "svg with a script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "SVG",
    ),
    "svg with an external entity": (
        lambda: (
            b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
            b"<svg>&x;</svg>"
        ),
        "SVG",
    ),
    "html": (lambda: b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
    "eps": (
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(x) run\n",
        "PostScript",
    ),
    "zip": (zip_bomb, "ZIP"),
    "video": (lambda: b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + bytes(64), "a video"),
    "random bytes": (
        lambda: np.random.default_rng(0).bytes(100_000),
        "100,000 bytes of something else",
    ),
    "above the byte limit": (lambda: bytes(MAX_BYTES + 1), "too large"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_one_plain_sentence(case: str) -> None:
    make, words = REFUSED[case]
    data = make()
    start = perf_counter()
    with pytest.raises(MediaError, match=words) as caught:
        decode_image(data, "holiday.jpg")
    assert perf_counter() - start < 2.0
    sentence = str(caught.value)
    assert sentence.startswith("holiday.jpg: ")
    assert caught.value.remedy
    for jargon in ("Traceback", "PIL", "Error", "BytesIO", "0x"):
        assert jargon not in sentence


def test_the_png_bomb_costs_neither_time_nor_memory() -> None:
    assert len(PNG_BOMB) == 47
    code = (
        "import resource, sys, time\n"
        "from fer_core.errors import MediaError\n"
        "from fer_core.media import decode_image\n"
        "data = sys.stdin.buffer.read()\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before, start = peak(), time.process_time()\n"
        "try:\n    decode_image(data, 'x.png')\n"
        "except MediaError:\n    print(peak() - before, time.process_time() - start)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=PNG_BOMB, capture_output=True, check=True, timeout=60
    )
    grown, seconds = done.stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB on Linux
    assert int(grown) * unit < 50_000_000
    assert float(seconds) < 0.5


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_real_picture_above_the_pixel_limit_is_refused_before_decoding() -> None:
    data = saved(PIL.Image.new("1", (12000, 12000)), "PNG")
    assert len(data) < 50_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MediaError, match=r"12,000 x 12,000.*smaller copy"):
        decode_image(data, "plan.png")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    rgb = decode_image(turned(kind, orientation), "phone").rgb
    assert rgb.shape == (H, W, 3)
    assert np.abs(rgb.astype(int) - scene()).mean() < 12  # lossy formats blur the seams


@pytest.mark.parametrize("orientation", [2, 4, 5, 7])
def test_mirrored_orientations_are_those_of_pillow(orientation: int) -> None:
    data = turned("PNG", orientation)
    with PIL.Image.open(io.BytesIO(data)) as picture:
        expected = np.asarray(PIL.ImageOps.exif_transpose(picture))
    np.testing.assert_array_equal(decode_image(data, "x").rgb, expected)


@pytest.mark.parametrize("orientation", [0, 99])
def test_impossible_orientation_is_ignored(orientation: int) -> None:
    np.testing.assert_array_equal(decode_image(turned("PNG", orientation), "x").rgb, scene())


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_lose_the_picture() -> None:
    data = plain("JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + bytes(5))
    assert decode_image(data, "x").rgb.shape == (H, W, 3)


def tiff_of(values: NDArray[np.generic]) -> bytes:
    return saved(PIL.Image.fromarray(values), "TIFF")


@pytest.mark.parametrize(
    ("case", "data"),
    [
        ("png", saved(PIL.Image.fromarray(grey_ramp().astype(np.uint16) * 257), "PNG")),
        ("tiff", tiff_of(grey_ramp().astype(np.uint16) * 257)),
        ("12 bits in 16", tiff_of((grey_ramp() * (4095 / 255)).astype(np.uint16))),
        ("32-bit integers of 8", tiff_of(grey_ramp().astype(np.int32))),
        ("32-bit integers of 16", tiff_of(grey_ramp().astype(np.int32) * 257)),
        ("floats to 1", tiff_of(grey_ramp().astype(np.float32) / 255)),
        ("floats to 255", tiff_of(grey_ramp().astype(np.float32))),
        ("floats to 65535", tiff_of(grey_ramp().astype(np.float32) * 257)),
        ("floats below 0", tiff_of(grey_ramp().astype(np.float32) - 128)),
        ("huge floats", tiff_of(grey_ramp().astype(np.float32) * 1e30)),
    ],
)
def test_deep_grey_looks_like_its_8_bit_twin(case: str, data: bytes) -> None:
    rgb = decode_image(data, case).rgb
    twin = decode_image(saved(PIL.Image.fromarray(grey_ramp()), "PNG"), "twin").rgb
    assert abs(rgb.mean() - twin.mean()) < 2
    assert np.abs(rgb.astype(int) - twin).max() <= 2


def test_a_flat_or_meaningless_deep_picture_is_still_a_picture() -> None:
    flat = np.full((4, 4), np.nan, np.float32)
    assert decode_image(tiff_of(flat), "x").rgb.max() == 0
    assert decode_image(tiff_of(np.zeros((4, 4), np.uint16)), "x").rgb.max() == 0


def alpha(level: int) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.dstack([scene(), np.full((H, W), level, np.uint8)]), "RGBA")


def test_transparency_is_laid_on_white() -> None:
    assert decode_image(saved(alpha(0), "PNG"), "x").rgb.min() == 255
    np.testing.assert_array_equal(decode_image(saved(alpha(255), "PNG"), "x").rgb, scene())
    half_way = decode_image(saved(alpha(128), "PNG"), "x").rgb.astype(float)
    assert np.abs(half_way - (scene() * 128.0 + 255.0 * 127.0) / 255.0).max() <= 1
    grey_alpha = saved(PIL.Image.new("LA", (4, 4), (10, 0)), "PNG")
    assert decode_image(grey_alpha, "x").rgb.min() == 255
    palette = PIL.Image.fromarray(scene()).quantize(8)
    index = palette.getpixel((0, 0))
    rgb = decode_image(saved(palette, "PNG", transparency=index), "x").rgb
    assert tuple(rgb[0, 0]) == (255, 255, 255)
    assert np.abs(rgb[0, -1].astype(int) - scene()[0, -1]).max() <= 2


def cmyk() -> bytes:
    return saved(PIL.Image.fromarray(scene()).convert("CMYK"), "JPEG", quality=95)


@pytest.mark.parametrize(
    ("case", "data", "furthest"),
    [
        ("jpeg", plain("JPEG", quality=95), 4.0),
        ("progressive jpeg", plain("JPEG", quality=95, progressive=True), 4.0),
        ("cmyk jpeg", cmyk(), 6.0),
        ("png", plain("PNG"), 0.0),
        ("webp", plain("WEBP", lossless=True), 0.0),
        ("bmp", plain("BMP"), 0.0),
        ("tiff", plain("TIFF"), 0.0),
        ("tiff, compressed", plain("TIFF", compression="tiff_lzw"), 0.0),
        ("gif", plain("GIF"), 2.0),
        ("avif", plain("AVIF", quality=95), 6.0),
        ("palette png", saved(PIL.Image.fromarray(scene()).quantize(8), "PNG"), 2.0),
        ("jpeg with a zip behind it", plain("JPEG", quality=95) + zip_bomb(), 4.0),
        ("jpeg with a page behind it", plain("JPEG", quality=95) + b"<script>1</script>", 4.0),
    ],
)
def test_sound_pictures_of_every_kind(case: str, data: bytes, furthest: float) -> None:
    picture = decode_image(data, case)
    assert (picture.width, picture.height, picture.notes) == (W, H, ())
    assert picture.rgb.flags.c_contiguous
    assert picture.rgb.flags.writeable
    assert np.abs(picture.rgb.astype(int) - scene()).mean() <= furthest


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_one_bit(mode: str) -> None:
    source = PIL.Image.fromarray(grey_ramp()).convert(mode)
    rgb = decode_image(saved(source, "PNG"), "x").rgb
    np.testing.assert_array_equal(rgb[..., 0], np.asarray(source.convert("L")))
    np.testing.assert_array_equal(rgb[..., 0], rgb[..., 2])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_with_a_note(kind: str) -> None:
    picture = decode_image(animated(kind), "x")
    assert picture.notes == ("first frame of 5",)
    assert np.abs(picture.rgb.astype(int) - scene()).mean() <= 2


def test_the_second_picture_inside_a_phones_jpeg_is_no_animation() -> None:
    frames = [PIL.Image.fromarray(scene()), PIL.Image.new("RGB", (8, 8))]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    picture = decode_image(data, "x")
    assert (picture.width, picture.height, picture.notes) == (W, H, ())


@pytest.mark.parametrize("size", [(1, 1), (1, 20000), (20000, 1)])
def test_extreme_shapes(size: tuple[int, int]) -> None:
    picture = decode_image(saved(PIL.Image.new("RGB", size), "PNG"), "x")
    assert (picture.width, picture.height) == size


def test_content_decides_and_not_the_name() -> None:
    np.testing.assert_array_equal(decode_image(plain("PNG"), "x.jpg").rgb, scene())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../x.jpg", "x.jpg"),
        ("C:\\Users\\me\\x.jpg", "x.jpg"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("exe.\u202egpj.exe", "exe.gpj.exe"),
        ("line\nbreak\x00.png", "linebreak.png"),
        ("\ud800.png", ".png"),
        ("👩‍👧 Köln.jpg", "👩‍👧 Köln.jpg"),
        ("", "picture"),
        ("..", "picture"),
        ("///", "picture"),
    ],
)
def test_names_are_fit_to_be_shown(name: str, shown: str) -> None:
    assert display_name(name) == shown
    assert decode_image(plain("PNG"), name).name == shown


def test_long_names_keep_their_end() -> None:
    shown = display_name("a" * 300 + ".jpeg")
    assert len(shown) == 80
    assert shown.endswith("aaa.jpeg")


def test_reading_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(plain("PNG"))
    assert read_image(path).name == "a.png"
    with pytest.raises(MediaError, match=r"b\.png: the file cannot be read"):
        read_image(tmp_path / "b.png")
    with pytest.raises(MediaError, match="cannot be read"):
        read_image(tmp_path)
    huge = tmp_path / "huge.png"
    with huge.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # sparse: takes no room
    with pytest.raises(MediaError, match=r"too large \(expected at most 100 MB"):
        read_image(huge)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"])
def test_damage_anywhere_gives_a_picture_or_a_sentence(kind: str) -> None:
    whole = plain(kind)
    rng = np.random.default_rng(7)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 9))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        with contextlib.suppress(MediaError):  # any other exception fails the test
            assert decode_image(bytes(data), "x").rgb.ndim == 3


def test_truncated_files_stay_refused_by_the_library() -> None:
    assert not PIL.ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize(
    "rgb",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)],
)
def test_an_image_cannot_exist_in_a_wrong_shape(rgb: NDArray[np.generic]) -> None:
    with pytest.raises(ContractError, match="not an RGB image"):
        Image("x", rgb)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("told", "zone", "taken_at"),
    [
        ("2026:11:26 10:12:13", "+02:00", "2026-11-26T10:12:13+02:00"),
        ("2026:11:26 10:12:13", "", "2026-11-26T10:12:13"),
        ("2026:11:26 10:12:13", "somewhere", "2026-11-26T10:12:13"),
        ("0000:00:00 00:00:00", "", ""),
        ("yesterday", "+02:00", ""),
        ("", "", ""),
    ],
)
def test_when_a_picture_was_taken_is_what_its_camera_says(
    kind: str, told: str, zone: str, taken_at: str
) -> None:
    exif = PIL.Image.Exif()
    exif[PIL.ExifTags.Base.Model] = "a camera"
    exif.get_ifd(PIL.ExifTags.IFD.Exif).update(
        {
            PIL.ExifTags.Base.DateTimeOriginal: told,
            PIL.ExifTags.Base.OffsetTimeOriginal: zone,
        }
    )
    stream = io.BytesIO()
    PIL.Image.new("RGB", (20, 10)).save(stream, kind, exif=exif)
    image = decode_image(stream.getvalue(), "a")
    assert image.taken_at == taken_at
    assert image.sha256 == hashlib.sha256(stream.getvalue()).hexdigest()
