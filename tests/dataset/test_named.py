"""The compact file of a named data set: found by name, refused where it is not whole."""

from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import (
    check_name,
    dataset_path,
    find_dataset,
    label_table,
    list_datasets,
    load_named,
    open_pictures,
    read_info,
)
from fer_core.errors import DatasetError
from fer_core.faces import WholeImage
from fer_core.pipeline.dataset_import import import_pictures
from tests.tiny import write_class_folders


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where data sets are, with one named `mine`."""
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "data" / "fer2013.npz"))
    source = write_class_folders(tmp_path / "faces")
    with open_pictures(source, label_table()) as found:
        data = import_pictures(found, source, "mine", label_table(), WholeImage)
    data.save(dataset_path("mine"))
    return tmp_path / "data"


def test_data_sets_are_found_by_name(here: Path) -> None:
    assert find_dataset("mine") == here / "mine.npz"
    assert find_dataset("yours") is None
    assert find_dataset() is None
    (here / "Odd name.npz").write_bytes(b"")
    (here / ".mine.npz.7.tmp").write_bytes(b"")
    assert list_datasets() == ("mine",)
    info, pictures = read_info("mine")
    assert (info.source, info.table, pictures) == ("faces", "words", 28)
    with pytest.raises(DatasetError, match=r"expected mine, received yours.*--name yours"):
        load_named("yours")


@pytest.mark.parametrize("name", ["fer2013", "", "My set", "../x", "9lives", "a" * 41])
def test_names_that_no_data_set_has(name: str) -> None:
    with pytest.raises(DatasetError, match="cannot have this name"):
        check_name(name)
    with pytest.raises(DatasetError, match="cannot have this name"):
        load_named(name)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": np.full(28, 7, np.uint8)},
        {"labels": np.zeros(27, np.uint8)},
        {"splits": np.full(28, 4, np.uint8)},
        {"offsets": np.zeros(29, np.int64)},
        {"faces": np.zeros((28, 47, 48), np.uint8)},
        {"info": np.frombuffer(b"{}", np.uint8)},
        {"paths": np.array([object()] * 28)},
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(
    here: Path, change: dict[str, np.ndarray]
) -> None:
    path = here / "mine.npz"
    with np.load(path) as file:
        arrays = dict(file) | change
    np.savez(path, **arrays)
    with pytest.raises(DatasetError, match=r"mine"):
        load_named("mine")


def test_a_file_keeps_its_name(here: Path) -> None:
    (here / "mine.npz").rename(here / "yours.npz")
    for read in (load_named, read_info):
        with pytest.raises(DatasetError, match=r"expected yours, received mine"):
            read("yours")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"<html>"])
def test_a_damaged_file_is_answered_in_a_sentence(here: Path, content: bytes) -> None:
    (here / "mine.npz").write_bytes(content)
    for read in (load_named, read_info):
        with pytest.raises(DatasetError, match=r"Import it again.*--name mine --force"):
            read("mine")
