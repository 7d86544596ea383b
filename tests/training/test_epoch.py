"""One epoch of steps: figures over all of its batches, plain weights beside averaged ones."""

from pathlib import Path

import numpy as np

from fer_core.faces import trained_input
from fer_core.runs.recipe import Recipe
from fer_core.training.data.batches import EpochBatches
from fer_core.training.loop import objective
from fer_core.training.loop.epoch import run_epoch
from fer_core.training.loop.job import TrainingJob
from fer_core.training.loop.learner import build_learner, copies
from fer_core.training.networks import get_architecture
from tests.training.drawn import drawn_faces

DATA = drawn_faces(96)


def _epoch_of(recipe: Recipe) -> EpochBatches:
    return EpochBatches(DATA.pixels, DATA.labels, recipe, trained_input(48, 1), seed=0, epoch=0)


def test_loss_and_accuracy_are_those_of_all_batches() -> None:
    recipe = Recipe(epochs=1, batch_size=32, learning_rate=1e-12, dropout=0)
    model = build_learner(TrainingJob(get_architecture("triple"), recipe, 0, Path()), "float32", 3)
    batches = _epoch_of(recipe)
    losses, hits = [], []
    for number in range(len(batches)):
        faces, targets = batches[number]
        logits = model(faces, training=True)
        losses.append(np.mean(objective.loss(recipe)(targets, logits)))
        hits.append(np.mean(objective.accuracy(targets, logits)))

    learned = run_epoch(model, batches)

    assert len(losses) == 3
    np.testing.assert_allclose(learned.loss, np.mean(losses), rtol=1e-4)
    np.testing.assert_allclose(learned.accuracy, np.mean(hits), atol=1e-6)


def test_the_model_has_its_average_and_the_plain_weights_are_kept() -> None:
    recipe = Recipe(epochs=1, batch_size=32, learning_rate=0.1, averaging=0.99)
    model = build_learner(TrainingJob(get_architecture("triple"), recipe, 0, Path()), "float32", 3)
    before = copies(model.trainable_variables)
    learned = run_epoch(model, _epoch_of(recipe))
    kernel = next(n for n, v in enumerate(model.weights) if v is model.trainable_variables[0])
    plain, average = learned.weights[kernel], copies(model.trainable_variables)[0]
    moved = np.abs(plain - before[0]).max()
    assert moved > 0
    assert 0 < np.abs(average - before[0]).max() < moved, "the average lags behind"
