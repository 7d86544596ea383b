"""What a training makes small: cross-entropy of labels, and of votes that do not ship."""

from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from fer_core.dataset import VOTES, Fer2013
from fer_core.runs.recipe import Recipe
from fer_core.training.loop import objective
from fer_core.training.loop.checkpoint import load_checkpoint
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import Start, TrainingJob
from fer_core.training.networks import build_network, get_architecture
from tests.training.drawn import drawn_faces

VOTED = Recipe(epochs=2, batch_size=16, learning_rate=0.02, votes=0.5, averaging=0.9)


def _with_votes(n: int = 96) -> Fer2013:
    """Each face got all of its votes for the class after its label's."""
    plain = drawn_faces(n)
    votes = np.zeros((n, len(VOTES)), np.uint8)
    names = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    for row, label in enumerate(plain.labels):
        votes[row, VOTES.index(names[(label + 1) % 7])] = 10
    return Fer2013(plain.pixels, plain.labels, plain.splits, votes)


def test_the_loss_is_that_of_labels_and_a_share_of_that_of_votes() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3, 14)).astype(np.float32)
    labels = np.eye(7, dtype=np.float32)[[0, 3, 6]]
    votes = rng.dirichlet(np.ones(7), 3).astype(np.float32)
    own = -(labels * log_softmax(logits[:, :7], axis=1)).sum(axis=1)
    theirs = -(votes * log_softmax(logits[:, 7:], axis=1)).sum(axis=1)

    found = objective.loss(VOTED)(np.concatenate([labels, votes], axis=1), logits)
    np.testing.assert_allclose(np.asarray(found), own + 0.5 * theirs, rtol=1e-5)
    plain = objective.loss(VOTED.model_copy(update={"votes": 0.0}))
    np.testing.assert_allclose(np.asarray(plain(labels, logits[:, :7])), own, rtol=1e-5)


def test_labels_alone_are_smoothed() -> None:
    recipe = VOTED.model_copy(update={"label_smoothing": 0.7})
    logits = np.zeros((1, 14), np.float32)
    logits[0, 0], logits[0, 7] = 5, 5
    target = np.zeros((1, 14), np.float32)
    target[0, 0] = target[0, 7] = 1
    smooth = 0.3 * target[0, :7] + 0.1
    own = -(smooth * log_softmax(logits[0, :7])).sum()
    theirs = -log_softmax(logits[0, 7:])[0]
    found = float(np.asarray(objective.loss(recipe)(target, logits))[0])
    assert found == pytest.approx(own + 0.5 * theirs, rel=1e-5)


def test_accuracy_is_of_labels() -> None:
    logits = np.zeros((2, 14), np.float32)
    logits[:, 2], logits[:, 9] = 1, 3
    targets = np.zeros((2, 14), np.float32)
    targets[0, 2], targets[1, 3], targets[:, 13] = 1, 1, 1
    assert np.asarray(objective.accuracy(targets, logits)).tolist() == [1, 0]


def test_votes_teach_and_do_not_ship(tmp_path: Path) -> None:
    data = _with_votes()
    job = TrainingJob(
        get_architecture("triple"), VOTED, 0, tmp_path, precision="float32",
        report=lambda line: None,
    )  # fmt: skip
    trained = train(job, data)
    assert trained.model.output_shape == (None, 7)
    checkpoint = load_checkpoint(tmp_path, {})
    assert checkpoint is not None
    kernel, bias = checkpoint.best[-2:]
    assert kernel.shape[-1] == bias.shape[-1] == 14
    np.testing.assert_array_equal(trained.model.get_weights()[-2], kernel[:, :7])
    np.testing.assert_array_equal(trained.model.get_weights()[-1], bias[:7])
    assert checkpoint.progress.history[-1]["accuracy"] <= 1


def test_shipped_weights_get_a_head_for_votes_and_answer_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a rate of nothing, what was shipped comes out again."""
    data = _with_votes()
    arch = get_architecture("triple")
    keras.utils.set_random_seed(7)
    shipped = build_network(arch).get_weights()
    card = type("Card", (), {"files": {"model.onnx": type("File", (), {"sha256": "0"})}})
    job = TrainingJob(
        arch,
        VOTED.model_copy(update={"learning_rate": 1e-12, "epochs": 1, "averaging": 0.0}),
        0,
        tmp_path,
        start=Start(list(shipped), card, []),  # type: ignore[arg-type]
        precision="float32",
        report=lambda line: None,
    )
    trained = train(job, data)
    np.testing.assert_allclose(trained.model.get_weights()[-2], shipped[-2], atol=1e-6)
    np.testing.assert_allclose(trained.model.get_weights()[-1], shipped[-1], atol=1e-6)
