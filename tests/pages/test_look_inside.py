"""The Look inside page: every view, with activation maps and without; every kind of face."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from skimage import data as pictures
from streamlit.testing.v1 import AppTest

from fer_core.dataset import VOTES, Fer2013
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.explanation import (
    COVER_PLACES,
    Perturbation,
    TellingPart,
    occlusion_map,
    overlay,
    read_face,
    telling_part,
)
from fer_core.faces import Faces, InputSpec, corruptions
from fer_core.media import SUFFIXES, Image
from fer_core.synthetic.face import POSES, cropped_face
from fer_core.zoo import Imported, load_classifier
from tests.tiny import tiny_card, tiny_conv_graph, tiny_graph, write_tiny_folder
from ui import caches
from ui.inside import face, views
from ui.inside.finding import finding_words
from ui.inside.reading import Subject
from ui.inside.views import VIEWS
from ui.photos import reading

PAGES = Path(__file__).resolve().parents[2] / "pages"
PAGE, PHOTOS = PAGES / "5_Look_inside.py", PAGES / "2_Photos.py"
INPUTS = {"grey48": (48, 1), "colour48": (48, 3), "grey24": (24, 1), "colour32": (32, 3)}
"""Slugs of networks with side and channels of what each takes."""


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`mapped` has activation maps, `plain` has none; nobody imported FER2013."""
    models = tmp_path / "models"
    write_tiny_folder(models, "mapped", graph=tiny_conv_graph())
    write_tiny_folder(models, "plain", seed=1)
    monkeypatch.setenv("MIEN_MODELS", str(models))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "none.npz"))
    return models


@pytest.fixture
def inputs(models: Path) -> Path:
    """A network for each of `INPUTS`, beside those of `models`."""
    for slug, (side, channels) in INPUTS.items():
        folder = write_tiny_folder(models, slug, graph=tiny_graph(3, side, channels))
        card = tiny_card(slug, folder, input=InputSpec(side, channels, 0.0))
        (folder / "card.json").write_text(card.to_json())
    return models


class Tilted:
    """A detector that finds two faces in every picture, the second one larger and tilted."""

    name = "haar"

    def __init__(self) -> None:
        self.searched = 0

    def detect(self, image: np.ndarray) -> Faces:
        self.searched += 1
        landmarks = np.full((2, 5, 2), np.nan)
        landmarks[1, :2] = (205, 130), (245, 110)
        return Faces.from_boxes(
            np.array([[20, 20, 30, 40], [170, 60, 110, 120]]), landmarks=landmarks
        )


@pytest.fixture
def tilted(monkeypatch: pytest.MonkeyPatch) -> Tilted:
    found = Tilted()
    monkeypatch.setattr(caches.detectors, "detector", lambda name, *, photos=False: found)
    return found


def opened(slug: str = "mapped", path: Path = PAGE, **state: object) -> AppTest:
    page = AppTest.from_file(str(path), default_timeout=30)
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


def test_an_imported_network_without_maps_is_told_what_works(models: Path) -> None:
    folder = models / "plain"
    imported = Imported(
        file="theirs.onnx", sha256="0" * 64, bytes=1, kind="ONNX",
        settings={}, classes=LABELS, trials=(), notes=(),
    )  # fmt: skip
    card = tiny_card("plain", folder, imported=imported)
    (folder / "card.json").write_text(card.to_json())
    page = opened("plain")
    assert "An imported network has none" in words(page)
    assert "repackage" not in words(page)


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


def test_what_is_undone_before_reading_is_shown() -> None:
    page, undone = opened("nano"), "The same face, restored"
    assert undone not in alts(page)
    page.slider(key="inside_light").set_value(10).run()
    assert not page.exception
    assert undone in alts(page)


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
def test_going_back_moves_the_sliders_in_the_browser_too() -> None:
    page = opened()
    at_rest = {slider.key: slider.value for slider in page.slider}
    for slider in page.slider:
        slider.set_value(slider.min if slider.key in ("inside_light", "inside_turn") else 2)
    page.run()
    assert not any(slider.proto.set_value for slider in page.slider)
    page.button[0].click().run()
    assert not page.exception
    assert not page.warning
    # The browser keeps what it shows unless it is told a value; AppTest would not notice.
    assert all(slider.proto.set_value for slider in page.slider)
    assert {slider.key: slider.proto.value[0] for slider in page.slider} == at_rest
    assert at_rest == {
        "inside_blur": 0.0,
        "inside_noise": 0,
        "inside_light": 100,
        "inside_turn": 0,
        "inside_cover": 0,
    }


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


def dropped(page: AppTest, name: str = "eileen_collins.png") -> AppTest:
    page.file_uploader[0].set_value((name, _png(pictures.astronaut()), "image/png")).run()
    assert not page.exception
    return page


@pytest.mark.usefixtures("inputs", "tilted")
@pytest.mark.parametrize("slug", INPUTS)
def test_a_face_gets_the_same_answer_as_on_photos(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Photos looks twice, also as in a mirror; what is seen inside is of one look.
    monkeypatch.setattr(reading, "VIEWS", 1)
    (kept,) = dropped(opened(slug, PHOTOS)).session_state["photos_read"].values()
    told = kept.reading.result.predictions.probabilities
    seen: list[Subject] = []
    monkeypatch.setattr(views, "show_views", seen.append)
    page = dropped(opened(slug, inside_source="Photo"))
    page.number_input[0].set_value(2).run()
    largest, other = seen[-2:]
    np.testing.assert_allclose(largest.probabilities, told[1], atol=1e-6)
    np.testing.assert_allclose(other.probabilities, told[0], atol=1e-6)
    side, channels = INPUTS[slug]
    assert largest.face.shape == ((side, side) if channels == 1 else (side, side, 3))


@pytest.mark.usefixtures("inputs", "tilted")
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_for_a_face_in_colour(view: str) -> None:
    page = dropped(opened("colour32", inside_source="Photo", inside_view=view))
    page.slider(key="inside_blur").set_value(1.0).run()
    page.slider(key="inside_turn").set_value(20).run()
    assert not page.exception
    assert "change in points" in words(page)


def test_a_face_in_colour_or_of_another_size_gets_the_same_perturbation(inputs: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (48, 48)).astype(np.uint8)
    colour = np.dstack([grey] * 3)
    perturbed = Perturbation(1.0, 10, 0.5, 15, 0.1, 0.3)
    np.testing.assert_array_equal(perturbed.apply(colour), np.dstack([perturbed.apply(grey)] * 3))
    half = Perturbation(blur_px=1).apply(grey[:24, :24])
    np.testing.assert_array_equal(half, corruptions.blur(grey[:24, :24], 0.5))
    network = load_classifier(inputs / "colour48")
    np.testing.assert_allclose(
        occlusion_map(network, colour, Emotion.SAD), occlusion_map(network, grey, Emotion.SAD)
    )
    small = load_classifier(inputs / "grey24")
    blocks = grey[::2, ::2].repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_allclose(
        occlusion_map(small, grey[::2, ::2], Emotion.SAD),
        occlusion_map(small, blocks, Emotion.SAD),
        atol=1e-6,
    )
    values = np.array([[1.0, -1.0]], np.float32)
    np.testing.assert_array_equal(overlay(colour, values, 1.0), overlay(grey, values, 1.0))


@pytest.mark.usefixtures("inputs")
def test_a_photo_is_searched_once_whatever_the_sliders_do(
    tilted: Tilted, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    decode = face.decode_image

    def counted(data: bytes, name: str) -> Image:
        decoded.append(name)
        return decode(data, name)

    monkeypatch.setattr(face, "decode_image", counted)
    page = dropped(opened("grey48", inside_source="Photo"), "a.png")
    page.slider(key="inside_light").set_value(20).run()
    page.slider(key="inside_turn").set_value(10).run()
    page.number_input[0].set_value(2).run()
    assert (tilted.searched, decoded) == (1, ["a.png"])
    page.selectbox(key="mien_model_picker").set_value("colour48").run()
    assert not page.exception
    assert (tilted.searched, decoded) == (1, ["a.png"] * 2)  # cut anew, in colour
    dropped(page, "b.png")
    assert (tilted.searched, decoded[2:]) == (2, ["b.png"])
    kept = page.session_state["inside_found"]
    assert kept.crops.shape == (2, 48, 48, 3)  # of the newest photo, and not its pixels
    page.file_uploader[0].set_value(None).run()
    assert not page.exception
    assert "inside_found" not in page.session_state


@pytest.mark.usefixtures("models", "tilted")
def test_whatever_can_be_read_from_a_folder_can_be_dropped() -> None:
    page = opened(inside_source="Photo")
    assert page.file_uploader[0].allowed_type == list(SUFFIXES)
    dropped(page, "face.jfif")
    assert len(bars(page)) == 1


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
    assert "voters" not in words(page)
    votes = np.zeros((6, len(VOTES)), np.uint8)
    votes[:, VOTES.index("sadness")] = 6
    splits = np.array([0, 1, 1, 1, 2, 2], np.uint8)
    Fer2013(pixels, np.arange(6), splits, votes).save(path)
    told = words(opened(inside_source="FER2013"))
    assert "Labelled **disgust**; most of FER+'s voters say **sad**." in told


@pytest.mark.usefixtures("models")
def test_it_opens_with_the_part_that_tells_most() -> None:
    page = opened()
    finding = page.main.children[1].markdown[0].value  # right under the title
    face = cropped_face(POSES[Emotion.HAPPY])
    part = telling_part(caches.networks.classifier("mapped"), face)
    assert finding == f"**{finding_words(part)}**"
    left = [
        read_face(
            caches.networks.classifier("mapped"),
            Perturbation(covered=0.2, cover_y=down).apply(face),
        )[part.emotion]
        for down in COVER_PLACES.values()
    ]
    assert part.hidden == pytest.approx(min(left))
    page.selectbox(key="inside_drawn").set_value(Emotion.SAD).run()
    again = telling_part(caches.networks.classifier("mapped"), cropped_face(POSES[Emotion.SAD]))
    assert page.main.children[1].markdown[0].value == f"**{finding_words(again)}**"


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (
            TellingPart("mouth", Emotion.HAPPY, 0.77, 0.16, Emotion.NEUTRAL),
            "Cover the mouth, and *happy* falls from 77% to 16%; the network then reads *neutral*.",
        ),
        (
            TellingPart("eyes", Emotion.SAD, 0.6, 0.5, Emotion.SAD),
            "Cover the eyes, and *sad* falls from 60% to 50%.",
        ),
        (
            TellingPart("nose", Emotion.FEAR, 0.9, 0.9, Emotion.FEAR),
            "Cover forehead, eyes, nose or mouth, and *fear* does not fall from 90%.",
        ),
    ],
)
def test_a_finding_in_words(part: TellingPart, sentence: str) -> None:
    assert finding_words(part) == sentence
