"""Files that real people have give their right values on the pages, as they do by command.

They lie in ``../shared/cases`` beside the repository, with a README that tells where the values
come from; see ``tests/cli/test_cases.py``.
"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.pipeline.video import VideoReading
from tests.cli.test_cases import PHOTOS, SHARED, SOUND, VIDEOS
from tests.media.made import hear
from tests.waiting import wait_for
from ui.videos.links import links

PAGES = Path(__file__).resolve().parents[2] / "pages"
CASES = SHARED / "cases"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared beside the repository"),
]


@pytest.fixture(autouse=True)
def models(tiny_models: Path, yunet_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))


def opened(file: str) -> AppTest:
    page = AppTest.from_file(str(PAGES / file), default_timeout=240)
    page.run()
    assert not page.exception
    return page


def photos(*names: str) -> AppTest:
    page = opened("2_Photos.py")
    files = [(Path(name).name, (CASES / name).read_bytes(), "image/jpeg") for name in names]
    page.file_uploader[0].set_value(files).run()
    assert not page.exception
    return page


@pytest.mark.parametrize(("name", "size", "faces", "notes"), PHOTOS)
def test_photos(name: str, size: tuple[int, int], faces: int, notes: list[str]) -> None:
    if name.endswith(".heic"):
        pytest.importorskip("pillow_heif", reason="no wheel of it for this processor")
    page = photos(name)
    assert not page.error
    assert sum(len(table.value) for table in page.dataframe) == faces
    (told,) = (text.value for text in page.text if text.value.startswith(name))
    assert told == " · ".join([name, f"{size[0]} x {size[1]}", *notes])
    assert any("No face was found" in info.value for info in page.info) == (not faces)


def test_two_photos_of_one_name() -> None:
    page = photos("same_name_1/IMG_0001.jpg", "same_name_2/IMG_0001.jpg")
    (table,) = page.dataframe
    assert table.value["number"].value_counts().to_dict() == {1: 1, 2: 4}
    assert set(table.value["picture"]) == {"IMG_0001.jpg"}


@pytest.mark.parametrize(("name", "size", "frames", "seconds", "faces"), VIDEOS)
def test_videos(
    name: str, size: tuple[int, int], frames: int, seconds: float, faces: int, tmp_path: Path
) -> None:
    page = opened("3_Videos.py")
    page.file_uploader[0].set_value((name, (CASES / name).read_bytes(), "video/mp4"))
    page.selectbox(key="videos_every").set_value(5).run()
    page.button(key="videos_read").click().run()
    assert not page.exception
    work = links.visit(page.session_state["videos_link"])
    assert work is not None
    wait_for(lambda: work.progress() and not work.running)
    page.run()
    assert not page.exception
    assert not page.error
    assert work.outcome is not None
    reading: VideoReading = work.outcome.reading
    assert (reading.width, reading.height, reading.frames) == (*size, frames)
    assert reading.seconds == pytest.approx(seconds, abs=0.05)
    assert len(reading.recording.tracks) == faces
    (told,) = (text.value for text in page.text if text.value.startswith(name))
    assert f"{size[0]} x {size[1]}" in told
    assert told.endswith(f"{faces} {'face' if faces == 1 else 'faces'}")
    (tmp_path / "annotated.mp4").write_bytes(work.outcome.mp4)
    if name in dict(SOUND):
        sound = hear(tmp_path / "annotated.mp4")
        assert sound.seconds == pytest.approx(seconds, abs=0.06)
        assert sound.hertz == pytest.approx(440, abs=1)
