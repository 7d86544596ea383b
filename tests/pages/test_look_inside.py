"""The Look inside page: every view, with activation maps and without; every kind of face."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from skimage import data as pictures
from streamlit.testing.v1 import AppTest

from fer_core.dataset import Fer2013
from fer_core.emotions import LABELS, Emotion
from tests.tiny import tiny_conv_graph, write_tiny_folder
from ui.look_inside import VIEWS

PAGE = Path(__file__).resolve().parents[2] / "pages" / "5_Look_inside.py"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`mapped` has activation maps, `plain` has none; nobody imported FER2013."""
    models = tmp_path / "models"
    write_tiny_folder(models, "mapped", graph=tiny_conv_graph())
    write_tiny_folder(models, "plain", seed=1)
    monkeypatch.setenv("MIEN_MODELS", str(models))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "none.npz"))
    return models


def opened(slug: str = "mapped", **state: object) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=30)
    page.session_state["mien_model"] = slug
    page.session_state["mien_detector"] = "haar"  # comes with OpenCV: no weights to fetch
    for key, value in state.items():
        page.session_state[key] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(str(element.value) for element in shown)


def alts(page: AppTest) -> list[str]:
    return [image.alt for shown in page.get("image") for image in shown.proto.imgs]


def bars(page: AppTest) -> list[str]:
    bodies = [block.proto.body for block in page.get("html")]
    return [body for body in bodies if all(label in body for label in LABELS)]


def test_without_a_network_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    page = opened()
    assert "No network is here yet" in words(page)
    assert not bars(page)


@pytest.mark.usefixtures("models")
def test_seven_maps_over_the_drawn_face() -> None:
    page = opened()
    assert len(bars(page)) == 1
    assert sum("comes from" in alt for alt in alts(page)) == 7
    assert "11 × 11 values" in words(page)


@pytest.mark.usefixtures("models")
def test_a_network_without_maps_says_how_to_add_them() -> None:
    page = opened("plain")
    assert "repackage" in words(page)
    assert len(bars(page)) == 1
    assert not [alt for alt in alts(page) if "comes from" in alt]


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("slug", ["mapped", "plain"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens(slug: str, view: str) -> None:
    page = opened(slug, inside_view=view)
    if view == "Hidden parts":
        assert any("loses where the face is hidden" in alt for alt in alts(page))
        assert "in 100 places" in words(page)
    elif view == "Layers":
        assert len(page.get("plotly_chart")) == 1
        assert page.dataframe[0].value["Output"].iloc[-1] == "7"
    elif view == "Feature maps" and slug == "mapped":
        assert "4 feature maps of layer 1" in alts(page)
        assert "4 filters of the first convolution" in alts(page)


@pytest.mark.usefixtures("models")
def test_sliders_act_on_this_face_and_go_back() -> None:
    page = opened()
    before = bars(page)
    page.slider(key="inside_light").set_value(20).run()
    page.slider(key="inside_cover").set_value(30).run()
    assert not page.exception
    assert "change in points" in words(page)
    assert bars(page) != before
    page.button[0].click().run()
    assert not page.exception
    assert "change in points" not in words(page)
    assert bars(page) == before


@pytest.mark.usefixtures("models")
def test_another_drawn_expression_is_read_anew() -> None:
    page = opened("plain")
    before = bars(page)
    page.selectbox(key="inside_drawn").set_value(Emotion.ANGRY).run()
    assert not page.exception
    assert bars(page) != before


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    PIL.Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.usefixtures("models")
def test_a_photo_is_cut_to_its_face() -> None:
    page = opened(inside_source="Photo")
    assert not bars(page)
    page.file_uploader[0].set_value(("eileen_collins.png", _png(pictures.astronaut()), "image/png"))
    page.run()
    assert not page.exception
    assert len(bars(page)) == 1
    blank = _png(np.full((90, 120, 3), 128, np.uint8))
    page.file_uploader[0].set_value(("blank.png", blank, "image/png")).run()
    assert "No face was found" in words(page)
    page.file_uploader[0].set_value(("broken.png", b"no picture", "image/png")).run()
    assert not page.exception
    assert page.error


def test_faces_of_the_data_set_where_it_is(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "FER2013" not in opened().get("button_group")[0].options
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 48, 48)).astype(np.uint8)
    path = tmp_path / "fer2013.npz"
    Fer2013(pixels, np.arange(6), np.array([0, 1, 1, 1, 2, 2], np.uint8)).save(path)
    monkeypatch.setenv("MIEN_DATASET", str(path))
    page = opened(inside_source="FER2013")
    assert "PublicTest image, 1 to 3" in page.number_input(key="inside_row").label
    assert "Labelled **disgust**" in words(page)
