"""Every registered format writes a network with its card; each gives the answers that ship."""

import json
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from fer_core.errors import TrainingError
from fer_core.evaluation.summary import read_history
from fer_core.registry import file_names
from fer_core.training.export.deliver import deliver
from fer_core.training.export.formats import export_formats
from fer_core.zoo import MODELS, check_folder, load_classifier, read_card
from tests.tiny import write_tiny_folder

SLUG = "triple"
"""The smallest network that ships: 14,678 parameters."""


@pytest.fixture(scope="module")
def faces() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), np.uint8)


@pytest.fixture(scope="module")
def answers(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(3, 7) logits as the dashboard gets them."""
    return load_classifier(MODELS / SLUG).logits(faces)


@pytest.mark.parametrize("name", export_formats())
def test_a_format_writes_the_network_with_its_card(name: str, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    written = deliver(MODELS / SLUG, name, out)
    assert written.parent == out
    assert sum(path.stat().st_size for path in [written, *written.rglob("*")]) > 5_000
    assert json.loads((out / f"{SLUG}.card.json").read_text())["slug"] == SLUG


@pytest.mark.parametrize(
    "name", [entry.name for entry in export_formats().values() if entry.needs_weights]
)
def test_a_network_without_weights_is_refused_with_another_format(
    name: str, tmp_path: Path
) -> None:
    folder = write_tiny_folder(tmp_path / "models")
    with pytest.raises(TrainingError, match="--format onnx"):
        deliver(folder, name, tmp_path / "out")
    assert deliver(folder, "onnx", tmp_path / "out").name == "tiny.onnx"


def test_the_names_are_those_of_the_files() -> None:
    # The command line lists files, so that `--help` needs no Keras.
    assert sorted(export_formats()) == list(file_names("fer_core.training.export.formats"))


def test_an_unknown_format_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="litert, onnx, saved_model, tensorboard"):
        deliver(MODELS / SLUG, "coreml", tmp_path)


def test_onnx_gives_the_answers_that_ship(
    faces: NDArray[np.uint8], answers: NDArray[np.float32], tmp_path: Path
) -> None:
    session = onnxruntime.InferenceSession(deliver(MODELS / SLUG, "onnx", tmp_path))
    (found,) = session.run(["logits"], {"faces": faces.astype(np.float32)})
    np.testing.assert_allclose(found, answers, atol=1e-4)


def test_litert_gives_the_answers_that_ship(
    faces: NDArray[np.uint8], answers: NDArray[np.float32], tmp_path: Path
) -> None:
    import tensorflow as tf

    network = tf.lite.Interpreter(str(deliver(MODELS / SLUG, "litert", tmp_path)))
    entrance = network.get_input_details()[0]["index"]
    network.resize_tensor_input(entrance, faces.shape)
    network.allocate_tensors()
    network.set_tensor(entrance, faces.astype(np.float32))
    network.invoke()
    found = network.get_tensor(network.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, answers, atol=1e-3)


def test_saved_model_gives_the_answers_that_ship(
    faces: NDArray[np.uint8], answers: NDArray[np.float32], tmp_path: Path
) -> None:
    import tensorflow as tf

    network = tf.saved_model.load(str(deliver(MODELS / SLUG, "saved_model", tmp_path)))
    np.testing.assert_allclose(network.serve(faces.astype(np.float32)), answers, atol=1e-3)


def test_a_result_never_replaces_the_model_folder(tmp_path: Path) -> None:
    folder = write_tiny_folder(tmp_path, "tiny")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "link").symlink_to(tmp_path)
    for out in (tmp_path, tmp_path / "link", folder / ".."):
        with pytest.raises(TrainingError, match="replace what it is made of"):
            deliver(folder, "onnx", out)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "tiny"]


def test_tensorboard_gets_each_epoch_as_it_was(tmp_path: Path) -> None:
    import tensorflow as tf

    written = deliver(MODELS / SLUG, "tensorboard", tmp_path)
    (path,) = written.iterdir()
    events = [
        tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(path)
    ]
    history = read_history(MODELS / SLUG)
    assert events[0].file_version == "brain.Event:2"
    assert [event.step for event in events[1:]] == history["epoch"].tolist()
    curves = {
        tag: [v.simple_value for event in events[1:] for v in event.summary.value if v.tag == tag]
        for tag in ("accuracy/validation", "loss/training")
    }
    np.testing.assert_allclose(curves["accuracy/validation"], history["val_accuracy"], rtol=1e-6)
    np.testing.assert_allclose(curves["loss/training"], history["loss"], rtol=1e-6)
    assert events[-1].wall_time == pytest.approx(history["seconds"].sum())


def test_an_archive_unpacked_is_a_model_again(tmp_path: Path) -> None:
    written = deliver(MODELS / SLUG, "archive", tmp_path)
    with zipfile.ZipFile(written) as archive:
        archive.extractall(tmp_path / "models")
    assert check_folder(tmp_path / "models" / SLUG) == read_card(MODELS / SLUG)
    first = written.read_bytes()
    assert deliver(MODELS / SLUG, "archive", tmp_path).read_bytes() == first
