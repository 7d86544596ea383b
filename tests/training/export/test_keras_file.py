"""Others' Keras files become ONNX in a process of their own, and answer as they did in Keras."""

from pathlib import Path

import h5py
import keras
import numpy as np
import onnxruntime
import pytest

from fer_core.errors import ModelError
from fer_core.training.export.onnx_graph import save_weights
from fer_core.training.networks import build_network, get_architecture
from fer_core.zoo.imports import read_network, read_source


def _answers(graph: bytes, faces: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(graph)
    (given,) = session.get_inputs()
    return np.asarray(session.run(None, {given.name: faces})[0])


def test_a_keras_file_is_read_with_its_layout_and_softmax(tmp_path: Path) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, strides=2, activation="relu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5),
            layers.Dense(7, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    path = tmp_path / "theirs.keras"
    model.save(path)
    source = read_source(path)
    assert source.kind == "Keras"
    faces = np.random.default_rng(0).uniform(0, 255, (5, 48, 48, 1)).astype(np.float32)
    np.testing.assert_allclose(_answers(source.graph, faces), model(faces), atol=1e-5)
    network = read_network(source)
    assert (network.layout, network.channels, network.height) == ("NHWC", 1, 48)
    assert (network.outputs, network.ending) == (7, "softmax")


def test_weights_are_read_into_a_network_of_ours(tmp_path: Path) -> None:
    model = build_network(get_architecture("triple"))
    path = save_weights(model, tmp_path)
    source = read_source(path, "triple")
    faces = np.random.default_rng(0).uniform(0, 255, (5, *model.input_shape[1:]))
    np.testing.assert_allclose(
        _answers(source.graph, faces.astype(np.float32)), model(faces), atol=2e-2
    )
    with h5py.File(tmp_path / "others.h5", "w") as file:
        file["weights"] = np.zeros(3)
    with pytest.raises(ModelError, match=r"others\.h5: the Keras file cannot be used.*do not fit"):
        read_source(tmp_path / "others.h5", "triple")
