"""Pictures of one's own on the Data page: labels seen and changed, imported, measured."""

import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import load_named
from fer_core.emotions import Emotion
from fer_core.evaluation.dataset_files import read_evaluation
from tests.pages.pressing import press
from tests.tiny import write_class_folders
from ui.data.own_sets import KEY, MEASURE

PAGE = Path(__file__).resolve().parents[2] / "pages" / "6_Data.py"


@pytest.fixture
def page(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "data" / "fer2013.npz"))
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.success, *page.warning, *page.error]
    return "\n".join(element.value for element in shown).replace("\\", "")


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Four pictures of each class, happy ones under a word of somebody's own."""
    root = write_class_folders(tmp_path / "pictures")
    (root / "happy").rename(root / "grinning")
    path = tmp_path / "My Faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for picture in sorted(root.rglob("*.png")):
            archive.write(picture, picture.relative_to(root))
    return path


def test_from_a_zip_to_figures(page: AppTest, packed: Path, tiny_models: Path) -> None:
    page.file_uploader(f"{KEY}_file").upload(packed.name, packed.read_bytes(), "").run()
    assert page.text_input(f"{KEY}_name").value == "my_faces"
    press(page, KEY, "look")
    mapping = page.session_state[f"{KEY}_found"][2]
    assert {use["word"]: use["label"] for use in mapping}["grinning"] is None
    row = [use["word"] for use in mapping].index("grinning")
    page.session_state[f"{KEY}_mapping"] = {
        "edited_rows": {row: {"class": "happy"}}, "added_rows": [], "deleted_rows": []
    }  # fmt: skip
    press(page, KEY, "go")
    assert "28 pictures were imported" in words(page)
    assert (load_named("my_faces").labels == Emotion.HAPPY).sum() == 4
    page.multiselect(f"{MEASURE}_slugs").set_value(["tiny"])
    press(page, MEASURE, "go")
    figures = read_evaluation(tiny_models / "tiny", "my_faces")
    assert figures is not None
    assert figures.n == 28
    assert page.dataframe[-1].value["Right"][0] == pytest.approx(100 * figures.accuracy)


def test_a_folder_of_this_machine_is_read_where_it_lies(page: AppTest, tmp_path: Path) -> None:
    root = write_class_folders(tmp_path / "by_name")
    page.text_input(f"{KEY}_folder").set_value(str(root)).run()
    press(page, KEY, "look")
    press(page, KEY, "go")
    assert len(load_named("by_name").labels) == 28
    assert page.button(f"{KEY}_go").label.startswith("Import it in place")
    assert root.exists()


@pytest.mark.parametrize(
    ("labels", "sentence"), [(("rocks", "trees"), "class"), (("happy",), "class")]
)
def test_pictures_that_make_no_data_set_have_their_sentence(
    page: AppTest, tmp_path: Path, labels: tuple[str, ...], sentence: str
) -> None:
    root = write_class_folders(tmp_path / "whole")
    (tmp_path / "part").mkdir()
    for new, old in zip(labels, ("happy", "sad"), strict=False):
        (root / old).rename(tmp_path / "part" / new)
    page.text_input(f"{KEY}_folder").set_value(str(tmp_path / "part")).run()
    press(page, KEY, "look")
    (error,) = page.error
    assert sentence in error.value


def test_a_folder_that_is_not_there_is_said(page: AppTest) -> None:
    page.text_input(f"{KEY}_folder").set_value("/no/such/place").run()
    assert "There is no /no/such/place here" in words(page)


def test_on_a_server_for_others_nothing_is_imported(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.data.own_sets.is_own_machine", lambda: False)
    page.run()
    assert "imported by whoever runs it" in words(page)
    assert not page.get("file_uploader")
