"""Activation maps in exported graphs are the gradient tape's, and change nothing else."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
from keras import layers
from onnx import helper, numpy_helper

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.evaluation.dataset_files import EVALUATIONS
from fer_core.evaluation.robustness import ROBUSTNESS_FILE
from fer_core.training.export.activation_maps import add_activation_maps
from fer_core.training.export.maps_check import check_activation_maps
from fer_core.training.export.onnx_graph import export_onnx
from fer_core.training.export.repackage import repackage
from fer_core.training.networks.blocks import conv_bn_relu, dense_bn_relu, dense_relu
from fer_core.zoo import (
    GRAPH_FILE,
    MAPS_NAME,
    MODELS,
    OUTPUT_NAME,
    WEIGHTS_FILE,
    check_folder,
    file_entries,
    load_classifier,
    stored_weights_digest,
)
from fer_core.zoo.graph import keep_outputs, random_faces

SLUG = "triple"


def _features(faces: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    return layers.MaxPooling2D()(conv_bn_relu(layers.Rescaling(1 / 255)(faces), filters))


def _pooled(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.GlobalAveragePooling2D()(x)


def _pooled_deep(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Dense(9, activation="relu")(layers.GlobalAveragePooling2D()(x))
    return layers.BatchNormalization()(x)


def _flat(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Dropout(0.5)(layers.Flatten()(x))


def _flat_deep(x: keras.KerasTensor) -> keras.KerasTensor:
    return dense_bn_relu(dense_relu(layers.Flatten()(x), 11, 0.5), 9, 0.2)


def _flat_bare(x: keras.KerasTensor) -> keras.KerasTensor:
    return dense_relu(layers.Flatten()(conv_bn_relu(x, 5)), 8, 0.5)


def _network(head: object, side: int = 12) -> keras.Model:
    """An untrained network whose biases and BatchNorm statistics are not the neutral ones."""
    keras.utils.set_random_seed(3)
    faces = keras.Input((side, side, 1), name="faces")
    x = layers.Dense(7)(head(_features(faces, 6)))  # type: ignore[operator]
    model = keras.Model(faces, layers.Activation("linear", name="logits")(x), name="small")
    rng = np.random.default_rng(4)
    model.set_weights(
        [w if w.ndim > 1 else rng.uniform(0.2, 1.5, w.shape) for w in model.get_weights()]
    )
    return model


HEADS = (_pooled, _pooled_deep, _flat, _flat_deep, _flat_bare)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.__name__)
def test_exported_maps_are_the_tapes(head: object, tmp_path: Path) -> None:
    model = _network(head)
    path = tmp_path / GRAPH_FILE
    export_onnx(model, path)  # checks itself: refuses on disagreement
    graph = onnx.load(path)
    assert [value.name for value in graph.graph.output] == [OUTPUT_NAME, MAPS_NAME]
    assert check_activation_maps(model, graph, random_faces((12, 12, 1))) < 1e-3


def test_a_wrong_map_is_refused(tmp_path: Path) -> None:
    model = _network(_flat_deep)
    path = tmp_path / GRAPH_FILE
    export_onnx(model, path)
    graph = onnx.load(path)
    # The gradient passes a ReLU everywhere: what a forgotten mask would give.
    for node in graph.graph.node:
        if node.op_type == "Greater":
            node.op_type = "Less"
    with pytest.raises(TrainingError, match="gradient tape"):
        check_activation_maps(model, graph, random_faces((12, 12, 1)))


def test_a_head_that_is_not_known_is_refused() -> None:
    graph = onnx.load(MODELS / SLUG / GRAPH_FILE)
    keep_outputs(graph, [OUTPUT_NAME])
    last = graph.graph.node[-1]
    last.output[0] = "before"
    graph.graph.node.append(helper.make_node("Tanh", ["before"], [OUTPUT_NAME]))
    with pytest.raises(TrainingError, match="Tanh"):
        add_activation_maps(graph)


@pytest.fixture
def shipped(tmp_path: Path) -> tuple[Path, Fer2013]:
    """A copy of a shipped folder as from before maps, and a data set that it answers as stored."""
    folder = tmp_path / SLUG
    shutil.copytree(MODELS / SLUG, folder)
    path = folder / GRAPH_FILE
    graph = onnx.load(path)
    keep_outputs(graph, [OUTPUT_NAME])
    onnx.save(graph, path)
    _rehash(folder)
    pixels = np.random.default_rng(0).integers(0, 256, (512, 48, 48)).astype(np.uint8)
    data = Fer2013(pixels, np.zeros(512, np.int64), np.ones(512, np.uint8))
    logits = load_classifier(folder).logits(data.part(Split.PUBLIC_TEST)[0][..., None])
    with np.load(folder / "predictions.npz") as file:
        stored = {name: file[name].copy() for name in file.files}
    stored["public_logits"][:512] = logits
    np.savez(folder / "predictions.npz", **stored)
    _rehash(folder)
    return folder, data


def _rehash(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    card["files"] = {name: e.model_dump() for name, e in file_entries(folder).items()}
    (folder / "card.json").write_text(json.dumps(card))


def test_repackaging_adds_maps_and_nothing_else(shipped: tuple[Path, Fer2013]) -> None:
    folder, data = shipped
    before, digest = check_folder(folder), stored_weights_digest(folder)
    old = before.files[GRAPH_FILE].sha256
    measured = folder.parent / ROBUSTNESS_FILE
    measured.write_text(f"{SLUG},{old}\n")
    evaluation = folder / EVALUATIONS / "press.json"
    evaluation.write_text(old)
    assert repackage(folder, data)
    after = check_folder(folder)
    new = after.files[GRAPH_FILE].sha256
    assert stored_weights_digest(folder) == digest
    assert load_classifier(folder, maps=True).outputs == (OUTPUT_NAME, MAPS_NAME)
    changed = {name for name, entry in after.files.items() if entry != before.files[name]}
    assert changed == {GRAPH_FILE}
    assert after.model_copy(update={"files": before.files}) == before
    assert measured.read_text() == f"{SLUG},{new}\n"
    assert evaluation.read_text() == new
    assert new != old
    assert not repackage(folder, data)  # the second time there is nothing to do
    assert sorted(path.name for path in folder.parent.iterdir()) == sorted([SLUG, ROBUSTNESS_FILE])


def test_repackaging_refuses_what_answers_otherwise(shipped: tuple[Path, Fer2013]) -> None:
    folder, data = shipped
    other = Fer2013(255 - data.pixels, data.labels, data.splits)
    graph = (folder / GRAPH_FILE).read_bytes()
    with pytest.raises(TrainingError, match="answers differently"):
        repackage(folder, other)
    assert (folder / GRAPH_FILE).read_bytes() == graph
    assert [path.name for path in folder.parent.iterdir()] == [SLUG]


def test_repackaging_refuses_weights_of_another_training(shipped: tuple[Path, Fer2013]) -> None:
    folder, data = shipped
    path = folder / GRAPH_FILE
    graph = onnx.load(path)
    kernel = next(t for t in graph.graph.initializer if t.name == "weight_019")
    kernel.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(kernel), kernel.name))
    onnx.save(graph, path)
    _rehash(folder)
    with pytest.raises(TrainingError, match="gradient tape"):
        repackage(folder, data)


def test_repackaging_needs_the_keras_weights(shipped: tuple[Path, Fer2013]) -> None:
    folder, data = shipped
    (folder / WEIGHTS_FILE).unlink()
    _rehash(folder)
    with pytest.raises(TrainingError, match=WEIGHTS_FILE):
        repackage(folder, data)
