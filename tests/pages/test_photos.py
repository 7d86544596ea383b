"""The photo page: pictures in, annotated pictures out; bad files, no network, broken folders."""

import io
import zipfile
from pathlib import Path

import PIL.Image
import pytest
import streamlit as st
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from fer_core.emotions import LABELS, Emotion
from fer_core.media import SUFFIXES
from fer_core.pipeline.images import Reading
from fer_core.zoo import read_card
from fer_core.zoo.confidence import FEATURES, Confidence, ExpectedRight
from tests.streamed import frame_result, shares
from tests.tiny import tiny_calibration, write_tiny_folder
from ui.photos import gallery, results, uploads
from ui.photos.reading import Shown
from ui.widgets.texts import literal

ROOT = Path(__file__).resolve().parents[2]
PAGE = str(ROOT / "pages" / "2_Photos.py")


@pytest.fixture
def models(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    return tiny_models


def photo_page() -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.session_state["mien_detector"] = "haar"  # comes with OpenCV: no weights to fetch
    page.run()
    assert not page.exception
    return page


def upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    page.file_uploader[0].set_value([(name, data, "image/png") for name, data in files]).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.text]
    return "\n".join(str(element.value) for element in shown)


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def bars(page: AppTest) -> int:
    """How many faces' bars are on the page; the summary's bars count too."""
    return sum(all(label in block.proto.body for label in LABELS) for block in page.get("html"))


def blank() -> bytes:
    stream = io.BytesIO()
    PIL.Image.new("RGB", (120, 90), "grey").save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.usefixtures("models")
def test_before_any_picture_the_page_offers_an_example() -> None:
    page = photo_page()
    assert not page.metric
    assert not page.error
    assert [button.key for button in page.button] == [
        f"photos_example_{name}" for name in uploads.EXAMPLES
    ]
    assert len(uploads.EXAMPLES) == 3


@pytest.mark.usefixtures("models")
def test_a_result_stands_above_what_brought_it() -> None:
    page = upload(photo_page(), ("a.png", uploads.example_png("one face")))
    kinds = [element.type for element in page.main]
    assert kinds.index("image") < kinds.index("download_button") < kinds.index("file_uploader")


@pytest.mark.usefixtures("models")
def test_the_example_shows_three_faces_and_can_be_taken_away() -> None:
    page = photo_page()
    page.button(key="photos_example_three faces").click().run()
    assert not page.exception
    assert bars(page) == 3
    assert [word for word in words(page).split("\n") if "Face " in word]
    assert [button.label for button in page.download_button] == [
        *("Picture (PNG)", "Table (CSV)", "Columns (JSON)", "Data (JSON)")
    ]
    (table,) = page.dataframe
    assert len(table.value) == 3
    assert "felt" not in words(page)
    assert "expression shown" in words(page)
    page.button(key="photos_discard").click().run()
    assert not page.exception
    assert not page.dataframe
    assert page.button(key="photos_example_one face")


def test_each_face_is_looked_at_twice_and_says_what_its_answer_is_worth(models: Path) -> None:
    assert "expected right" not in words(_with_example()), "a card that does not say"
    told = Confidence(
        temperature=1.2,
        unsure_threshold=0.2,
        set_threshold=0.05,
        expected_right=ExpectedRight(intercept=0.41, weights=dict.fromkeys(FEATURES, 0.0)),
    )
    chosen = tiny_calibration(told.model_copy(update={"expected_right": None}), told)
    for slug in ("tiny", "tiny_b"):
        card = read_card(models / slug).calibrated(chosen)
        (models / slug / "card.json").write_text(card.to_json())
    page = _with_example()
    assert words(page).count("expected right on a face like this: **60%**") == 3
    assert words(page).count("90% sure: **") == 3
    table = page.dataframe[0].value
    assert table["expected_right"].tolist() == pytest.approx([0.6011] * 3)
    for _, row in table.iterrows():
        likely = [label for label in LABELS if row[label] >= 0.05]
        assert sorted(row["prediction_set"].split(" or ")) == sorted(likely)


def _with_example() -> AppTest:
    page = photo_page()
    page.button(key="photos_example_three faces").click().run()
    assert not page.exception
    return page


@pytest.mark.usefixtures("models")
def test_several_files_of_which_one_is_broken_and_one_has_no_face() -> None:
    page = upload(
        photo_page(),
        ("faces.png", uploads.example_png("three faces")),
        ("broken.jpg", b"\xff\xd8\xff\xe0 half a picture"),
        ("wall.png", blank()),
        ("phone.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(90)),
    )
    assert metrics(page) == {
        "Pictures": "2",
        "Faces": "3",
        "Unsure": metrics(page)["Unsure"],
        "Without a face": "1",
        "Not readable": "2",
    }
    assert len(page.error) == 2
    assert "damaged" in page.error[0].value.replace("\\", "") or "beginning" in page.error[0].value
    assert "phone.heic" in page.error[1].value.replace("\\", "")
    assert [button.label for button in page.download_button] == [
        *("2 pictures (ZIP)", "Table (CSV)", "Columns (JSON)", "Data (JSON)")
    ]
    assert not [button for button in page.button if "example" in str(button.key)]
    summary = bars(page)  # none where the network is unsure of all of them
    faces, wall = (button.key for button in page.button if button.label == "Look closer")
    page.button(key=wall).click().run()
    assert any("No face was found" in info.value for info in page.info)
    page.button(key=faces).click().run()
    assert bars(page) == 3 + summary
    assert page.download_button[0].label == "PNG"
    page.button(key="photos_close").click().run()
    assert bars(page) == summary


@pytest.mark.usefixtures("models")
def test_a_gallery_is_filtered_by_expression_and_sureness() -> None:
    page = upload(
        photo_page(), ("faces.png", uploads.example_png("three faces")), ("wall.png", blank())
    )
    faces, wall = page.session_state["photos_read"].values()
    states = gallery.shown_states(faces)
    assert len(states) == 3
    assert gallery.shown_states(wall) == ()
    page.pills(key="photos_filter").set_value([gallery.NO_FACE]).run()
    assert [text.value.split(" · ")[0] for text in page.text] == ["wall.png"]
    assert "1 of 2 pictures" in words(page)
    other = next(label for label in LABELS if label not in states)
    page.pills(key="photos_filter").set_value([other]).run()
    assert not page.text
    page.pills(key="photos_filter").set_value([]).run()
    assert len(page.text) == 2


@pytest.mark.parametrize(
    ("labels", "sureness", "passes"),
    [
        ([], gallery.ANYTHING, True),
        (["happy"], gallery.ANYTHING, True),
        (["sad"], gallery.ANYTHING, False),  # the network is unsure of that face
        (["happy", "fear"], gallery.SURE, True),
        ([], gallery.NOT_SURE, True),
        ([gallery.NO_FACE], gallery.ANYTHING, False),
    ],
)
def test_a_picture_passes_for_what_its_faces_show(
    labels: list[str], sureness: str, passes: bool
) -> None:
    rows = [shares(Emotion.HAPPY, 0.9), shares(Emotion.SAD, 0.3)]
    result = frame_result(*rows, unsure_threshold=0.5)
    upload_ = uploads.Upload("key", "a.png", 0, bytes)
    picture = Shown(upload_, Reading("a.png", "tiny", result=result), b"jpeg", ())
    assert gallery.shown_states(picture) == ("happy", "unsure")
    assert gallery.matches(picture, labels, sureness) is passes
    broken = Shown(upload_, Reading("a.png", "tiny", error="It is damaged."), b"", ())
    assert gallery.matches(broken, labels, sureness) is (
        not labels and sureness == gallery.ANYTHING
    )


@pytest.mark.usefixtures("models")
def test_what_was_read_is_not_read_again_and_is_forgotten_when_removed() -> None:
    page = upload(photo_page(), ("a.png", uploads.example_png("three faces")))
    first = page.session_state["photos_read"]
    page.run()
    again = page.session_state["photos_read"]
    assert list(first) == list(again)
    assert next(iter(again.values())) is next(iter(first.values()))
    upload(page)
    assert page.session_state["photos_read"] == {}
    assert not page.dataframe


def test_another_network_reads_anew(models: Path) -> None:
    page = upload(photo_page(), ("a.png", uploads.example_png("three faces")))
    before = page.dataframe[0].value
    chosen = page.selectbox(key="mien_model_picker").value
    other = "tiny_b" if chosen == "tiny" else "tiny"
    page.selectbox(key="mien_model_picker").set_value(other).run()
    assert not page.exception
    assert not page.dataframe[0].value.equals(before)
    assert {record.reading.model for record in page.session_state["photos_read"].values()} == {
        other
    }


@pytest.mark.usefixtures("models")
def test_what_the_session_keeps_is_small_and_free_of_pixels() -> None:
    page = upload(photo_page(), ("a.png", uploads.example_png("three faces")))
    (kept,) = page.session_state["photos_read"].values()
    assert kept.reading.image is None
    assert len(kept.preview) < 300_000
    assert len(kept.faces) == 3


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>.png",
        "[money](mailto:x@x.example).png",
        ":red[hot] $x$ **b**.png",
    ],
)
def test_file_names_are_shown_letter_by_letter(name: str) -> None:
    page = upload(photo_page(), (name, blank()), (name, b"broken"))
    assert any(name in element.value for element in page.text)
    for element in [*page.markdown, *page.caption, *page.error]:
        assert name not in element.value  # those speak Markdown
    assert literal(name) in page.error[0].value


@pytest.mark.usefixtures("models")
def test_many_pictures_come_in_portions() -> None:
    count = gallery.PICTURES_AT_ONCE + 3
    page = upload(photo_page(), *((f"{n}.png", blank()) for n in range(count)))
    assert metrics(page)["Pictures"] == str(count)
    assert len(page.text) == gallery.PICTURES_AT_ONCE
    page.button(key="photos_more").click().run()
    assert len(page.text) == count
    assert "photos_more" not in [button.key for button in page.button]


@pytest.mark.usefixtures("models")
def test_the_camera_is_asked_for_only_on_its_tab() -> None:
    page = photo_page()
    assert not page.get("camera_input")


@pytest.mark.usefixtures("models")
def test_a_snapshot_is_first_and_stays_until_it_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    record = UploadedFileRec("snap", "0815.jpg", "image/jpeg", uploads.example_png("three faces"))
    held: list[UploadedFile | None] = [UploadedFile(record, FileURLs())]

    def camera(*_: object, key: str, **__: object) -> UploadedFile | None:
        st.session_state[key] = held[0]
        return held[0]

    monkeypatch.setattr(st, "camera_input", camera)  # AppTest has none
    page = upload(photo_page(), ("wall.png", blank()))
    page.session_state["photos_tab"] = uploads.CAMERA_TAB
    page.run()
    assert not page.exception
    assert [text.value.split(" · ")[0] for text in page.text] == ["snapshot.jpg", "wall.png"]
    page.session_state["photos_tab"] = uploads.FILES_TAB
    page.run()
    assert metrics(page)["Pictures"] == "2"
    held[0] = None
    page.session_state["photos_tab"] = uploads.CAMERA_TAB
    page.run()
    assert len(page.session_state["photos_uploads"]) == 1


@pytest.mark.usefixtures("models")
def test_files_to_take_away_are_made_from_the_upload() -> None:
    page = upload(photo_page(), ("a.png", uploads.example_png("three faces")), ("b.png", blank()))
    pictures = list(page.session_state["photos_read"].values())
    with PIL.Image.open(io.BytesIO(results.annotated_file(pictures[0]))) as picture:
        assert (picture.format, picture.size) == ("PNG", (3 * 440, 480))
    with zipfile.ZipFile(io.BytesIO(results.annotated_files(pictures))) as archive:
        assert archive.namelist() == ["a_expressions.jpg", "b_expressions.jpg"]


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the files that Streamlit was told to forget."""
    ids: list[str] = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_file", lambda _, session_id, file_id: ids.append(file_id)
    )
    return ids


@pytest.mark.usefixtures("models")
def test_pictures_above_the_number_are_left_out_and_the_others_read(
    monkeypatch: pytest.MonkeyPatch, released: list[str]
) -> None:
    monkeypatch.setattr(uploads, "MAX_PICTURES", 3)
    files = [(f"{n}.png", blank()) for n in range(4)]
    page = upload(photo_page(), ("broken.jpg", b"broken"), *files)
    assert (metrics(page)["Pictures"], metrics(page)["Not readable"]) == ("2", "1")
    (told,) = page.warning
    assert told.value.startswith("**2 pictures were left out.**")
    assert "python -m fer_core predict FOLDER --annotate OUT" in told.value
    assert len(released) == 2
    assert not {*released} & {*page.session_state["photos_uploads"]}


@pytest.mark.usefixtures("models")
def test_pictures_above_the_size_of_all_together_are_left_out(
    monkeypatch: pytest.MonkeyPatch, released: list[str]
) -> None:
    large, small = uploads.example_png("three faces"), blank()
    monkeypatch.setattr(uploads, "MAX_TOTAL_BYTES", len(large) + len(small))
    page = upload(photo_page(), ("1.png", large), ("2.png", large), ("3.png", small))
    assert [upload.name for upload in page.session_state["photos_uploads"].values()] == [
        *("1.png", "3.png")
    ]
    assert metrics(page)["Pictures"] == "2"
    assert page.warning[0].value.startswith("**1 picture was left out.**")
    assert len(released) == 1
    upload(page, ("4.png", small))  # what was there makes room for it
    assert not page.warning
    assert len(page.session_state["photos_uploads"]) == 1


@pytest.mark.usefixtures("models")
def test_another_page_loses_nothing_and_discarding_forgets_all(released: list[str]) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state["mien_detector"] = "haar"
    page.run()
    page.switch_page("pages/2_Photos.py").run()
    upload(page, ("faces.png", uploads.example_png("three faces")))
    (kept,) = page.session_state["photos_read"].values()
    page.switch_page("pages/6_Data.py").run()
    assert not page.exception
    page.switch_page("pages/2_Photos.py").run()
    assert not page.exception
    assert bars(page) == 3
    assert list(page.session_state["photos_read"].values()) == [kept]  # not read again
    page.run()
    assert bars(page) == 3  # the empty drop zone has taken nothing away
    upload(page, ("wall.png", blank()))
    assert metrics(page)["Pictures"] == "2"
    upload(page)
    assert bars(page) == 3
    keys = list(page.session_state["photos_uploads"])
    zone = page.file_uploader[0].key
    page.button(key="photos_discard").click().run()
    assert not page.exception
    assert not page.dataframe
    assert released == keys
    assert page.session_state["photos_read"] == {}
    assert page.session_state["photos_uploads"] == {}
    assert page.file_uploader[0].key != zone  # in the browser, another and so an empty one


@pytest.mark.usefixtures("models")
def test_the_caption_says_how_long_pictures_stay() -> None:
    assert "until you discard them" in words(photo_page())


@pytest.mark.usefixtures("models")
def test_whatever_can_be_read_from_a_folder_can_be_dropped() -> None:
    page = photo_page()
    assert page.file_uploader[0].allowed_type == list(SUFFIXES)
    upload(page, ("faces.jfif", uploads.example_png("three faces")))
    assert bars(page) == 3


def test_without_any_network_the_page_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path / "nothing"))
    page = upload(photo_page(), ("a.png", blank()))
    assert any("No network is here yet" in info.value for info in page.info)
    assert not page.metric


def test_a_broken_folder_is_named_and_the_others_serve(models: Path) -> None:
    (models / "tiny" / "model.onnx").write_bytes(b"not a graph")
    page = upload(photo_page(), ("a.png", uploads.example_png("three faces")))
    assert any("tiny" in warning.value for warning in page.warning)
    assert bars(page) == 3


def test_only_a_broken_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_tiny_folder(tmp_path, "alone")
    (folder / "card.json").write_text("{")
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    page = upload(photo_page(), ("a.png", blank()))
    assert page.warning
    assert not page.metric


@pytest.mark.parametrize("text", ["a*b_c`d`", "x: y (z) [w]", "ä 👩 plain"])
def test_literal_only_adds_backslashes(text: str) -> None:
    assert literal(text).replace("\\", "") == text
