"""Finding models in one folder or several; what is wrong with one never hides the others."""

import shutil
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.zoo import (
    default_slug,
    find_folder,
    find_folders,
    list_slugs,
    models_root,
    models_roots,
    read_card,
    read_ledger,
    sound_folders,
)
from tests.tiny import write_tiny_folder


def test_a_broken_folder_does_not_hide_the_others(tiny_models: Path) -> None:
    (tiny_models / "tiny" / "model.onnx").write_bytes(b"cut off")
    cards, errors = sound_folders(tiny_models)
    assert [card.slug for card in cards] == ["tiny_b"]
    assert len(errors) == 1
    assert "tiny/model.onnx" in str(errors[0])


def test_no_folder_at_all(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nothing"):
        assert list_slugs(folder) == ()
        assert sound_folders(folder) == ([], [])
        assert read_ledger(folder) == []
        with pytest.raises(ModelError, match=r"MIEN_MODELS.*train compact"):
            default_slug(folder)
        with pytest.raises(ModelError, match=r"no such model.*expected a model folder"):
            find_folder("tiny", folder)
    with pytest.raises(ModelError, match="no card"):
        read_card(tmp_path)


def test_a_misspelt_model_is_told_the_ones_there_are(tiny_models: Path) -> None:
    with pytest.raises(ModelError, match=r"no such model.*tiny, tiny_b.*tinny"):
        read_card(tiny_models / "tinny")
    with pytest.raises(ModelError, match=r"no such model.*tiny, tiny_b.*tinny"):
        find_folder("tinny", tiny_models)


@pytest.mark.parametrize("name", ["../tiny", "/etc", "", ".", "tiny/../tiny", "Tiny", "a" * 300])
def test_a_name_leads_nowhere_else(tiny_models: Path, name: str) -> None:
    inner = tiny_models / "inner"
    inner.mkdir()
    with pytest.raises(ModelError, match="no such model"):
        find_folder(name, inner)


def test_a_folder_that_is_being_written_is_no_model(tiny_models: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_models / "tiny", tmp_path / "tiny")
    shutil.copytree(tiny_models / "tiny", tmp_path / ".tiny.0123abcd.tmp")
    assert list_slugs(tmp_path) == ("tiny",)


def test_a_folder_whose_replacement_was_interrupted_comes_back(tiny_models: Path) -> None:
    (tiny_models / "tiny").rename(tiny_models / ".tiny.old")
    assert find_folder("tiny", tiny_models) == tiny_models / "tiny"
    (tiny_models / "tiny").rename(tiny_models / ".tiny.old")
    assert list_slugs(tiny_models) == ("tiny", "tiny_b")
    assert sound_folders(tiny_models)[1] == []


def test_the_default_is_the_flagship_then_compact(tmp_path: Path) -> None:
    for slug in ("alpha", "compact"):
        write_tiny_folder(tmp_path, slug)
    assert default_slug(tmp_path) == "compact"
    write_tiny_folder(tmp_path, "flagship")
    assert default_slug(tmp_path) == "flagship"


@pytest.fixture
def two(tiny_models: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The shipped folder with `tiny` and `tiny_b`; another with `alpha` and a `tiny` of its own."""
    imported = tmp_path / "imported"
    write_tiny_folder(imported, "alpha", seed=2)
    write_tiny_folder(imported, "tiny", seed=3)
    return tiny_models, imported


def test_several_folders_are_read_and_the_first_wins(two: tuple[Path, Path]) -> None:
    shipped, imported = two
    folders, errors = find_folders(shipped, imported)
    assert list(folders) == ["alpha", "tiny", "tiny_b"]
    assert folders["tiny"] == find_folder("tiny", shipped, imported) == shipped / "tiny"
    assert folders["alpha"] == find_folder("alpha", shipped, imported) == imported / "alpha"
    (error,) = errors
    assert str(imported) in str(error)
    assert "not used" in str(error)
    assert "received tiny)" in str(error)
    assert find_folder("tiny", imported, shipped) == imported / "tiny"
    cards, errors = sound_folders(shipped, imported)
    assert [card.slug for card in cards] == ["alpha", "tiny", "tiny_b"]
    assert len(errors) == 1


def test_a_folder_without_card_does_not_hide_a_model(two: tuple[Path, Path]) -> None:
    shipped, imported = two
    (shipped / "alpha").mkdir()
    assert find_folder("alpha", shipped, imported) == imported / "alpha"
    (shipped / "gamma").mkdir()
    assert find_folder("gamma", shipped, imported) == shipped / "gamma"


def test_a_folder_of_models_that_is_not_there_is_said(two: tuple[Path, Path]) -> None:
    folders, errors = find_folders(two[0], two[0] / "misspelt")
    assert list(folders) == ["tiny", "tiny_b"]
    assert "misspelt: there is no such folder. Correct MIEN_MODELS." in str(errors[0])


def test_the_environment_names_them(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", f"{two[0]}:{two[1]}")
    assert models_roots() == two
    assert models_root() == two[0]
