"""One contract for every page: whatever lies where it reads, it is shown, with a sentence."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.cli.bad_files import CONTENTS, PLACES
from tests.damaged import GRAPHS, OTHERS, damage_beside, write_damaged_folders
from tests.tiny import tiny_dataset, write_tiny_folder
from ui.navigation import ENTRIES, PAGES_FOLDER

pytestmark = pytest.mark.slow

HOME = "Home"
PAGES = (HOME, *(entry.file for entry in ENTRIES))


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one sound network, and a data set beside it."""
    folder = tmp_path / "models"
    write_tiny_folder(folder, "tiny")
    tiny_dataset(tmp_path / "fer2013.npz")
    monkeypatch.setenv("MIEN_MODELS", str(folder))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    monkeypatch.setenv("MIEN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    return folder


def opened(name: str, **query: str) -> AppTest:
    file = PAGES_FOLDER.parent / "app.py" if name == HOME else PAGES_FOLDER / name
    page = AppTest.from_file(str(file), default_timeout=120)
    page.session_state["mien_detector"] = "haar"  # comes with OpenCV: no weights to fetch
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception, [element.value for element in page.exception]
    return page


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_may_be_wrong_with_a_network(name: str, models: Path) -> None:
    write_damaged_folders(models)
    opened(name)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("graph", GRAPHS)
def test_a_network_that_cannot_be_run(name: str, graph: str, models: Path) -> None:
    folder = write_tiny_folder(models, "broken", 1)
    GRAPHS[graph](folder)
    page = opened(name, model="broken", models="broken,tiny")
    page.session_state["mien_model"] = "broken"
    page.run()
    assert not page.exception


FOLDED = ("1_Live.py", "2_Photos.py", "3_Videos.py")
"""Pages whose pickers lie in a fold."""


@pytest.mark.parametrize("name", FOLDED)
@pytest.mark.parametrize("asked", [{"network": "gone"}, {"detector": "gone"}])
def test_a_name_that_is_not_here_is_said_in_sight(
    name: str, asked: dict[str, str], models: Path
) -> None:
    def fold(page: AppTest) -> Any:
        (found,) = (fold for fold in page.expander if "face detector" in fold.label)
        return found

    assert not fold(opened(name)).proto.expanded
    page = opened(name, **asked)
    for _ in range(2):  # also when the page runs again
        assert any("**gone**, which is not here" in told.value for told in fold(page).warning)
        assert fold(page).proto.expanded
        page.run()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("kind", [*OTHERS, "folder"])
def test_everything_that_may_lie_beside_the_networks(name: str, kind: str, models: Path) -> None:
    damage_beside(models, OTHERS.get(kind))
    opened(name)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "variable", ["MIEN_MODELS", "MIEN_DATASET", "MIEN_CACHE", "MIEN_STUDIES", "MIEN_RUNS"]
)
@pytest.mark.parametrize("kind", ["missing", "pipe", "endless device", "noise"])
def test_a_variable_that_names_something_else(
    name: str,
    variable: str,
    kind: str,
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv(variable, str((PLACES | CONTENTS)[kind](tmp_path / "other")))
    opened(name)
