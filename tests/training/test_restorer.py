"""The network that completes faces: what it learns from, that it learns, and its file."""

from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.cli.options import RestorationName
from fer_core.faces import Restoration
from fer_core.faces.restoration import filtered
from fer_core.training.export.onnx_graph import export_restorer
from fer_core.training.restorer.faces import spoiled
from fer_core.training.restorer.learn import RestorerRecipe, train_restorer
from fer_core.training.restorer.network import build_restorer
from tests.faces.test_restoration import likely_face

FACES = np.stack([likely_face(seed) for seed in range(96)])


def judge() -> keras.Model:
    """Seven answers that depend on the whole face; learns nothing."""
    keras.utils.set_random_seed(3)
    faces = keras.Input((48, 48, 1))
    x = keras.layers.Conv2D(4, 8, strides=8)(keras.layers.Rescaling(1 / 255)(faces))
    model = keras.Model(faces, keras.layers.Dense(7)(keras.layers.Flatten()(x)))
    model.trainable = False
    return model


def test_some_faces_are_left_clear_and_the_others_are_not() -> None:
    seen = spoiled(FACES, np.random.default_rng(0))
    assert seen.shape == FACES.shape
    assert seen.dtype == np.uint8
    clear = [np.array_equal(one, filtered(face)) for one, face in zip(seen, FACES, strict=True)]
    assert 0.1 < np.mean(clear) < 0.4
    assert np.array_equal(seen, spoiled(FACES, np.random.default_rng(0)))
    assert not np.array_equal(seen, spoiled(FACES, np.random.default_rng(1)))


def test_it_begins_by_leaving_faces_nearly_as_they_are() -> None:
    keras.utils.set_random_seed(0)
    faces = FACES[:8, ..., None].astype(np.float32)
    out = build_restorer().predict_on_batch(faces)
    assert np.abs(out - faces).mean() < 30


def mean_square(model: keras.Model, faces: NDArray[np.uint8]) -> float:
    seen = spoiled(faces, np.random.default_rng(9))
    out = model.predict_on_batch(seen[..., None].astype(np.float32))[..., 0]
    return float(np.square(out - faces).mean())


def test_it_learns_and_its_file_gives_the_same(tmp_path: Path) -> None:
    lines: list[str] = []
    recipe = RestorerRecipe(pixel_epochs=0, judged_epochs=0, batch_size=16)
    fresh = train_restorer(FACES, [judge()], recipe)
    recipe = RestorerRecipe(pixel_epochs=6, judged_epochs=2, batch_size=16)
    model = train_restorer(FACES, [judge()], recipe, report=lines.append)
    assert mean_square(model, FACES[:32]) < mean_square(fresh, FACES[:32])
    assert [line.split(":")[0] for line in lines] == ["pixels"] * 6 + ["judged"] * 2
    export_restorer(model, tmp_path / "restorer.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "restorer.onnx")
    faces = FACES[:4, ..., None].astype(np.float32)
    (given,) = session.run(None, {"faces": faces})
    assert given == pytest.approx(model.predict_on_batch(faces), abs=0.5)  # weights are rounded
    graph = onnx.load(tmp_path / "restorer.onnx").graph
    assert [graph.input[0].name, graph.output[0].name] == ["faces", "restored"]


@pytest.mark.dataset
@pytest.mark.usefixtures("fer2013")
def test_the_command_rehearsed_writes_a_network(tmp_path: Path) -> None:
    """With the judge that ships; faces in, faces out."""
    out = tmp_path / "own" / "restorer.onnx"
    done = CliRunner().invoke(app, ["restorer", "--smoke", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "judged: epoch 1/1" in done.output
    session = onnxruntime.InferenceSession(out)
    (given,) = session.run(None, {"faces": FACES[:2, ..., None].astype(np.float32)})
    assert given.shape == (2, 48, 48, 1)


def test_the_commands_know_every_restoration() -> None:
    assert [name.value for name in RestorationName] == [kind.value for kind in Restoration]
