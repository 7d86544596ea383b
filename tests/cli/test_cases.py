"""Files that real people have give their right values by command.

They lie in ``../shared/cases`` beside the repository, with a README that tells where the values
come from; the same kinds are made small in tests/media and held there, wherever this runs.
"""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fer_core.cli import app
from tests.media.made import hear

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared beside the repository")

PHOTOS = [
    ("panorama24_grey.jpg", (10_000, 2_000), 24, []),
    ("phone50mp.jpg", (8_160, 6_120), 1, ["read at 1/2 of its size"]),
    ("png_bigtext.png", (300, 300), 1, []),
    ("no_eoi.jpg", (300, 300), 1, []),
    ("anim_face_later.gif", (300, 300), 0, ["first frame of 2"]),
    ("iphone.heic", (300, 300), 1, []),
]
"""Name, size in pixels, faces, notes."""
VIDEOS = [
    ("obs_stereo48.mkv", (320, 320), 150, 6.0, 1),
    ("mono48.mkv", (320, 320), 150, 6.0, 1),
    ("mediarecorder_canvas.webm", (320, 240), 21, 8.0, 1),
    ("one_picture_10s.mp4", (320, 240), 1, 10.0, 1),
    ("long_last.mkv", (320, 240), 3, 10.0, 1),
    ("mat_hflip.mp4", (360, 640), 10, 1.0, 1),
    ("thumb_first.mp4", (320, 320), 75, 3.0, 1),
    ("two_audio.mp4", (320, 320), 100, 4.0, 1),
    ("concat_segments.webm", (320, 320), 100, 4.0, 1),
    ("zoom_gal5s.mp4", (1_920, 1_080), 10, 1.0, 25),
    ("clip.3gp", (320, 320), 100, 4.0, 1),
]
"""Name, size in pixels, frames, seconds, faces."""
SOUND = [
    ("obs_stereo48.mkv", 6.0),
    ("mono48.mkv", 6.0),
    ("mediarecorder_canvas.webm", 8.0),
    ("two_audio.mp4", 4.0),
    ("concat_segments.webm", 4.0),
    ("clip.3gp", 4.0),
]
"""Name, seconds of 440 Hz."""


@pytest.fixture
def case(tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of a case, by its name."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))

    def copy(name: str) -> Path:
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(SHARED / "cases" / name, target)
        return target

    return copy


def predicted(*arguments: object) -> list[dict[str, Any]]:
    done = CliRunner().invoke(app, ["predict", *map(str, arguments), "--model", "tiny", "--json"])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def watched(path: Path, *arguments: object) -> dict[str, Any]:
    words = ["video", str(path), *map(str, arguments), "--model", "tiny", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    record: dict[str, Any] = json.loads(done.stdout)
    return record


@pytest.mark.parametrize(("name", "size", "faces", "notes"), PHOTOS)
def test_photos(
    case: Any, yunet_cache: Path, name: str, size: tuple[int, int], faces: int, notes: list[str]
) -> None:
    if name.endswith(".heic"):
        pytest.importorskip("pillow_heif", reason="no wheel of it for this processor")
    table = case(name).with_suffix(".csv")
    (record,) = predicted(case(name), "--csv", table)
    assert (record["width"], record["height"]) == size
    assert (len(record["faces"]), record["notes"], record["error"]) == (faces, notes, None)
    for face in record["faces"]:
        x, y, width, height = face["box"]
        assert 0 <= x + width / 2 <= size[0]
        assert 0 <= y + height / 2 <= size[1]
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == max(faces, 1)
    assert {row["notes"] for row in rows} == {"; ".join(notes)}


def test_the_box_in_a_photo_of_50_megapixels_is_in_its_own_pixels(
    case: Any, yunet_cache: Path
) -> None:
    (record,) = predicted(case("phone50mp.jpg"))
    x, y, width, height = record["faces"][0]["box"]
    # As found in all of its pixels, by a detector alone.
    assert (x, y, width, height) == pytest.approx((3799, 2616, 442, 559), abs=60)


def test_two_photos_of_one_name(case: Any, yunet_cache: Path) -> None:
    paths = [case(f"same_name_{number}/IMG_0001.jpg") for number in (1, 2)]
    records = predicted(*paths)
    assert [len(record["faces"]) for record in records] == [1, 4]
    assert [record["path"] for record in records] == [str(path) for path in paths]
    assert [record["number"] for record in records] == [1, 2]


@pytest.mark.parametrize(("name", "size", "frames", "seconds", "faces"), VIDEOS)
def test_videos(
    case: Any,
    yunet_cache: Path,
    name: str,
    size: tuple[int, int],
    frames: int,
    seconds: float,
    faces: int,
) -> None:
    record = watched(case(name), "--every", 5)
    assert (record["width"], record["height"], record["frames"]) == (*size, frames)
    assert record["seconds"] == pytest.approx(seconds, abs=0.05)
    assert len(record["faces"]) == faces
    for face in record["faces"].values():
        assert sum(face["dwell_seconds"].values()) == pytest.approx(seconds, abs=0.05)
    assert not any("early" in note or "damaged" in note for note in record["notes"])
    assert any("start anew once" in note for note in record["notes"]) == ("concat" in name)


@pytest.mark.parametrize(("name", "seconds"), SOUND)
def test_their_sound(case: Any, yunet_cache: Path, name: str, seconds: float) -> None:
    source = case(name)
    out = source.with_name("annotated.mp4")
    watched(source, "--every", 30, "--out", out)
    sound = hear(out)
    assert sound.seconds == pytest.approx(seconds, abs=0.06)
    assert sound.hertz == pytest.approx(440, abs=1)
    assert [at for at in sound.silences() if 0.08 < at < seconds - 0.08] == []
