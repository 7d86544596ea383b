"""A new detector, export format or external package is one new file, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.registry import Registry, file_names

ROOT = Path(__file__).resolve().parents[1]

DETECTOR = """
import numpy as np
from fer_core.faces.detection import Faces
from fer_core.faces.detectors import detector

class Blink:
    name = "blink"
    def detect(self, image):
        return Faces.none()

@detector(title="Blink", hint="finds none", rank=5)
def blink(*, photos, download):
    return Blink()
"""

FORMAT = """
from fer_core.training.export.formats import export_format

@export_format(title="Only the title", needs_weights=False)
def titled(folder, card, out):
    (out / "title.txt").write_text(card.title)
    return out / "title.txt"
"""

PACKAGE = """
import numpy as np
from fer_core.evaluation.external.packages import external_package

class Even:
    version = "7"
    def probabilities(self, faces):
        return np.full((len(faces), 7), 1 / 7)

@external_package(title="Even", source="a test", needs="Nothing.")
def even():
    return Even()
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project with three files more, and no line changed."""
    folder = tmp_path_factory.mktemp("copy")
    unwanted = shutil.ignore_patterns("__pycache__", "node_modules")
    for part in ("fer_core", "ui", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, text in (
        ("faces/detectors/blink.py", DETECTOR),
        ("training/export/formats/titled.py", FORMAT),
        ("evaluation/external/packages/even.py", PACKAGE),
    ):
        (folder / "fer_core" / name).write_text(text)
    return folder


def run(copy: Path, *arguments: object) -> str:
    """What a command of the copy prints."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=copy,
        env=os.environ | {"MIEN_MODELS": str(ROOT / "models"), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("predict", "blink"),
        ("video", "blink"),
        ("selftest", "blink"),
        ("bench", "blink"),
        ("bench", "even"),
        ("external", "even"),
        ("export", "titled"),
    ],
)
def test_help_lists_it(copy: Path, command: str, name: str) -> None:
    assert name in run(copy, "-m", "fer_core", command, "--help")


def test_the_command_line_takes_it(copy: Path, tmp_path: Path) -> None:
    said = run(copy, "-m", "fer_core", "export", "triple", "--format", "titled", "--out", tmp_path)
    assert "Only the title" in said
    assert (tmp_path / "title.txt").exists()
    picture = ROOT / "docs" / "photos.png"
    said = run(copy, "-m", "fer_core", "predict", picture, "--json", "--detector", "blink")
    assert json.loads(said)["faces"] == []


def test_the_picker_offers_it(copy: Path) -> None:
    script = "import json; from ui.widgets.pickers import DETECTORS; print(json.dumps(DETECTORS))"
    options = json.loads(run(copy, "-c", script))
    assert options["blink"] == "Blink · finds none"
    assert list(options) == ["yunet", "haar", "blink"]  # by rank, and none is not offered


def test_the_contract_tests_are_run_for_it(copy: Path) -> None:
    found = run(
        copy, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider",
        "tests/faces/detectors/test_contract.py",
        "tests/evaluation/external/test_packages.py",
        "tests/training/export/test_formats.py",
    )  # fmt: skip
    for test in (
        "test_the_portrait_has_one_face[blink]",
        "test_a_format_writes_the_network_with_its_card[titled]",
        "test_a_package_answers_in_probabilities_or_says_how_to_get_it[even]",
    ):
        assert test in found


def test_names_are_listed_without_an_import() -> None:
    script = (
        "import sys; from fer_core.registry import file_names\n"
        "print(file_names('fer_core.faces.detectors'))\n"
        "assert not {'cv2', 'fer_core.faces'} & set(sys.modules)"
    )
    assert "yunet" in run(ROOT, "-c", script)
    assert file_names("fer_core.training.export.formats") == (
        "archive", "hugging_face", "litert", "onnx", "saved_model", "tensorboard"
    )  # fmt: skip


def test_a_name_is_taken_once_and_an_unknown_one_is_answered_with_the_known() -> None:
    colours: Registry[int] = Registry("colour", "fer_core.serving", ModelError)
    colours.add("red", 1)
    colours.add("green", 2)
    assert colours.entries() == {"red": 1, "green": 2}
    assert colours["green"] == 2
    with pytest.raises(ModelError, match="one colour"):
        colours.add("red", 3)
    with pytest.raises(ModelError, match=r"unknown colour .*green, red"):
        colours["blue"]
