"""The wheel is built and used: everything is in it, and it reads faces with the base packages."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest
from PIL import Image

from fer_core import __version__
from fer_core.cli import EXTRAS
from fer_core.emotions import Emotion
from fer_core.synthetic.face import POSES, draw_face

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ``PYTHONPATH`` with the content of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    assert wheel.name == f"mien-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def sources(folder: Path) -> Iterator[str]:
    """All that belongs to a package on disk, but caches and what npm has installed."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and "node_modules" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_everything_of_the_checkout_is_in_it_and_nothing_else(installed: Path) -> None:
    packed = {path.relative_to(installed).as_posix() for path in installed.rglob("*.*")}
    packed = {name for name in packed if (installed / name).is_file() and ".dist-info" not in name}
    dashboard = {
        ".streamlit/config.toml",
        "app.py",
        *sources(ROOT / "ui"),
        *sources(ROOT / "pages"),
    }
    assert packed == {
        *sources(ROOT / "fer_core"),
        *(f"fer_core/dashboard/{name}" for name in dashboard),
    }


def test_its_metadata_is_what_a_stranger_needs(installed: Path) -> None:
    (info,) = installed.glob("*.dist-info")
    metadata = Parser().parsestr((info / "METADATA").read_text())
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(EXTRAS.values()) <= set(metadata.get_all("Provides-Extra", []))
    assert "Apache License" in (info / "licenses" / "LICENSE").read_text()
    assert "mien = fer_core.cli:main" in (info / "entry_points.txt").read_text()


def run(
    installed: Path, code: str, *arguments: object, elsewhere: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Python in another folder than the checkout, which finds only the wheel's content."""
    paths = [str(installed), variables.pop("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


# As in an environment that has the base packages only.
WITHOUT_EXTRAS = f"import sys; sys.modules.update(dict.fromkeys({[*EXTRAS, 'aiortc']}))\n"
COMMAND = f"{WITHOUT_EXTRAS}from fer_core.cli import main; main()"


def test_the_base_installation_reads_a_face(
    installed: Path, tiny_models: Path, tmp_path: Path
) -> None:
    Image.fromarray(draw_face(POSES[Emotion.HAPPY])).save(tmp_path / "face.png")
    done = run(
        installed, COMMAND, "predict", "face.png", "--detector", "haar", "--csv", "faces.csv",
        elsewhere=tmp_path, MIEN_MODELS=str(tiny_models),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "faces.csv").read_text().splitlines()) == 2


def test_the_network_that_completes_faces_comes_with_it(installed: Path, tmp_path: Path) -> None:
    code = (
        "import numpy as np; from fer_core.faces.restorer import completed; "
        "print(completed(np.zeros((48, 48), np.uint8)).shape)"
    )
    done = run(installed, WITHOUT_EXTRAS + code, elsewhere=tmp_path)
    assert done.stdout.strip() == "(48, 48)", done.stderr


@pytest.mark.parametrize(
    ("command", "extra"), [(["live"], "app"), (["train", "compact", "--smoke"], "train")]
)
def test_what_needs_more_says_what_to_install(
    installed: Path, tmp_path: Path, command: list[str], extra: str
) -> None:
    done = run(installed, COMMAND, *command, elsewhere=tmp_path)
    assert done.returncode == 1
    assert f'pip install "mien[{extra}]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_dashboard_runs_from_it(installed: Path, tiny_models: Path, tmp_path: Path) -> None:
    dashboard = installed / "fer_core" / "dashboard"
    code = """
import sys
from fer_core.serving.dashboard import dashboard_folder
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(str(dashboard_folder() / "app.py"), default_timeout=60).run()
assert not app.exception, app.exception
print(dashboard_folder(), app.title[0].value)
"""
    done = run(
        installed, code, elsewhere=tmp_path, PYTHONPATH=str(dashboard), MIEN_MODELS=str(tiny_models)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(dashboard))
