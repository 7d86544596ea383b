"""Training can be stopped anywhere, resumes exactly, and ships nothing that is not sound."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from fer_core.dataset import Fer2013
from fer_core.errors import ModelError, StorageError, TrainingError
from fer_core.evaluation.summary import HISTORY_COLUMNS
from fer_core.runs.recipe import Recipe
from fer_core.training.artifacts.candidate import write_candidate
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.freeze import freeze
from fer_core.training.export.onnx_graph import load_weights
from fer_core.training.loop.checkpoint import load_checkpoint
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import Start, TrainingJob
from fer_core.training.loop.queue import run_queue
from fer_core.training.networks import build_network, get_architecture
from fer_core.training.networks.blocks import pooled_head
from fer_core.zoo import (
    HISTORY_FILE,
    WEIGHTS_FILE,
    check_folder,
    load_classifier,
    read_ledger,
    stored_weights_digest,
)
from tests.training.drawn import RECIPE, drawn_faces, job_of, options_of
from tests.unlucky import room_for

ROOT = Path(__file__).resolve().parents[2]


def test_resumed_training_is_the_uninterrupted_one(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    train(job_of(tmp_path, until=1), data)
    for path in tmp_path.iterdir():  # a crash while writing leaves a piece of the next one
        (tmp_path / "checkpoint-0002.npz").write_bytes(path.read_bytes()[:500])
    resumed = train(job_of(tmp_path), data, resume=True)
    once = load_checkpoint(finished, {})
    twice = load_checkpoint(tmp_path, {})
    assert once is not None
    assert twice is not None
    for group in ("weights", "optimizer", "best"):
        for one, two in zip(getattr(once, group), getattr(twice, group), strict=True):
            np.testing.assert_array_equal(one, two)
    timeless = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in checkpoint.progress.history]
        for checkpoint in (once, twice)
    ]
    assert timeless[0] == timeless[1]
    assert resumed.progress.epoch == 3


def _small(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """An architecture for any side."""
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(16, 3, strides=2)(x)))
    x = layers.ReLU()(layers.Conv2D(16, 3, strides=2)(x))
    return pooled_head(x, classes, 0.3)


def test_a_training_resumed_at_another_side_is_the_uninterrupted_one(
    tmp_path: Path, data: Fer2013
) -> None:
    arch = replace(get_architecture("nano"), build=_small)
    recipe = RECIPE.model_copy(update={"epochs": 2, "sides_px": (32, 48)})
    job = replace(job_of(tmp_path / "once"), arch=arch, recipe=recipe)
    train(job, data)
    train(replace(job, run=tmp_path / "twice", until=1), data)
    train(replace(job, run=tmp_path / "twice"), data, resume=True)
    once, twice = (load_checkpoint(tmp_path / run, {}) for run in ("once", "twice"))
    assert once is not None
    assert twice is not None
    for one, two in zip(once.weights, twice.weights, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_new_training_does_not_lose_to_an_older_one_in_its_folder(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    shutil.copytree(finished, tmp_path / "used")
    job = replace(job_of(tmp_path / "used", until=1), seed=1)
    train(job, data)
    checkpoint = load_checkpoint(tmp_path / "used", {"seed": 1})
    assert checkpoint is not None
    assert checkpoint.progress.epoch == 1


def test_damaged_checkpoints_alone_are_not_a_new_beginning(tmp_path: Path, data: Fer2013) -> None:
    (tmp_path / "checkpoint-0002.npz").write_bytes(b"PK half of it")
    with pytest.raises(TrainingError, match=r"no checkpoint can be read.*checkpoint-0002"):
        train(job_of(tmp_path), data, resume=True)


def test_other_settings_do_not_resume(data: Fer2013, finished: Path) -> None:
    job = TrainingJob(get_architecture("triple"), RECIPE, 1, finished, precision="float32")
    with pytest.raises(TrainingError, match="the same seed"):
        train(job, data, resume=True)


def test_a_resumed_training_may_end_earlier_and_says_so(tmp_path: Path, data: Fer2013) -> None:
    train(job_of(tmp_path, until=1), data)
    shorter = replace(job_of(tmp_path), recipe=RECIPE.model_copy(update={"epochs": 2}))
    with pytest.raises(TrainingError, match="the same recipe"):
        train(shorter, data, resume=True)
    shorter = replace(shorter, replan=True)
    trained = train(shorter, data, resume=True)
    assert [row["epoch"] for row in trained.progress.history] == [1, 2]
    assert trained.progress.history[-1]["learning_rate"] == 0, "it ends where the rate is nothing"
    assert trained.progress.replanned == [{"after_epoch": 1, "planned_epochs": 3}]
    card = json.loads((write_candidate(shorter, trained, data) / "card.json").read_text())
    assert card["recipe"]["replanned"] == trained.progress.replanned
    assert card["recipe"]["epochs"] == card["epochs"] == 2
    assert card["calibration"]["split"] == "PublicTest"
    assert card["calibration"]["one_view"]["temperature"] == card["temperature"]


def test_a_shortened_training_resumes_as_it_was_begun_or_longer(tmp_path: Path) -> None:
    recipe = tmp_path / "warm.json"
    recipe.write_text(RECIPE.model_copy(update={"warmup_epochs": 1.0}).model_dump_json())
    for resume, epochs in ((False, 3), (True, 3), (True, 4)):
        options = options_of(tmp_path, recipe=str(recipe), epochs=epochs, resume=resume)
        assert run_queue(["triple"], options, drawn_faces(), report=lambda line: None) == []
    checkpoint = load_checkpoint(tmp_path / "runs" / "triple--published", {})
    assert checkpoint is not None
    assert checkpoint.progress.epoch == 4
    assert checkpoint.progress.replanned == [{"after_epoch": 3, "planned_epochs": 3}]


def test_a_candidate_stays_until_the_next_one_is_finished(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    run = tmp_path / "triple"
    shutil.copytree(finished, run)
    before = {path.name: path.read_bytes() for path in (run / CANDIDATE).iterdir()}
    job = replace(job_of(run, until=1), seed=1)
    trained = train(job, data)
    largest = max(map(len, before.values()))
    with room_for(largest - 1), pytest.raises(StorageError, match="cannot be written"):
        write_candidate(job, trained, data)
    assert {path.name: path.read_bytes() for path in (run / CANDIDATE).iterdir()} == before
    assert sorted(path.name for path in run.iterdir()) == [CANDIDATE, "checkpoint-0001.npz"]
    assert write_candidate(job, trained, data) == run / CANDIDATE
    assert (run / CANDIDATE / "model.onnx").read_bytes() != before["model.onnx"]


def test_no_room_for_a_checkpoint_is_a_sentence_and_the_one_before_stays(tmp_path: Path) -> None:
    recipe = tmp_path / "short.json"
    recipe.write_text(RECIPE.model_dump_json())
    options = options_of(tmp_path, recipe=str(recipe), epochs=1, variant="short")
    assert run_queue(["triple"], options, drawn_faces(), report=lambda line: None) == []
    run = tmp_path / "runs" / "triple--short"
    (checkpoint,) = run.iterdir()
    said: list[str] = []
    longer = options_of(tmp_path, recipe=str(recipe), epochs=2, variant="short", resume=True)
    with room_for(checkpoint.stat().st_size // 2):
        assert run_queue(["triple"], longer, drawn_faces(), report=said.append) == ["triple"]
    assert "checkpoint-0002.npz: cannot be written" in said[-1]
    assert list(run.iterdir()) == [checkpoint]
    assert run_queue(["triple"], longer, drawn_faces(), report=said.append) == []
    assert "resumed after epoch 1" in "".join(said)


def test_it_learns_what_can_be_learned(data: Fer2013, tmp_path: Path) -> None:
    recipe = Recipe(epochs=12, batch_size=8, learning_rate=0.01, optimizer="adam")
    job = TrainingJob(
        get_architecture("double"), recipe, 0, tmp_path, precision="float32",
        report=lambda line: None,
    )  # fmt: skip
    assert train(job, data).progress.best_accuracy > 0.8


def test_going_on_from_a_folder_starts_with_its_weights(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    folder = freeze(finished, models, data)
    arch = get_architecture("triple")
    weights = load_weights(build_network(arch), folder / WEIGHTS_FILE)
    before = [dict.fromkeys(HISTORY_COLUMNS, 1.0)] * 3
    start = Start(list(weights), check_folder(folder), before)
    frozen = RECIPE.model_copy(update={"epochs": 1, "learning_rate": 1e-12, "averaging": 0.0})
    job = TrainingJob(
        arch, frozen, 0, tmp_path / "triple", start=start, precision="float32",
        report=lambda line: None,
    )  # fmt: skip
    trained = train(job, data)
    kernel = trained.model.get_layer(index=2).kernel
    np.testing.assert_allclose(np.asarray(kernel), weights[0], atol=1e-6)
    write_candidate(job, trained, data)
    assert check_candidate_epochs(tmp_path / "triple") == 3 + 1


def test_what_ships_can_be_the_mean_of_begin_and_end(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    folder = freeze(finished, models, data)
    arch = get_architecture("triple")
    begun = load_weights(build_network(arch), folder / WEIGHTS_FILE)
    start = Start(list(begun), check_folder(folder), [])
    recipe = RECIPE.model_copy(update={"epochs": 1, "averaging": 0.0})
    kernels = []
    for share in (0.0, 0.25):
        job = replace(
            job_of(tmp_path / f"run {share}"),
            recipe=recipe.model_copy(update={"start_share": share}),
            start=start,
        )
        kernels.append(np.asarray(train(job, data).model.get_layer(index=2).kernel))
    ended, mean = kernels
    assert np.abs(ended - begun[0]).max() > 1e-3
    np.testing.assert_allclose(mean, 0.25 * begun[0] + 0.75 * ended, atol=1e-6)


def test_training_goes_on_from_a_candidate_before_any_look(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    recipe = tmp_path / "short.json"
    recipe.write_text(RECIPE.model_dump_json())
    options = options_of(
        tmp_path, start=finished / CANDIDATE, recipe=str(recipe), epochs=1, variant=None
    )
    assert run_queue(["triple"], options, data, report=lambda line: None) == []
    assert check_candidate_epochs(tmp_path / "runs" / "triple") == 3 + 1
    assert read_ledger(tmp_path) == []


def check_candidate_epochs(run: Path) -> int:
    return int(json.loads((run / CANDIDATE / "card.json").read_text())["epochs"])


def test_freezing_measures_once_and_enters_the_look(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    folder = freeze(finished, models, data)
    card = check_folder(folder)
    (look,) = read_ledger(models)
    assert look.slug == "triple"
    assert look.weights_sha256 == stored_weights_digest(folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["n"] == 24
    assert look.private_accuracy == pytest.approx(metrics["accuracy"], abs=1e-6)
    with np.load(folder / "predictions.npz") as file:
        assert {name: file[name].shape for name in file.files} == dict.fromkeys(
            ("public_logits", "public_logits_flip", "private_logits", "private_logits_flip"),
            (24, 7),
        )
        private = file["private_logits"]
    faces = data.pixels[72:, :, :, None]
    np.testing.assert_allclose(load_classifier(folder).logits(faces), private, atol=1e-5)
    with (folder / HISTORY_FILE).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    # Training and validation are measured each on its own data, and are not the same curve.
    assert [row["loss"] for row in rows] != [row["val_loss"] for row in rows]
    assert card.temperature > 0
    assert not list(models.glob(".*"))
    freeze(finished, models, data)
    assert len(read_ledger(models)) == 1  # the same weights again are no new look


def test_a_worse_network_does_not_replace_a_better_one(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    folder = freeze(finished, models, data)
    stated = json.loads((folder / "metrics.json").read_text())
    stated["public_test"]["accuracy"] = 0.99
    (folder / "metrics.json").write_text(json.dumps(stated))
    with pytest.raises(TrainingError, match="shipped network is better"):
        freeze(finished, models, data)
    assert len(read_ledger(models)) == 1


def test_a_damaged_candidate_is_not_frozen(tmp_path: Path, data: Fer2013, finished: Path) -> None:
    run = tmp_path / "triple"
    shutil.copytree(finished, run)
    with (run / CANDIDATE / "model.onnx").open("r+b") as stream:
        stream.seek(2000)
        stream.write(b"\xff\xff\xff")
    with pytest.raises(ModelError, match="damaged"):
        freeze(run, tmp_path, data)
    with pytest.raises(TrainingError, match="nothing to freeze"):
        freeze(tmp_path / "deep", tmp_path, data)
    assert read_ledger(tmp_path) == []


@pytest.mark.slow
def test_training_killed_in_the_middle_goes_on(tmp_path: Path) -> None:
    drawn_faces(840).save(tmp_path / "fer2013.npz")
    environment = os.environ | {
        "MIEN_DATASET": str(tmp_path / "fer2013.npz"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [
        sys.executable, "-m", "fer_core", "train", "triple", "--epochs", "6",
        "--precision", "float32", "--runs", str(tmp_path / "runs"), "--resume",
    ]  # fmt: skip
    run = tmp_path / "runs" / "triple"
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + 120
        while not list(run.glob("checkpoint-*.npz")):
            assert child.poll() is None, "training ended before its first checkpoint"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=True
    )
    assert "resumed after epoch" in done.stdout
    assert check_candidate_epochs(run) == 6
