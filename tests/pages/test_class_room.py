"""The page Class room: twenty faces labelled blind, then everybody side by side."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from fer_core.dataset import FER2013, SPLITS, VOTES, Fer2013, Split, label_table, open_pictures
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.class_room import FACES, Answers, DrawnFaces, answers_csv, draw_faces
from fer_core.faces import WholeImage
from fer_core.pipeline.dataset_import import import_pictures
from tests.tiny import write_class_folders

PAGE = Path(__file__).resolve().parents[2] / "pages" / "9_Class_room.py"
SEED = 7


@pytest.fixture
def folder(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where data sets lie, none yet; two tiny networks are there."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    return tmp_path


@pytest.fixture
def drawn(folder: Path) -> DrawnFaces:
    """FER2013 in small, of whose voters half say the label and half "unknown"."""
    rng = np.random.default_rng(3)
    n = 70
    labels = np.arange(n) % 7
    names = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    votes = np.zeros((n, len(VOTES)), np.uint8)
    votes[np.arange(n), [VOTES.index(names[label]) for label in labels]] = 5
    votes[:, VOTES.index("unknown")] = 5
    public = np.full(n, SPLITS.index(Split.PUBLIC_TEST), np.uint8)
    pixels = rng.integers(0, 256, (n, 48, 48), np.uint8)
    data = Fer2013(pixels, labels.astype(np.int64), public, votes)
    data.save(folder / "fer2013.npz")
    return draw_faces(data, SEED)


def opened(**query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception, [element.value for element in page.exception]
    return page


def words(page: AppTest) -> str:
    shown = [
        *(*page.markdown, *page.caption, *page.info, *page.warning, *page.error),
        *(*page.header, *page.code),
    ]
    return "\n".join(element.value for element in shown).replace("\\", "")


def click(page: AppTest, key: str) -> None:
    page.button(f"class_room_{key}").click().run()
    assert not page.exception, [element.value for element in page.exception]


def label_all(page: AppTest, classes: NDArray[np.int64]) -> None:
    click(page, "start")
    for each in classes:
        click(page, Emotion(int(each)).label)


def test_from_the_first_face_to_the_sentence(drawn: DrawnFaces) -> None:
    mine = np.where(np.arange(FACES) < 13, drawn.labels, (drawn.labels + 1) % 7)
    page = opened(seed=str(SEED))
    label_all(page, mine)
    said = words(page)
    assert f"You agree with the label on 13 of {FACES} faces" in said
    assert "people on average on 50%" in said
    assert "Tiny tiny on " in said
    assert "Networks answer as FER2013’s labels name faces." in said
    table = page.dataframe[0].value
    assert table["You"].tolist() == [LABELS[each] for each in mine]
    assert table["Label"].tolist() == [LABELS[each] for each in drawn.labels]
    assert set(table["FER+ majority"]) == {"tie"}
    assert set(table[" for the label"]) == {"5 of 10"}


def test_what_is_shown_while_labelling_gives_no_label_away(drawn: DrawnFaces) -> None:
    page = opened(seed=str(SEED))
    click(page, "start")
    pictures = [image for shown in page.get("image") for image in shown.proto.imgs]
    assert [picture.alt for picture in pictures] == [f"Face 1 of {FACES}"]
    assert not page.dataframe
    assert not page.get("plotly_chart")
    assert [button.key for button in page.button] == [
        *(f"class_room_{label}" for label in LABELS),
        "class_room_undo",
    ]


def test_an_answer_can_be_taken_back(drawn: DrawnFaces) -> None:
    page = opened(seed=str(SEED))
    click(page, "start")
    assert page.button("class_room_undo").disabled
    click(page, "happy")
    assert "Face 2 of" in page.get("progress")[0].proto.text
    click(page, "undo")
    assert "Face 1 of" in page.get("progress")[0].proto.text
    for each in drawn.labels:
        click(page, Emotion(int(each)).label)
    assert f"on {FACES} of {FACES} faces" in words(page)
    click(page, "again")
    assert page.button("class_room_start")


def test_other_peoples_files_lie_beside(drawn: DrawnFaces) -> None:
    page = opened(seed=str(SEED))
    ada = answers_csv(drawn, Answers("Ada", drawn.labels), {})
    bo = answers_csv(drawn, Answers("", (drawn.labels + 1) % 7), {})
    other = ada.replace(f",{SEED},", ",8,")
    zone = page.file_uploader[0]
    for name, text in {"ada.csv": ada, "bo.csv": bo, "late.csv": other}.items():
        zone.upload(name, text.encode(), "text/csv")
    page.run()
    assert not page.exception
    said = words(page)
    assert f"2 people agree with the label on {FACES / 2:.1f} of {FACES}" in said.replace("*", "")
    assert "with each other on 0%" in said
    assert "late.csv" in said
    assert "seed 8" in said
    assert page.dataframe[0].value.columns[1:4].tolist() == ["Ada", "bo", "Label"]


def test_the_address_says_which_faces(drawn: DrawnFaces) -> None:
    page = opened(seed=str(SEED))
    assert page.number_input[0].value == SEED
    page.number_input[0].set_value(12).run()
    assert page.query_params["seed"] == "12"
    assert opened().query_params["seed"] == "0", "the address is what a class shares"
    assert "which is not here" in words(opened(seed="many"))
    assert "nobodys" in words(opened(dataset="nobodys"))


def test_without_a_data_set_it_says_what_brings_one(folder: Path) -> None:
    page = opened()
    assert "No data set is here yet" in words(page)
    assert "data import" in words(page)
    assert not page.button


def test_pictures_of_ones_own(folder: Path) -> None:
    source, table = write_class_folders(folder / "pictures"), label_table()
    with open_pictures(source, table) as found:
        import_pictures(found, source, "mine", table, WholeImage).save(folder / "mine.npz")
    page = opened(dataset="mine", seed="3")
    click(page, "start")
    for _ in range(FACES):
        click(page, "sad")
    said = words(page)
    assert f"of {FACES} faces; Tiny" in said, "nobody voted on these"
    assert "Networks answer as most people would name a face" in said
    assert "FER+ majority" not in page.dataframe[0].value


def test_a_damaged_data_set_is_a_sentence(folder: Path) -> None:
    (folder / "fer2013.npz").write_bytes(b"noise")
    page = opened()
    assert "cannot be read" in words(page)
    assert page.selectbox[0].value == FER2013
