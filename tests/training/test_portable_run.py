"""What another machine trained comes home whole: candidate, ensemble, teacher."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.faces import to_network_inputs, trained_input
from fer_core.runs.recipe import Recipe
from fer_core.training.artifacts import portable_run
from fer_core.training.artifacts.ensemble import write_ensemble
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.portable_run import collect, read_portable_run, write_portable_run
from fer_core.training.data.teacher import teacher_path, teacher_probabilities
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import TrainingJob
from fer_core.training.loop.learner import predict_logits
from fer_core.training.loop.options import TrainingOptions
from fer_core.training.loop.queue import run_queue
from fer_core.training.networks import get_architecture
from fer_core.zoo import read_card, softmax

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(epochs=1, batch_size=16, learning_rate=0.01, averaging=0.9)
N_TRAINING, N_TEST = 64, 24


@pytest.fixture(scope="module")
def data() -> Fer2013:
    rng = np.random.default_rng(0)
    n = N_TRAINING + 2 * N_TEST
    pixels = rng.integers(0, 256, (n, 48, 48), np.uint8)
    pixels[5] = 0  # blank: no network learns from it, but its row stays
    splits = np.repeat([0, 1, 2], [N_TRAINING, N_TEST, N_TEST]).astype(np.uint8)
    return Fer2013(pixels, np.arange(n, dtype=np.int64) % 7, splits)


def _trained(data: Fer2013, tmp_path: Path, seed: int = 0) -> tuple[Path, NDArray[np.float32]]:
    """A portable run, and the network's own logits on PublicTest."""
    job = TrainingJob(
        get_architecture("flip24"), RECIPE, seed, tmp_path / f"run{seed}",
        precision="float32", report=lambda line: None,
    )  # fmt: skip
    trained = train(job, data)
    path = write_portable_run(job, trained, data, tmp_path / "portable")
    faces = to_network_inputs(data.part(Split.PUBLIC_TEST)[0], trained_input(24, 1))
    return path, predict_logits(trained.model, faces)


def test_the_candidate_is_the_network_that_was_trained(data: Fer2013, tmp_path: Path) -> None:
    path, logits = _trained(data, tmp_path)
    found = read_portable_run(path, data)
    assert found.training_logits.shape == (N_TRAINING, 7)
    np.testing.assert_allclose(found.public_logits, logits, atol=0.01)
    folder = collect(path, data, tmp_path / "runs")
    assert folder == tmp_path / "runs" / "flip24" / CANDIDATE
    card = read_card(folder, slug="flip24")
    assert (card.epochs, card.seed, card.recipe["epochs"]) == (1, 0, 1)
    with np.load(folder / "predictions.npz") as file:
        np.testing.assert_allclose(softmax(file["public_logits"]), softmax(logits), atol=2e-3)


def test_an_ensemble_teaches(data: Fer2013, tmp_path: Path) -> None:
    members = [read_portable_run(_trained(data, tmp_path, seed)[0], data) for seed in (0, 1)]
    found = write_ensemble("pair", members, data, tmp_path)
    assert found.path == teacher_path(tmp_path, "pair")
    assert len(found.member_accuracies) == 2
    probabilities = teacher_probabilities(
        "pair", 1.0, data, models=tmp_path, kept=tmp_path / "kept", report=lambda line: None
    )
    mean = np.mean([softmax(member.training_logits) for member in members], axis=0)
    np.testing.assert_allclose(probabilities, np.delete(mean, 5, axis=0), atol=2e-3)
    other = Fer2013(data.pixels[::-1].copy(), data.labels, data.splits)
    with pytest.raises(TrainingError, match="another data set"):
        teacher_probabilities(
            "pair", 1.0, other, models=tmp_path, kept=tmp_path, report=lambda line: None
        )
    (tmp_path / "taken").mkdir()
    with pytest.raises(TrainingError, match="name"):
        write_ensemble("taken", members, data, tmp_path)


def test_damaged_and_foreign_files_are_refused(data: Fer2013, tmp_path: Path) -> None:
    path, _ = _trained(data, tmp_path)
    other = Fer2013(data.pixels[::-1].copy(), data.labels, data.splits)
    with pytest.raises(TrainingError, match="another data set"):
        read_portable_run(path, other)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(TrainingError, match="cannot be read"):
        collect(path, data, tmp_path)


Arrays = dict[str, NDArray[Any]]


def _made_up(data: Fer2013) -> Arrays:
    """A portable run of a network without weights: as far as it can be read."""
    settings = {
        "slug": "triple", "recipe": RECIPE.model_dump(mode="json"), "seed": 0,
        "dataset": data.fingerprint, "limit": None,
    }  # fmt: skip
    progress = {"settings": settings, "precision": "float32", "history": [], "best_epoch": 0}
    about = {"progress": progress, "processor": "a test"}
    return {
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        "training_logits": np.zeros((N_TRAINING, 7), np.float16),
        "public_logits": np.zeros((N_TEST, 7), np.float16),
    }


def _about(change: Callable[[Any], object]) -> Callable[[Arrays], object]:
    def edit(arrays: Arrays) -> None:
        about = json.loads(arrays["about"].tobytes())
        change(about)
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)

    return edit


def _settings(**changes: object) -> Callable[[Arrays], object]:
    return _about(lambda about: about["progress"]["settings"].update(changes))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda arrays: arrays.pop("about"), "no about"),
        (lambda arrays: arrays.update(about=np.frombuffer(b"[" * 9000, np.uint8)), "recursion"),
        (lambda arrays: arrays.update(about=np.frombuffer(b"[]", np.uint8)), "should be an object"),
        (lambda arrays: arrays.update(about=np.frombuffer(b"\xff", np.uint8)), "cannot be read"),
        (_about(lambda about: about.pop("progress")), "no progress"),
        (_about(lambda about: about.update(progress=[])), "cannot be read"),
        (_about(lambda about: about["progress"].update(history="x")), "history"),
        (_about(lambda about: about["progress"]["settings"].pop("slug")), "slug: Field required"),
        (_about(lambda about: about["progress"].update(settings=1)), "settings"),
        (_settings(seed="x"), "seed"),
        (_settings(recipe={"epochs": 1}), "recipe"),
        (_settings(dataset=None), "dataset"),
        (lambda arrays: arrays.update(public_logits=np.zeros((3, 7))), "answers to PublicTest"),
        (lambda arrays: arrays["training_logits"].fill(np.nan), "answers to Training"),
    ],
)
def test_whatever_a_portable_run_lacks_is_a_sentence(
    data: Fer2013, tmp_path: Path, change: Callable[[Arrays], object], words: str
) -> None:
    path = tmp_path / "a.npz"
    arrays = _made_up(data)
    np.savez(path, **arrays)
    assert read_portable_run(path, data).settings.slug == "triple"
    with pytest.raises(TrainingError, match="weights do not fit"):
        collect(path, data, tmp_path)
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(TrainingError, match=words):
        collect(path, data, tmp_path)


def test_a_portable_run_that_would_fill_the_memory_is_refused(
    data: Fer2013, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = _made_up(data) | {"weights/0000": np.zeros(1_000_000, np.float32)}
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    monkeypatch.setattr(portable_run, "LIMIT_BYTES", 1_000_000)
    with pytest.raises(TrainingError, match=r"4\.0 MB unpacked \(is too large"):
        read_portable_run(tmp_path / "a.npz", data)


def test_a_rehearsal_is_no_portable_run(data: Fer2013, tmp_path: Path) -> None:
    recipe = tmp_path / "short.json"
    recipe.write_text(RECIPE.model_dump_json())
    options = TrainingOptions(
        recipe=str(recipe), epochs=None, seed=0, resume=False, start=None, weights=None,
        precision="float32", smoke=True, budget_limited=False, runs=tmp_path / "runs",
        portable=tmp_path / "real",
    )  # fmt: skip
    assert run_queue(["triple"], options, data, report=lambda line: None) == []
    assert not (tmp_path / "real").exists()
    with pytest.raises(TrainingError, match="rehearsal"):
        read_portable_run(tmp_path / "runs" / "smoke_triple" / "triple--seed0.npz", data)


WITHOUT_TENSORFLOW = """
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("tensorflow", "tf2onnx"):
            raise ModuleNotFoundError(f"{name} is not on this machine")
sys.meta_path.insert(0, Missing())
from fer_core.cli import app
app(sys.argv[1:])
"""


@pytest.mark.slow
def test_jax_alone_trains_and_tensorflow_ships(data: Fer2013, tmp_path: Path) -> None:
    dataset = tmp_path / "fer2013.npz"
    data.save(dataset)
    recipe = tmp_path / "short.json"
    recipe.write_text(RECIPE.model_dump_json())
    arguments = [
        "train", "triple", "--precision", "float32", "--recipe", str(recipe),
        "--runs", str(tmp_path / "runs"), "--portable", str(tmp_path / "out"),
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *arguments],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "jax", "MIEN_DATASET": str(dataset)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (path,) = (tmp_path / "out").glob("*.npz")
    assert path.name == "triple--seed0.npz"
    folder = collect(path, data, tmp_path / "runs")
    public = json.loads((folder / "metrics.json").read_text())["public_test"]
    assert public["n"] == N_TEST
    assert read_card(folder, slug="triple").files
