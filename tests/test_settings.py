"""The settings: what the environment says at the moment of asking, and nobody else asks it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core import settings
from fer_core.settings import DATASET_FILE, MODELS, get_settings

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("MODELS", "DATASET", "CACHE", "STUDIES", "VIDEOS", "ICE_SERVERS", "TURN_SECRET")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"MIEN_{name}", raising=False)


@pytest.mark.parametrize("empty", [False, True])
def test_what_is_not_set_or_empty_has_its_usual_value(
    monkeypatch: pytest.MonkeyPatch, empty: bool
) -> None:
    if empty:
        for name in NAMES:
            monkeypatch.setenv(f"MIEN_{name}", "")
    found = get_settings()
    assert found.models == (MODELS,) == (ROOT / "models",)
    assert found.dataset == DATASET_FILE == ROOT / "data" / "fer2013.npz"
    assert found.cache.name == "mien"
    assert found.studies.name == "studies"
    assert found.videos is None
    assert "studies" not in found.model_fields_set
    assert found.ice_servers == found.turn_secret.get_secret_value() == ""


def test_they_are_read_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_MODELS", "/first")
    assert get_settings().models == (Path("/first"),)
    monkeypatch.setenv("MIEN_MODELS", os.pathsep.join(["/first", "~/second", ""]))
    assert get_settings().models == (Path("/first"), Path.home() / "second")
    monkeypatch.setenv("MIEN_MODELS", os.pathsep)
    assert get_settings().models == (MODELS,)
    monkeypatch.setenv("MIEN_CACHE", "~/cache")
    assert get_settings().cache == Path.home() / "cache"
    monkeypatch.setenv("MIEN_DATASET", "other.npz")
    assert get_settings().dataset == Path("other.npz")
    monkeypatch.setenv("MIEN_VIDEOS", "~/lab")
    assert get_settings().videos == Path.home() / "lab"


def test_without_a_checkout_models_are_where_the_command_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MODELS", tmp_path / "site-packages" / "models")
    monkeypatch.chdir(tmp_path)
    assert get_settings().models == (tmp_path / "models",)


def test_the_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_TURN_SECRET", "north")
    assert get_settings().turn_secret.get_secret_value() == "north"
    assert "north" not in repr(get_settings())


def _asked_of_environment(source: str) -> list[str]:
    """The names of variables that a source looks up; "?" where a name is no constant."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=name):
                found.append(name)
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[name, *_]):
                found.append(name)
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[name, *_]):
                found.append(name)
            case ast.Compare(left=name, comparators=[ast.Attribute(attr="environ")]):
                found.append(name)
    return [name.value if isinstance(name, ast.Constant) else "?" for name in found]


def test_nobody_else_asks_the_environment_but_for_other_programs_variables() -> None:
    files = {*(ROOT / "fer_core").rglob("*.py"), *(ROOT / "ui").rglob("*.py"), ROOT / "app.py"}
    asked = {
        (path.name, name) for path in files for name in _asked_of_environment(path.read_text())
    }
    others = {"STREAMLIT", "MALLOC", "ORT", "OPENCV"}
    assert {name.split("_")[0] for _, name in asked} <= others, asked


def test_what_asks_the_environment_is_recognised() -> None:
    source = "\n".join(
        [
            "os.environ['A']", "os.environ.get('B', 1)", "os.getenv('C')", "'D' in os.environ",
            "os.environ[NAME]", "{'E': '1'} | os.environ",
        ]
    )  # fmt: skip
    assert sorted(_asked_of_environment(source)) == ["?", "A", "B", "C", "D"]


def test_they_load_without_any_engine() -> None:
    code = "import sys, fer_core.settings; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "pydantic_settings" in loaded
    assert not loaded & {"numpy", "cv2", "onnx", "onnxruntime", "pandas", "scipy", "streamlit"}
