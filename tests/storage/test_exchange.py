"""A folder that is replaced is never gone, wherever the one who replaces it is killed."""

import sys
from pathlib import Path

import pytest

from fer_core.storage import exchange as swapping
from fer_core.storage.exchange import exchange, put_folder, restore_folder, restore_folders
from tests.unlucky import killed_at_every_step


def fill(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("card.json", "model.onnx"):
        (folder / name).write_text(text)
    return folder


def content(folder: Path) -> set[str]:
    """One word where the folder is whole and of one piece."""
    return {(folder / name).read_text() for name in ("card.json", "model.onnx")}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems swap by way of another name")
def test_two_folders_change_places(tmp_path: Path) -> None:
    first, second = fill(tmp_path / "a", "first"), fill(tmp_path / "b", "second")
    assert exchange(first, second)
    assert (content(first), content(second)) == ({"second"}, {"first"})
    with pytest.raises(OSError, match="nothing"):
        exchange(first, tmp_path / "nothing")


@pytest.fixture(params=["in one step", "by way of another name"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Source that has folders swapped in one step, or as where the system cannot."""
    if request.param == "in one step":
        return ""
    monkeypatch.setattr(swapping, "exchange", lambda first, second: False)
    return "from fer_core.storage import exchange; exchange.exchange = lambda a, b: False"


def test_a_folder_takes_anothers_place(tmp_path: Path, way: str) -> None:
    target = tmp_path / "model"
    put_folder(fill(tmp_path / "one", "old"), target)
    assert content(target) == {"old"}
    put_folder(fill(tmp_path / "two", "new"), target)
    assert content(target) == {"new"}
    assert content(tmp_path / "two") == {"old"}
    assert names(tmp_path) == ["model", "two"]


IMPORTS = """
import sys
from pathlib import Path
from fer_core.storage.atomic import new_folder
"""

WRITE = """
with new_folder(Path(sys.argv[3])) as place:
    for name in ("card.json", "model.onnx"):
        (place / name).write_text("new")
"""


def test_a_killed_writer_leaves_the_old_folder_or_the_new_one(tmp_path: Path, way: str) -> None:
    target = fill(tmp_path / "model", "old")
    seen: list[str] = []
    for _ in killed_at_every_step(f"{IMPORTS}\n{way}", WRITE, target):
        restore_folders(tmp_path)  # what every command does that lists or opens models
        (word,) = content(target)
        seen.append(word)
    assert seen[0] == "old"
    assert seen == sorted(seen, reverse=True), "once new it stays new"
    assert content(target) == {"new"}
    assert names(tmp_path) == ["model"]


def test_killed_again_and_again_nothing_is_lost(tmp_path: Path, way: str) -> None:
    target = fill(tmp_path / "model", "old")
    for _ in killed_at_every_step(f"{IMPORTS}\n{way}", WRITE, target):
        whole = [
            folder
            for folder in tmp_path.iterdir()
            if all((folder / name).exists() for name in ("card.json", "model.onnx"))
        ]
        assert whole, "the shipped weights are somewhere, though nobody has restored them yet"
    assert content(target) == {"new"}
    assert names(tmp_path) == ["model"]


def test_restoring_never_touches_a_folder_that_is_there(tmp_path: Path) -> None:
    target = fill(tmp_path / "model", "new")
    fill(tmp_path / ".model.old", "old")
    restore_folder(target)
    assert content(target) == {"new"}
    fill(tmp_path / ".gone.old", "kept")
    restore_folders(tmp_path)
    assert content(tmp_path / "gone") == {"kept"}
    assert content(target) == {"new"}
    restore_folders(tmp_path / "nowhere")
