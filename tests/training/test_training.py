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
from numpy.typing import NDArray

from fer_core.dataset import FERPLUS, VOTES, Fer2013, Split
from fer_core.emotions import Emotion
from fer_core.errors import ContractError, ModelError, StorageError, TrainingError
from fer_core.evaluation.summary import HISTORY_COLUMNS
from fer_core.evaluation.variants import VARIANTS_FILE, read_variants
from fer_core.faces import InputSpec, Restoration, to_network_inputs
from fer_core.runs.recipe import RECIPES, Augmentation, Recipe, load_recipe
from fer_core.training.artifacts.candidate import write_candidate
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.freeze import checked_candidate, freeze
from fer_core.training.data.augmentation import augment, mix, spoil
from fer_core.training.data.batches import EpochBatches
from fer_core.training.data.teacher import teacher_probabilities, teacher_reader
from fer_core.training.export.onnx_graph import load_weights
from fer_core.training.loop.checkpoint import load_checkpoint
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import Start, TrainingJob
from fer_core.training.loop.options import TrainingOptions
from fer_core.training.loop.queue import run_queue
from fer_core.training.networks import build_network, get_architecture
from fer_core.training.networks.blocks import pooled_head
from fer_core.zoo import (
    CARD_FILE,
    HISTORY_FILE,
    MODELS,
    WEIGHTS_FILE,
    check_folder,
    load_classifier,
    read_ledger,
    softmax,
    stored_weights_digest,
)
from tests.unlucky import room_for

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(
    epochs=3,
    batch_size=16,
    learning_rate=0.02,
    l2=1e-4,
    label_smoothing=0.1,
    averaging=0.9,
    augmentation=Augmentation(flip=True, rotation_degrees=10, shift=0.1, brightness=0.1),
)


def drawn_faces(n: int = 96) -> Fer2013:
    """Drawn faces: a bar whose height is the class, so that there is something to learn."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    pixels = rng.integers(0, 60, (n, 48, 48), np.uint8)
    for row, label in enumerate(labels):
        pixels[row, 4 + 6 * label : 8 + 6 * label, 6:42] = 220
    splits = np.repeat([0, 1, 2], [n // 2, n // 4, n // 4]).astype(np.uint8)
    return Fer2013(pixels, labels.astype(np.int64), splits)


@pytest.fixture(scope="module")
def data() -> Fer2013:
    return drawn_faces()


def _job(run: Path, **changes: object) -> TrainingJob:
    settings = {"precision": "float32", "report": lambda line: None} | changes
    return TrainingJob(get_architecture("triple"), RECIPE, 0, run, **settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, data: Fer2013) -> Path:
    """A run of three epochs with its candidate."""
    run = tmp_path_factory.mktemp("runs") / "triple"
    job = _job(run)
    write_candidate(job, train(job, data), data)
    return run


def test_resumed_training_is_the_uninterrupted_one(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    train(_job(tmp_path, until=1), data)
    for path in tmp_path.iterdir():  # a crash while writing leaves a piece of the next one
        (tmp_path / "checkpoint-0002.npz").write_bytes(path.read_bytes()[:500])
    resumed = train(_job(tmp_path), data, resume=True)
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
    job = replace(_job(tmp_path / "once"), arch=arch, recipe=recipe)
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
    job = replace(_job(tmp_path / "used", until=1), seed=1)
    train(job, data)
    checkpoint = load_checkpoint(tmp_path / "used", {"seed": 1})
    assert checkpoint is not None
    assert checkpoint.progress.epoch == 1


def test_damaged_checkpoints_alone_are_not_a_new_beginning(tmp_path: Path, data: Fer2013) -> None:
    (tmp_path / "checkpoint-0002.npz").write_bytes(b"PK half of it")
    with pytest.raises(TrainingError, match=r"no checkpoint can be read.*checkpoint-0002"):
        train(_job(tmp_path), data, resume=True)


def test_other_settings_do_not_resume(data: Fer2013, finished: Path) -> None:
    job = TrainingJob(get_architecture("triple"), RECIPE, 1, finished, precision="float32")
    with pytest.raises(TrainingError, match="the same seed"):
        train(job, data, resume=True)


def test_a_resumed_training_may_end_earlier_and_says_so(tmp_path: Path, data: Fer2013) -> None:
    train(_job(tmp_path, until=1), data)
    shorter = replace(_job(tmp_path), recipe=RECIPE.model_copy(update={"epochs": 2}))
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
        options = _options(tmp_path, recipe=str(recipe), epochs=epochs, resume=resume)
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
    job = replace(_job(run, until=1), seed=1)
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
    options = _options(tmp_path, recipe=str(recipe), epochs=1, variant="short")
    assert run_queue(["triple"], options, drawn_faces(), report=lambda line: None) == []
    run = tmp_path / "runs" / "triple--short"
    (checkpoint,) = run.iterdir()
    said: list[str] = []
    longer = _options(tmp_path, recipe=str(recipe), epochs=2, variant="short", resume=True)
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
            _job(tmp_path / f"run {share}"),
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
    options = _options(
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


def _options(tmp_path: Path, **changes: object) -> TrainingOptions:
    settings = {
        "recipe": "published_triple", "epochs": 2, "seed": 0, "resume": False, "start": None,
        "weights": None, "precision": "float32", "smoke": False, "budget_limited": False,
        "runs": tmp_path / "runs", "variant": "published", "models": tmp_path,
    }  # fmt: skip
    return TrainingOptions(**(settings | changes))  # type: ignore[arg-type]


def test_a_variant_leaves_a_row_and_no_look_at_privatetest(tmp_path: Path) -> None:
    data = drawn_faces(320)  # PrivateTest that cannot be read without being noticed
    blind = Fer2013(data.pixels[:240], data.labels[:240], data.splits[:240])
    said: list[str] = []
    assert run_queue(["triple"], _options(tmp_path), blind, report=said.append) == []
    (row,) = read_variants(tmp_path)
    assert (row.slug, row.variant, row.recipe) == ("triple", "published", "published_triple")
    assert (row.epochs, row.public_n, row.seed) == (2, 80, 0)
    assert row.public_accuracy_low <= row.public_accuracy <= row.public_accuracy_high
    assert row.settings["optimizer"] == "adam"
    assert "entered in" in said[-1]
    run = tmp_path / "runs" / "triple--published"
    assert not (run / CANDIDATE).exists()
    assert read_ledger(tmp_path) == []
    # Going on after an interruption gives the same row, but for the clock.
    assert run_queue(["triple"], _options(tmp_path, resume=True), blind, report=said.append) == []
    assert read_variants(tmp_path) == [row]


def test_a_rehearsed_variant_stands_apart(tmp_path: Path, data: Fer2013) -> None:
    options = _options(tmp_path, smoke=True, recipe="plain_small_sampler", variant="sampler")
    small = drawn_faces(160)
    assert run_queue(["triple"], options, small, report=lambda line: None) == []
    assert not (tmp_path / VARIANTS_FILE).exists()
    (row,) = read_variants(tmp_path / "runs" / "smoke_triple--sampler")
    assert row.settings["balance"] == "sampler"


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"variant": "../up"}, "called"), ({"start": Path("models/triple")}, "begins anew")],
)
def test_a_variant_that_cannot_be_is_refused_at_once(
    tmp_path: Path, data: Fer2013, changes: dict[str, object], word: str
) -> None:
    with pytest.raises(TrainingError, match=word):
        run_queue(["triple"], _options(tmp_path, **changes), data, report=lambda line: None)


@pytest.mark.parametrize(
    ("base", "name", "setting"),
    [
        ("plain_small", "sampler", {"balance": "sampler"}),
        ("plain_small", "weights", {"balance": "weights"}),
        ("bn_tiny", "upscaled", {"side_px": 96}),
    ],
)
def test_an_ablation_changes_one_setting(base: str, name: str, setting: dict[str, object]) -> None:
    usual, changed = load_recipe(base), load_recipe(f"{base}_{name}")
    assert changed == usual.model_copy(update=setting | {"source": changed.source})


def test_each_ablation_of_nano_changes_one_setting() -> None:
    usual = load_recipe("ablations/none").model_dump()
    names = {path.stem for path in (RECIPES / "ablations").glob("*.json")} - {"none"}
    changed = {
        name: {
            setting
            for setting, value in load_recipe(f"ablations/{name}").model_dump().items()
            if value != usual[setting] and setting != "source"
        }
        for name in names
    }
    assert changed.pop("votes") == {"teacher", "teacher_share"}
    assert changed.pop("taught") == {"teacher", "teacher_share"}
    assert changed
    assert all(len(settings) == 1 for settings in changed.values()), changed


def test_only_a_variant_has_another_input_than_its_architecture(tmp_path: Path) -> None:
    small = drawn_faces(160)
    options = _options(tmp_path, smoke=True, recipe="bn_tiny_upscaled", variant="upscaled")
    assert run_queue(["triple"], options, small, report=lambda line: None) == []
    run = tmp_path / "runs" / "smoke_triple--upscaled"
    (row,) = read_variants(run)
    assert row.settings["side_px"] == 96
    checkpoint = load_checkpoint(run, {})
    assert checkpoint
    shapes = {tensor.shape for tensor in checkpoint.weights}
    assert (12 * 12 * 10, 32) in shapes, "the dense layer of faces at 96 px"
    said: list[str] = []
    shipping = _options(tmp_path, smoke=True, recipe="bn_tiny_upscaled", variant=None)
    assert run_queue(["triple"], shipping, small, report=said.append) == ["triple"]
    assert "another network" in said[-1]


@pytest.mark.parametrize(
    ("slug", "setting"),
    [("flip48", {"standardise": False}), ("nano", {"network": {"excite": True, "width": 1.5}})],
)
def test_only_a_variant_is_another_network(
    tmp_path: Path, data: Fer2013, slug: str, setting: dict[str, object]
) -> None:
    recipe = tmp_path / "other.json"
    recipe.write_text(RECIPE.model_copy(update={"epochs": 1, **setting}).model_dump_json())
    options = _options(tmp_path, smoke=True, recipe=str(recipe), variant="other")
    assert run_queue([slug], options, data, report=lambda line: None) == []
    checkpoint = load_checkpoint(tmp_path / "runs" / f"smoke_{slug}--other", {})
    assert checkpoint
    shapes = {tensor.shape for tensor in checkpoint.weights}
    assert ((3, 3, 36, 48) in shapes) == ((1, 1, 48, 6) in shapes) == (slug == "nano")
    said: list[str] = []
    options = _options(tmp_path, smoke=True, recipe=str(recipe), variant=None)
    assert run_queue([slug], options, data, report=said.append) == [slug]
    assert "another network" in said[-1]


def test_the_published_flip48_does_not_standardise_its_faces() -> None:
    arch = get_architecture("flip48")
    assert arch.standardise
    published = replace(arch, standardise=load_recipe("published_flip48").standardise)
    dim, bright = np.full((2, 1, 48, 48, 1), 40, np.float32)
    bright += 100
    for network, same in ((arch, True), (published, False)):
        model = build_network(network)
        assert np.allclose(model(dim), model(bright), atol=1e-4) == same


def test_a_choice_that_an_architecture_does_not_have_is_refused(
    tmp_path: Path, data: Fer2013
) -> None:
    recipe = tmp_path / "other.json"
    recipe.write_text(RECIPE.model_copy(update={"network": {"depth": 2.0}}).model_dump_json())
    said: list[str] = []
    options = _options(tmp_path, smoke=True, recipe=str(recipe), variant="deeper")
    assert run_queue(["nano"], options, data, report=said.append) == ["nano"]
    assert "no such choice" in said[-1]
    assert "width, excite" in said[-1]


@pytest.mark.parametrize("slug", ["flip24", "flip48", "shallow_readme", "triple"])
def test_published_recipes_say_what_is_known_and_what_is_assumed(slug: str) -> None:
    recipe = load_recipe(f"published_{slug}")
    assert "Known:" in recipe.source
    assert "Assumed:" in recipe.source
    assert recipe.schedule == "constant"
    assert recipe.averaging == recipe.label_smoothing == recipe.l2 == 0


def test_batches_follow_from_seed_and_epoch_alone(data: Fer2013) -> None:
    pixels, labels = data.pixels, data.labels
    spec = check_spec()
    first = EpochBatches(pixels, labels, RECIPE, spec, seed=1, epoch=2)[1]
    again = EpochBatches(pixels, labels, RECIPE, spec, seed=1, epoch=2)[1]
    other = EpochBatches(pixels, labels, RECIPE, spec, seed=1, epoch=3)[1]
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape == (16, 48, 48, 1)
    assert first[0].max() > 1.5  # 0-255: scaling is in the graph, once


def check_spec():  # type: ignore[no-untyped-def]
    from fer_core.faces import InputSpec

    return InputSpec(48, 1, 0.0)


@pytest.mark.parametrize("balance", ["sampler", "weights"])
def test_balance_evens_out_the_classes(balance: str) -> None:
    labels = np.repeat([0, 3], [20, 180])
    pixels = np.zeros((200, 48, 48), np.uint8)
    recipe = RECIPE.model_copy(update={"balance": balance, "batch_size": 100})
    batches = EpochBatches(pixels, labels, recipe, check_spec(), seed=0, epoch=0)
    share = np.zeros(7)
    for batch in (batches[0], batches[1]):
        weight = batch[2] if balance == "weights" else np.ones(100)
        share += (batch[1] * weight[:, None]).sum(axis=0)
    assert share[0] / share.sum() == pytest.approx(0.5, abs=0.12)


def test_no_augmentation_changes_nothing() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8)
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(augment(faces, Augmentation(), rng), faces)


def test_flip_mirrors_about_the_middle() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (40, 48, 48), np.uint8)
    out = augment(faces, Augmentation(flip=True), np.random.default_rng(1))
    mirrored = [np.array_equal(a, b[:, ::-1]) for a, b in zip(out, faces, strict=True)]
    same = [np.array_equal(a, b) for a, b in zip(out, faces, strict=True)]
    assert all(m != s for m, s in zip(mirrored, same, strict=True))
    assert 5 < sum(mirrored) < 35


def test_degraded_faces_are_a_share_and_stay_recognisable() -> None:
    rows = np.linspace(0, 255, 48)
    faces = np.repeat(np.add.outer(rows, rows)[None] / 2, 400, axis=0).astype(np.uint8)
    out = spoil(faces, Augmentation(degraded=0.5), np.random.default_rng(0))
    changed = np.array([not np.array_equal(a, b) for a, b in zip(out, faces, strict=True)])
    assert 160 < changed.sum() < 240
    # Nearly always bright stays brighter than dark, however dark, noisy or blurred.
    ordered = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(out, faces, strict=True)]
    assert np.quantile(ordered, 0.02) > 0.5
    np.testing.assert_array_equal(out[~changed], faces[~changed])
    again = spoil(faces, Augmentation(degraded=0.5), np.random.default_rng(0))
    np.testing.assert_array_equal(out, again)


def test_faces_are_degraded_as_far_as_robustness_goes() -> None:
    faces = np.full((3000, 48, 48), 200, np.uint8)
    out = spoil(faces, Augmentation(degraded=1.0), np.random.default_rng(0))
    light = out.mean(axis=(1, 2)) / 200
    assert 0.08 <= light.min() < 0.1
    spread = out.std(axis=(1, 2))
    assert 30 < spread.max() < 45


def test_a_teacher_that_reads_each_batch_sees_clear_faces() -> None:
    drawn = drawn_faces(400)
    pixels, labels = drawn.part(Split.TRAINING)
    recipe = Recipe(
        epochs=2,
        learning_rate=0.1,
        batch_size=16,
        mixup=1.0,
        teacher="any",
        teacher_reads="each_batch",
        augmentation=Augmentation(degraded=1.0, erasing=1.0),
    )
    seen: list[NDArray[np.float32]] = []

    def reader(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        seen.append(faces)
        return np.full((len(faces), 7), 1 / 7, np.float32)

    batches = EpochBatches(
        pixels, labels, recipe, InputSpec(48, 1, 0.0), seed=0, epoch=0, reader=reader
    )
    learned = [batches[index][0] for index in range(len(batches))]
    originals = {face.tobytes() for face in pixels[..., None].astype(np.float32)}
    unmixed = [clear for clear in seen if clear[0].tobytes() in originals]
    assert unmixed  # half of the batches are mixtures, of which no face is an original
    for clear, faces in zip(seen, learned, strict=True):
        assert clear.shape == faces.shape
        assert not np.array_equal(clear, faces)
    for clear in unmixed:
        assert all(face.tobytes() in originals for face in clear)


def test_a_covered_face_has_a_rectangle_of_one_grey() -> None:
    rows = np.arange(48)
    faces = np.repeat((np.add.outer(rows, rows * 2) % 7 * 30)[None], 200, axis=0).astype(np.uint8)
    out = spoil(faces, Augmentation(covered=0.5), np.random.default_rng(0))
    changed = out != faces
    assert 70 < changed.any(axis=(1, 2)).sum() < 130
    for face, where in zip(out, changed, strict=True):
        assert len(np.unique(face[where])) <= 1
        assert where.sum() <= 0.37 * 48**2


@pytest.mark.parametrize("kind", [Restoration.CAMERA, Restoration.COMPLETED])
def test_a_recipe_may_restore_what_is_learned_from(
    tmp_path: Path, data: Fer2013, kind: Restoration
) -> None:
    recipe = RECIPE.model_copy(
        update={"restoration": kind, "augmentation": Augmentation(degraded=1.0), "epochs": 1}
    )
    job = replace(_job(tmp_path / "triple"), recipe=recipe)
    pixels, labels = data.part(Split.TRAINING)
    plain = recipe.model_copy(update={"restoration": Restoration.NONE})
    learned, spoiled = (
        EpochBatches(pixels, labels, each, spec, seed=0, epoch=0)[0][0].astype(np.uint8)
        for each, spec in ((recipe, job.input()), (plain, InputSpec(48, 1, 0.0)))
    )
    assert not np.array_equal(learned, spoiled)
    np.testing.assert_array_equal(learned, to_network_inputs(spoiled[..., 0], job.input()))
    folder = write_candidate(job, train(job, data), data)
    assert checked_candidate(folder, data).input.restoration == kind


def test_faces_that_cannot_be_restored_are_refused_before_the_training(
    tmp_path: Path, data: Fer2013
) -> None:
    recipe = RECIPE.model_copy(update={"restoration": Restoration.COMPLETED})
    job = replace(_job(tmp_path / "flip24"), arch=get_architecture("flip24"), recipe=recipe)
    with pytest.raises(ContractError, match=r"(?s)cannot be restored.*Set restoration to none"):
        train(job, data)


def test_shift_moves_by_at_most_its_fraction() -> None:
    face = np.zeros((1, 48, 48), np.uint8)
    face[0, 22:26, 22:26] = 255
    for seed in range(20):
        out = augment(face, Augmentation(shift=0.1), np.random.default_rng(seed))[0]
        rows, columns = np.nonzero(out > 60)
        assert abs(rows.mean() - 23.5) <= 5.3
        assert abs(columns.mean() - 23.5) <= 5.3


def test_aspect_changes_width_against_height() -> None:
    face = np.zeros((1, 48, 48), np.uint8)
    face[0, 14:34, 14:34] = 255
    ratios = []
    for seed in range(40):
        out = augment(face, Augmentation(aspect=0.2), np.random.default_rng(seed))[0] > 127
        ratios.append(out.any(axis=0).sum() / out.any(axis=1).sum())
    assert 0.75 < min(ratios) < 0.9
    assert 1.1 < max(ratios) < 1.3


def test_mixup_keeps_targets_a_distribution() -> None:
    rng = np.random.default_rng(0)
    faces, targets = (
        rng.random((8, 4, 4, 1), np.float32),
        np.eye(7, dtype=np.float32)[:7].repeat(2, 0)[:8],
    )
    other = rng.permutation(8)
    mixed_faces, mixed = mix(faces, 0.2, other), mix(targets, 0.2, other)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-6)
    assert mixed_faces.dtype == np.float32


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


def test_a_teacher_softens_the_targets(data: Fer2013) -> None:
    recipe = RECIPE.model_copy(update={"teacher": "x", "teacher_share": 0.75})
    teacher = np.full((len(data), 7), 1 / 7, np.float32)
    batches = EpochBatches(
        data.pixels, data.labels, recipe, check_spec(), seed=0, epoch=0, teacher=teacher
    )
    _, targets = batches[0]
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(targets.max(axis=1), 0.25 + 0.75 / 7, rtol=1e-6)


def test_voters_teach_with_their_shares_and_labels_where_nobody_voted() -> None:
    votes = np.zeros((5, len(VOTES)), np.uint8)
    votes[0, VOTES.index("happiness")], votes[0, VOTES.index("surprise")] = 6, 2
    votes[0, VOTES.index("contempt")] = 2
    votes[1, VOTES.index("unknown")] = 10
    blank = np.zeros((5, 48, 48), np.uint8)
    pixels = np.random.default_rng(0).integers(0, 255, (5, 48, 48)).astype(np.uint8)
    pixels[2] = blank[2]
    labels = np.array([Emotion.FEAR, Emotion.SAD, Emotion.FEAR, Emotion.ANGRY, Emotion.ANGRY])
    splits = np.array([0, 0, 0, 1, 2], np.uint8)
    data = Fer2013(pixels, labels.astype(np.int64), splits, votes)

    def read(of: Fer2013) -> NDArray[np.float32]:
        return teacher_probabilities(
            FERPLUS, 2.0, of, models=ROOT, kept=ROOT, report=lambda line: None
        )

    shares = read(data)
    assert shares.shape == (2, 7), "the blank image is left out"
    assert shares[0, Emotion.HAPPY] == 0.75
    assert shares[0, Emotion.SURPRISE] == 0.25
    assert shares[1, Emotion.SAD] == 1
    with pytest.raises(TrainingError, match="not imported"):
        read(Fer2013(pixels, labels.astype(np.int64), splits))


def test_a_teacher_reads_the_training_faces_once(tmp_path: Path) -> None:
    small = drawn_faces(160)
    recipe = RECIPE.model_copy(update={"epochs": 1, "teacher": "triple"})
    told: list[list[str]] = []
    for name in ("first", "second"):
        said: list[str] = []
        job = TrainingJob(
            get_architecture("flip24"), recipe, 0, tmp_path / name,
            precision="float32", report=said.append,
        )  # fmt: skip
        train(job, small)
        told.append([line for line in said if "reads" in line])
    assert [len(lines) for lines in told] == [1, 0]
    (kept,) = (tmp_path / "teachers").glob("*.npy")
    assert np.load(kept).shape == (len(small.part(Split.TRAINING, without_blank=True)[0]), 7)


def test_what_a_teacher_says_of_restored_faces_is_kept_apart(tmp_path: Path) -> None:
    models, said = tmp_path / "models", list[str]()
    folder = Path(shutil.copytree(MODELS / "triple", models / "triple"))
    card = check_folder(folder)
    for kind in (Restoration.NONE, Restoration.CAMERA, Restoration.CAMERA):
        changed = card.model_copy(update={"input": replace(card.input, restoration=kind)})
        (folder / CARD_FILE).write_text(changed.to_json())
        teacher_probabilities(
            "triple", 2.0, drawn_faces(), models=models, kept=tmp_path / "kept", report=said.append
        )
    assert len(said) == len(list((tmp_path / "kept").iterdir())) == 2


def test_a_teacher_may_read_the_faces_as_they_are_learned_from(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    freeze(finished, models, data)
    spec = check_folder(models / "triple").input
    reader = teacher_reader("triple", 2.0, views=1, models=models, spec=spec, precision="float32")
    recipe = RECIPE.model_copy(
        update={"teacher": "triple", "teacher_share": 0.75, "teacher_reads": "each_batch"}
    )
    order = {"seed": 0, "epoch": 1}
    plain, _ = EpochBatches(data.pixels, data.labels, recipe, spec, **order)[0]
    faces, targets = EpochBatches(data.pixels, data.labels, recipe, spec, **order, reader=reader)[0]
    np.testing.assert_array_equal(faces, plain)
    read = load_classifier(models / "triple").logits(faces.astype(np.uint8))
    opinion = softmax(read, 2.0)
    labels = (targets - 0.75 * opinion) / 0.25
    np.testing.assert_allclose(np.sort(labels, axis=1)[:, -1], 1, atol=2e-2)
    np.testing.assert_allclose(np.sort(labels, axis=1)[:, :-1], 0, atol=2e-2)

    both = teacher_reader("triple", 2.0, views=2, models=models, spec=spec, precision="float32")
    mirrored = load_classifier(models / "triple").logits(faces[:, :, ::-1].astype(np.uint8))
    np.testing.assert_allclose(both(faces), softmax((read + mirrored) / 2, 2.0), atol=2e-3)

    job = replace(_job(tmp_path / "run", until=1), recipe=recipe, models=models)
    assert train(job, data).progress.epoch == 1
    with pytest.raises(TrainingError, match="cannot read each batch"):
        teacher_reader(
            "triple", 2.0, views=1, models=models, spec=replace(spec, side_px=32),
            precision="float32",
        )  # fmt: skip
