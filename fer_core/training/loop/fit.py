"""The training loop: Keras 3, the same on the TensorFlow and the JAX backend."""

import math
from time import perf_counter
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.faces import to_network_inputs
from fer_core.metrics import accuracy, log_loss
from fer_core.storage.machine import processor_name
from fer_core.training.data.batches import EpochBatches
from fer_core.training.loop.checkpoint import (
    Checkpoint,
    Progress,
    Tensors,
    discard_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from fer_core.training.loop.epoch import Epoch, run_epoch
from fer_core.training.loop.initial import give_unit_variance
from fer_core.training.loop.job import TrainedNetwork, TrainingJob
from fer_core.training.loop.learner import (
    EVALUATION_BATCH,
    assign,
    blend,
    build_learner,
    copies,
    predict_logits,
    restart_dropout,
)
from fer_core.training.loop.norm_statistics import STATISTICS_FACES, NormStatistics
from fer_core.training.loop.observer import Stopped
from fer_core.training.loop.precision import choose_precision
from fer_core.training.loop.training_set import batch_teacher, read_training_set
from fer_core.training.networks import build_network
from fer_core.training.networks.grow import in_corner
from fer_core.zoo import softmax


def train(job: TrainingJob, data: Fer2013, *, resume: bool = False) -> TrainedNetwork:
    """Train one network; anything may stop it, and `resume` goes on after the last whole epoch.

    Training images without blanks are learned from; the epoch is chosen by PublicTest accuracy.

    Raises:
        TrainingError: the recipe does not fit the architecture, a checkpoint belongs to other
            settings, the loss is no longer a number, or it was stopped before its first epoch
            ended.
        ModelError: the recipe's teacher is not sound.
        StorageError: a checkpoint cannot be written.
    """
    training_set = read_training_set(job, data)
    settings = job.settings(data.fingerprint)
    saved = load_checkpoint(job.run, settings, replan=job.replan) if resume else None
    if saved:
        progress, best = saved.progress, saved.best
        _note_replanned(progress, settings)
    else:
        progress, best = Progress(settings, choose_precision(training_set)), []
        discard_checkpoints(job.run)

    keras.utils.set_random_seed(job.seed)
    model = build_learner(job, progress.precision, len(training_set.batches(0)))
    teacher = batch_teacher(job, progress.precision)
    start = _start_weights(job, model)
    clear_faces = to_network_inputs(training_set.pixels[:STATISTICS_FACES], job.input())
    _give_weights(job, model, saved, start, clear_faces)

    statistics = NormStatistics(model, clear_faces)
    validate = _Validation(job, data)
    stopped = False
    while progress.epoch < job.last_epoch:
        begun = perf_counter() - job.observer.waited_s
        try:
            learned = _learn(job, model, training_set.batches(progress.epoch, teacher))
        except Stopped:
            stopped = True
            break
        if start and job.recipe.start_share:
            blend(model, start, job.recipe.start_share)
        if job.recipe.averaging or job.recipe.start_share:
            statistics.renew()
        if progress.enter(_measured(model, learned, validate, begun + job.observer.waited_s)):
            best = copies(model.weights)
        assign(model.weights, learned.weights)
        assign(model.optimizer.variables, learned.optimizer)
        save_checkpoint(job.run, Checkpoint(progress, learned.weights, learned.optimizer, best))
        job.report(_line(job, progress))
        job.observer.on_epoch_end(progress)
    _refuse_nothing(job, progress)
    job.observer.on_finish()
    return TrainedNetwork(_shipped(job, best), progress, processor_name(), stopped)


def _refuse_nothing(job: TrainingJob, progress: Progress) -> None:
    """A training that was stopped in its first epoch leaves no network."""
    if not progress.epoch:
        raise TrainingError(
            "it was stopped before its first epoch had ended, so there is nothing to keep",
            where=job.slug,
            remedy="Let it go on for an epoch, or delete it.",
        )


def _note_replanned(progress: Progress, settings: dict[str, Any]) -> None:
    planned = progress.settings["recipe"]["epochs"]
    if settings["recipe"]["epochs"] != planned:
        progress.replanned.append({"after_epoch": progress.epoch, "planned_epochs": planned})
        progress.settings = settings


def _start_weights(job: TrainingJob, model: keras.Model) -> Tensors:
    """Those of the network to go on from; [] without one. A head for votes begins at random."""
    if not job.start:
        return []
    pairs = zip(job.start.weights, copies(model.weights), strict=True)
    return [in_corner(own, fresh) for own, fresh in pairs]


def _give_weights(
    job: TrainingJob,
    model: keras.Model,
    saved: Checkpoint | None,
    start: Tensors,
    faces: NDArray[np.uint8],
) -> None:
    """Put the weights in place with which this training begins or goes on."""
    if saved:
        assign(model.weights, saved.weights)
        assign(model.optimizer.variables, saved.optimizer)
        job.report(f"{job.arch.slug}: resumed after epoch {saved.progress.epoch}")
    elif start:
        assign(model.weights, start)
    elif job.recipe.initial == "unit_variance":
        give_unit_variance(model, faces[:EVALUATION_BATCH])


def _learn(job: TrainingJob, model: keras.Model, batches: EpochBatches) -> Epoch:
    """One epoch, whose every chance follows from its number."""
    restart_dropout(model, job.seed, batches.epoch)
    if batches.epoch and job.input(batches.epoch) != job.input(batches.epoch - 1):
        # A graph that has met two sides is traced for any, and rounds otherwise than that of a
        # resumed training, which meets the second alone.
        model.make_train_function(force=True)
    learned = run_epoch(model, batches, job.observer)
    if not math.isfinite(learned.loss):
        raise TrainingError(
            "the loss is no longer a number",
            where=f"{job.arch.slug}, epoch {batches.epoch + 1}",
            received=f"{learned.loss}",
            remedy="Lower learning_rate in the recipe, and train anew.",
        )
    return learned


class _Validation:
    """PublicTest as the job's network takes it."""

    def __init__(self, job: TrainingJob, data: Fer2013) -> None:
        pixels, self._labels = data.part(Split.PUBLIC_TEST)
        self._faces = to_network_inputs(pixels, job.input())
        self._observer = job.observer

    def __call__(self, model: keras.Model) -> tuple[float, float]:
        """Cross-entropy and accuracy of a model as it is now."""
        logits = predict_logits(model, self._faces, self._seen)
        found = logits.argmax(axis=1)
        return log_loss(softmax(logits), self._labels), accuracy(self._labels, found)

    def _seen(self, found: NDArray[np.int64]) -> None:
        self._observer.on_validation(self._labels[: len(found)], found, len(self._labels))


def _measured(
    model: keras.Model, learned: Epoch, validate: _Validation, begun: float
) -> dict[str, float]:
    """An epoch's row of the history, apart from its number."""
    val_loss, val_accuracy = validate(model)
    rate = model.optimizer.learning_rate  # already the next step's
    return {
        "loss": learned.loss,
        "accuracy": learned.accuracy,
        "val_loss": val_loss,
        "val_accuracy": val_accuracy,
        "learning_rate": float(ops.convert_to_numpy(rate)),
        "seconds": perf_counter() - begun,
    }


def _line(job: TrainingJob, progress: Progress) -> str:
    row = progress.history[-1]
    left = (job.recipe.epochs - progress.epoch) * row["seconds"]
    return (
        f"{job.arch.slug}: epoch {progress.epoch}/{job.recipe.epochs}  "
        f"loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}  "
        f"PublicTest loss {row['val_loss']:.4f}  accuracy {row['val_accuracy']:.4f}  "
        f"{row['seconds']:.1f} s  about {left / 60:.0f} min left"
    )


def _shipped(job: TrainingJob, best: Tensors) -> keras.Model:
    """The plain float32 network with the best weights, without a head for votes."""
    final = build_network(job.arch)
    # Votes go: all but the last layer's outputs for the classes is as it was trained.
    shapes = [variable.shape for variable in final.weights]
    assign(
        final.weights,
        [tensor[..., : shape[-1]] for tensor, shape in zip(best, shapes, strict=True)],
    )
    return final
