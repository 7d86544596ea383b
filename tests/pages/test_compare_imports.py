"""A network is dropped on the Compare page, looked into, added, and removed again."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import Fer2013
from fer_core.zoo import imports_root, read_card
from tests.foreign import stripe_network, write_network
from tests.pages.pressing import press
from ui.compare.imports import KEY

PAGE = Path(__file__).resolve().parents[2] / "pages" / "4_Compare_models.py"


@pytest.fixture
def page(
    tiny_models: Path, tmp_path: Path, striped: Fer2013, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    data = tmp_path / "data" / "fer2013.npz"
    data.parent.mkdir()
    striped.save(data)
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(data))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    return page


def drop(page: AppTest, path: Path) -> None:
    page.file_uploader(f"{KEY}_file").upload(path.name, path.read_bytes(), "").run()
    assert not page.exception


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.success, *page.warning, *page.error]
    return "\n".join(element.value for element in shown)


def test_a_dropped_network_gets_its_row(page: AppTest, tmp_path: Path) -> None:
    drop(page, write_network(tmp_path / "Their Best-Net.onnx", stripe_network(channels=1)))
    assert page.text_input(f"{KEY}_slug").value == "their_best_net"
    assert page.button(f"{KEY}_go").disabled
    press(page, KEY, "look")
    found = page.dataframe[-1].value
    assert found.set_index("what")["value"]["range"] == "0..1"
    assert not imports_root().exists()
    page.text_input(f"{KEY}_licence").set_value("MIT")
    press(page, KEY, "go")
    assert "was added" in words(page)
    card = read_card(imports_root() / "their_best_net")
    assert card.licence.weights == "MIT"
    rows = list(page.dataframe[0].value["model"])
    assert "Their best net · imported" in rows
    page.button(f"{KEY}_remove_their_best_net").click().run()
    assert not page.exception
    assert len(page.dataframe[0].value) == len(rows) - 1


def test_what_is_no_network_has_its_sentence(page: AppTest, tmp_path: Path) -> None:
    path = tmp_path / "page.onnx"
    path.write_text("<!doctype html>")
    drop(page, path)
    press(page, KEY, "look")
    assert "this is no network" in words(page).replace("\\", "")
    assert page.button(f"{KEY}_go").disabled


def test_doubts_are_shown_before_it_is_added(page: AppTest, tmp_path: Path) -> None:
    drop(page, write_network(tmp_path / "theirs.onnx", stripe_network(channels=1)))
    page.text_input(f"{KEY}_labels").set_value("sad,happy,fear,neutral,angry,surprise,disgust")
    page.text_input(f"{KEY}_range").set_value("0..1")
    press(page, KEY, "look")
    assert "With the labels named" in words(page).replace("\\", "")
    assert page.button(f"{KEY}_go").label == "Add it anyway"


def test_a_name_that_cannot_be_one_is_said(page: AppTest, tmp_path: Path) -> None:
    drop(page, write_network(tmp_path / "theirs.onnx", stripe_network(channels=1)))
    page.text_input(f"{KEY}_slug").set_value("../up").run()
    assert "lower-case letters" in words(page)
    assert page.button(f"{KEY}_look").disabled


def test_on_a_server_for_others_nothing_is_added(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.compare.imports.is_own_machine", lambda: False)
    page.run()
    assert "added by whoever runs it" in words(page)
    assert not page.get("file_uploader")
