"""Every architecture is the one that its project drew, and learns on both backends."""

import math
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_core.errors import TrainingError
from fer_core.runs.recipe import RECIPES, load_recipe
from fer_core.training.loop.initial import give_unit_variance
from fer_core.training.networks import (
    architectures,
    build_network,
    get_architecture,
    load_backbone,
    multiply_accumulates,
)
from fer_core.training.networks.fused_norm import FusedBatchNormalization, build_for_training

ROOT = Path(__file__).resolve().parents[2]

# The origin's own counts, at the origin's own number of classes.
ALL_PARAMETERS = {
    "flip24": 208_182,
    "flip48": 7_943_014,
    "shallow": 4_928_007,
    "deep": 4_478_727,
    "scratch": 861_767,
    "fourconv": 2_345_607,
}
TRAINABLE_PARAMETERS = {
    "simple": 276_923,
    "double": 70_898,
    "triple": 14_678,
    "multi5": 1_936_967,
    "multi8": 7_212_999,
}
BACKBONE_PARAMETERS = {"mobilenetv2": 2_257_984, "vgg16": 14_714_688}
ROUGH_PARAMETERS = {"shallow_readme": 4_740_000, "compact": 1_180_000, "nano": 371_000,
                    "flagship": 2_663_000, "teacher": 11_357_000}  # fmt: skip
MMAC = {
    "flip24": 1, "flip48": 26, "shallow": 124, "shallow_readme": 16, "deep": 290, "scratch": 105,
    "mobilenetv2": 17, "vgg16": 700, "simple": 1, "double": 1, "triple": 1, "multi5": 141,
    "multi8": 467, "fourconv": 75, "compact": 117, "nano": 23,
    "flagship": 229, "teacher": 1247,
}  # fmt: skip


def test_all_rows_are_registered() -> None:
    assert set(architectures()) >= set(MMAC)


@pytest.mark.parametrize("slug", sorted(architectures()))
def test_architecture_keeps_the_contract(slug: str) -> None:
    arch = get_architecture(slug)
    model = build_network(arch, classes=arch.original_classes)
    trainable = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    if slug in ALL_PARAMETERS:
        assert model.count_params() == ALL_PARAMETERS[slug]
    if slug in TRAINABLE_PARAMETERS:
        assert trainable == TRAINABLE_PARAMETERS[slug]
    if slug in BACKBONE_PARAMETERS:
        assert model.get_layer("backbone").count_params() == BACKBONE_PARAMETERS[slug]
    if slug in ROUGH_PARAMETERS:
        assert model.count_params() == pytest.approx(ROUGH_PARAMETERS[slug], rel=0.01)
    if slug in MMAC:
        assert multiply_accumulates(model) / 1e6 == pytest.approx(MMAC[slug], rel=0.04, abs=0.5)
    faces = np.zeros((2, arch.side_px, arch.side_px, arch.channels), np.float32)
    assert model(faces).shape == (2, arch.original_classes)
    assert not any(isinstance(layer, keras.layers.Lambda) for layer in model.layers)
    recipe = load_recipe(arch.recipe)
    assert arch.any_side or not recipe.sides_px


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(TrainingError, match="compact"):
        get_architecture("resnet")
    with pytest.raises(TrainingError, match="compact"):
        load_recipe("no such recipe")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.json")), ids=lambda path: path.stem)
def test_recipes_are_valid_and_say_where_they_come_from(path: Path) -> None:
    assert load_recipe(str(path)).source


@pytest.mark.parametrize("slug", sorted(BACKBONE_PARAMETERS))
def test_a_backbones_weights_are_taken_and_frozen(slug: str, tmp_path: Path) -> None:
    arch = get_architecture(slug)
    donor = build_network(arch).get_layer("backbone")
    donor.save_weights(tmp_path / "backbone.weights.h5")
    model = build_for_training(arch)  # has another kind of BatchNorm
    load_backbone(model, slug, str(tmp_path / "backbone.weights.h5"))
    ours = model.get_layer("backbone")
    # VGG16's first layer is rescaled for our input; all others are the donor's.
    pairs = list(zip(donor.get_weights(), ours.get_weights(), strict=True))
    for theirs, taken in pairs[2 if slug == "vgg16" else 0 :]:
        np.testing.assert_array_equal(theirs, taken)
    assert not ours.trainable_variables
    with pytest.raises(TrainingError, match="cannot be had"):
        load_backbone(build_network(arch), slug, str(tmp_path / "missing.weights.h5"))


def test_vgg16_answers_in_our_range_as_it_did_in_its_own(tmp_path: Path) -> None:
    arch = get_architecture("vgg16")
    donor = build_network(arch).get_layer("backbone")
    donor.save_weights(tmp_path / "vgg.weights.h5")
    model = build_network(arch)
    load_backbone(model, "vgg16", str(tmp_path / "vgg.weights.h5"))
    rgb = np.random.default_rng(0).integers(0, 256, (1, 48, 48, 3)).astype(np.float32)
    theirs = keras.applications.vgg16.preprocess_input(rgb.copy())
    first = [next(n for n in net.layers if n.name == "block1_conv1")
             for net in (donor, model.get_layer("backbone"))]  # fmt: skip
    expected = np.asarray(first[0](theirs))[:, 1:-1, 1:-1]  # zero padding differs at the rim
    received = np.asarray(first[1](rgb / 127.5 - 1))[:, 1:-1, 1:-1]
    np.testing.assert_allclose(received, expected, atol=1e-2)


def test_only_backbones_take_weights() -> None:
    with pytest.raises(TrainingError, match="no backbone"):
        load_backbone(build_network(get_architecture("triple")), "triple", "imagenet")


THREE_STEPS = """
import sys
import numpy as np
from pathlib import Path
from fer_core.dataset import Fer2013
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import TrainingJob
from fer_core.training.networks import get_architecture
from fer_core.runs.recipe import Recipe
rng = np.random.default_rng(0)
n = 64
data = Fer2013(rng.integers(0, 256, (n, 48, 48), np.uint8), rng.integers(0, 7, n),
               np.repeat([0, 1], [48, 16]).astype(np.uint8))
recipe = Recipe(epochs=1, batch_size=16, learning_rate=0.01, averaging=0.9, mixup=0.2)
job = TrainingJob(get_architecture("triple"), recipe, 0, Path(sys.argv[1]), precision="float32",
                  report=lambda line: None)
trained = train(job, data)
import keras
print(keras.backend.backend(), trained.progress.history[0]["loss"])
"""


@pytest.mark.slow
def test_three_steps_run_on_tensorflow_and_jax(tmp_path: Path) -> None:
    losses = {}
    for backend in ("tensorflow", "jax"):
        done = subprocess.run(
            [sys.executable, "-c", THREE_STEPS, str(tmp_path / backend)],
            env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        name, loss = done.stdout.split()[-2:]
        assert name == backend
        losses[backend] = float(loss)
    # Another initialisation on each backend, the same data: a loss of untrained networks.
    assert all(1.5 < loss < 6 for loss in losses.values()), losses


@pytest.mark.parametrize("slug", ["nano", "shallow_readme", "triple"])
def test_fused_normalisation_learns_the_same(slug: str) -> None:
    arch, rng = get_architecture(slug), np.random.default_rng(0)
    # Other draws may have a ReLU so near to zero that rounding closes it.
    keras.utils.set_random_seed(0)
    plain, fused = build_network(arch), build_for_training(arch)
    fused.set_weights(plain.get_weights())
    assert any(isinstance(layer, FusedBatchNormalization) for layer in fused._flatten_layers())
    faces = rng.uniform(0, 255, (8, arch.side_px, arch.side_px, arch.channels)).astype(np.float32)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, 8)]
    before = plain.get_weights()
    for model in (plain, fused):
        for layer in model._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0  # the two would drop different units
        model.compile(keras.optimizers.SGD(0.01), keras.losses.CategoricalCrossentropy(True))
        model.train_on_batch(faces, targets)
    # Weights and moving statistics alike.
    for was, one, other in zip(before, plain.get_weights(), fused.get_weights(), strict=True):
        assert np.abs(one - other).max() <= 0.02 * np.abs(one - was).max() + 1e-5
    np.testing.assert_allclose(plain(faces), fused(faces), atol=1e-2)


def test_fused_normalisation_reaches_a_nested_backbone() -> None:
    arch = get_architecture("mobilenetv2")
    plain, fused = build_network(arch), build_for_training(arch)
    norms = keras.layers.BatchNormalization
    for one, other in zip(plain._flatten_layers(), fused._flatten_layers(), strict=True):
        spatial = isinstance(one, norms) and len(one.input.shape) == 4
        assert isinstance(other, FusedBatchNormalization) or not spatial
    assert [w.shape for w in plain.weights] == [w.shape for w in fused.weights]


def test_kernels_scaled_to_unit_variance() -> None:
    arch = get_architecture("vgg16")
    model, rng = build_network(arch), np.random.default_rng(0)
    faces = rng.uniform(0, 255, (16, arch.side_px, arch.side_px, arch.channels)).astype(np.float32)
    assert np.std(model(faces)) < 0.05  # Glorot: hardly anything arrives at the end
    give_unit_variance(model, faces)
    assert np.std(model(faces)) == pytest.approx(1, abs=0.3)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())
