"""Files of today's phones and screens on the pages: what is read of them is told there too."""

import io
from pathlib import Path

import PIL.Image
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.media import offered_suffixes
from fer_core.media.videos import VIDEO_SUFFIXES

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture(autouse=True)
def models(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))


def opened(page_file: str) -> AppTest:
    page = AppTest.from_file(str(PAGES / page_file), default_timeout=60)
    page.session_state["mien_detector"] = "haar"  # comes with OpenCV: no weights to fetch
    page.run()
    assert not page.exception
    return page


def saved(picture: PIL.Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def test_what_was_read_of_a_photo_is_told_beside_it() -> None:
    walls = [PIL.Image.new("RGB", (120, 90), colour) for colour in ("grey", "red", "blue")]
    page = opened("2_Photos.py")
    page.file_uploader[0].set_value(
        [
            (
                "film.gif",
                saved(walls[0], "GIF", save_all=True, append_images=walls[1:]),
                "image/gif",
            ),
            ("phone.jpg", saved(walls[0].resize((8160, 6120)), "JPEG"), "image/jpeg"),
        ]
    ).run()
    assert not page.exception
    told = [text.value for text in page.text]
    assert "film.gif · 120 x 90 · first frame of 3" in told
    assert "phone.jpg · 8160 x 6120 · read at 1/2 of its size" in told


def test_what_is_offered_is_what_can_be_read() -> None:
    assert opened("2_Photos.py").file_uploader[0].allowed_type == list(offered_suffixes())
    offered = opened("3_Videos.py").file_uploader[0].allowed_type
    assert set(VIDEO_SUFFIXES) <= set(offered)
    assert ".3gp" in offered
