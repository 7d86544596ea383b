"""Fixtures shared by all tests."""

import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Before any test imports TensorFlow: in the other order the two bring different builds of the same
# C library into one process, and it crashes. The dashboard never has both.
import aiortc  # noqa: F401
import hypothesis
import pytest

from fer_core.dataset import Fer2013, find_dataset, load_dataset, read_csv
from fer_core.errors import DetectorError
from fer_core.faces import YUNET_FILE, cache_folder, yunet_weights
from tests.commands import Commands, commands
from tests.foreign import striped_faces
from tests.studies.written import write_planted_study
from tests.tiny import write_tiny_folder

# Hypothesis fails an example that takes over 0.2 s, which on a busy machine says nothing of ours.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _no_networks_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What whoever runs the tests has imported is none of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def run_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Runs commands in processes of their own that have nothing left to import."""
    with commands(tmp_path_factory.mktemp("told")) as run:
        yield run


@pytest.fixture
def networks_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports run somebody's network in this process, for tests of what is found out about it.

    A process for each network would import ONNX Runtime each time; that a network may end its
    process, and is stopped, is for tests without this.
    """
    probe = importlib.import_module("fer_core.zoo.imports.probe")

    def run(graph: Path) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.CompletedProcess([], 0, json.dumps(probe._run(graph).model_dump()))
        except Exception as error:
            return subprocess.CompletedProcess([], 1, "", f"{type(error).__name__}: {error}")

    monkeypatch.setattr(probe, "_in_its_own_process", run)


@pytest.fixture
def tiny_models(tmp_path: Path) -> Path:
    """A models folder with two sound tiny models, `tiny` and `tiny_b`."""
    models = tmp_path / "models"
    write_tiny_folder(models, "tiny", seed=0)
    write_tiny_folder(models, "tiny_b", seed=1)
    return models


@pytest.fixture(scope="session")
def yunet_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder with YuNet's weights, for the whole session.

    They come from ``../shared/models`` beside the repository, else from the user's cache, else they
    are fetched; where nothing of it works, tests are skipped, on CI they fail.
    """
    beside = Path(__file__).resolve().parents[2] / "shared" / "models" / YUNET_FILE
    with pytest.MonkeyPatch.context() as patch:
        if beside.is_file():
            folder = tmp_path_factory.mktemp("cache")
            shutil.copy(beside, folder)
            patch.setenv("MIEN_CACHE", str(folder))
        try:
            yunet_weights(download=True)
        except DetectorError as error:
            if os.environ.get("CI", "").lower() == "true":
                raise
            pytest.skip(str(error))
        yield cache_folder()


@pytest.fixture(scope="session")
def planted_studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of studies, to be copied: the drawn one, read as everything in it was planted.

    It is read by `tiny` and `tiny_b`, as `tiny_models` has them.
    """
    folder = tmp_path_factory.mktemp("planted")
    for seed, slug in enumerate(("tiny", "tiny_b")):
        write_tiny_folder(folder / "models", slug, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIEN_MODELS", str(folder / "models"))
        patch.setenv("MIEN_STUDIES", str(folder / "studies"))
        write_planted_study("drawn")
    return folder / "studies"


@pytest.fixture(scope="session")
def fer2013() -> Fer2013:
    """The real data set: ``FER2013_CSV`` where set, else data/fer2013.npz; skips without."""
    if path := os.environ.get("FER2013_CSV"):
        return read_csv(Path(path))
    if find_dataset() is None:
        pytest.skip("FER2013 is not imported: python -m fer_core data import FER2013.csv")
    return load_dataset()


@pytest.fixture(scope="session")
def striped(tmp_path_factory: pytest.TempPathFactory) -> Fer2013:
    """Drawn faces that the networks of `tests.foreign` can read, in place of FER2013."""
    return striped_faces(tmp_path_factory.mktemp("striped") / "fer2013.npz")
