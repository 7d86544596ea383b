"""The training loop: Keras 3, the same on the TensorFlow and the JAX backend."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.faces import InputSpec, to_network_inputs, trained_input
from fer_core.metrics import accuracy, log_loss
from fer_core.storage.machine import processor_name
from fer_core.training.data.batches import EpochBatches
from fer_core.training.data.teacher import (
    TEACHERS_FOLDER,
    teacher_probabilities,
    teacher_reader,
    vote_shares,
)
from fer_core.training.loop import objective
from fer_core.training.loop.checkpoint import (
    Checkpoint,
    Progress,
    Tensors,
    discard_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from fer_core.training.loop.epoch import copies, run_epoch
from fer_core.training.loop.initial import give_unit_variance
from fer_core.training.networks import Architecture, build_network, load_backbone
from fer_core.training.networks.fused_norm import build_for_training
from fer_core.training.networks.grow import in_corner
from fer_core.training.recipe import Recipe
from fer_core.zoo import GRAPH_FILE, MODELS, ModelCard, softmax

_EVALUATION_BATCH = 256
_STATISTICS_BATCHES = 8
_FASTER = 1.1
"""bfloat16 must win by this much: it costs accuracy at the last digit and timing is noisy."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Start:
    """A shipped network to go on from.

    Attributes:
        weights: in the network's order.
        card: as it was shipped.
        history: the rows of its ``history.csv``.
    """

    weights: Tensors
    card: ModelCard
    history: list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training, fully specified.

    Attributes:
        run: folder of its checkpoints.
        models: where a recipe's teacher is.
        start: what to go on from; None: from the beginning.
        backbone: trained weights for a backbone that then stays frozen; see
            `networks.load_backbone`.
        limit: use only that many training images; for rehearsals.
        precision: ``auto`` times both and takes the faster.
        replan: a resumed training may end after another number of epochs than planned: the learning
            rate then falls to zero by that one.
        until: stop after this epoch although the recipe goes on (resume continues); None: the end.
    """

    arch: Architecture
    recipe: Recipe
    seed: int
    run: Path
    models: Path = MODELS
    start: Start | None = None
    backbone: str | None = None
    limit: int | None = None
    precision: str = "auto"
    replan: bool = False
    until: int | None = None
    report: Report = field(default=print)


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """The best epoch's network and how it came about.

    Attributes:
        model: float32, at the architecture's own input side, with the best weights.
        progress: history and best epoch.
        processor: for the card.
    """

    model: keras.Model
    progress: Progress
    processor: str


class LearningRate(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Linear warm-up to a peak, then constant, linear or cosine decay to 0 at the last step."""

    def __init__(self, peak: float, warmup_steps: int, total_steps: int, shape: str) -> None:
        self.peak, self.warmup_steps = peak, warmup_steps
        self.total_steps, self.shape = total_steps, shape

    def __call__(self, step: Any) -> Any:
        """The rate at ``step``, counted from 0."""
        step = ops.cast(step, "float32")
        rise = (step + 1) / max(1, self.warmup_steps)
        done = (step - self.warmup_steps) / max(1, self.total_steps - self.warmup_steps)
        done = ops.clip(done, 0.0, 1.0)
        fall = {
            "constant": ops.ones_like(done),
            "linear": 1 - done,
            "cosine": 0.5 * (1 + ops.cos(math.pi * done)),
        }[self.shape]
        return self.peak * ops.minimum(rise, fall)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
            "shape": self.shape,
        }


def make_optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """The recipe's optimizer with its schedule and moving average of weights."""
    rate = LearningRate(
        recipe.learning_rate,
        round(recipe.warmup_epochs * steps_per_epoch),
        recipe.epochs * steps_per_epoch,
        recipe.schedule,
    )
    average = {"use_ema": bool(recipe.averaging), "ema_momentum": recipe.averaging or 0.99}
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=recipe.momentum, nesterov=True, **average)
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(rate, **average)
    return keras.optimizers.Adadelta(rate, **average)


def _build(job: TrainingJob, policy: str, steps_per_epoch: int) -> keras.Model:
    keras.config.set_dtype_policy(policy)
    try:
        # Networks that pool globally train at several sides: their picture has no fixed size.
        model = build_for_training(
            job.arch,
            classes=objective.outputs(job.recipe),
            any_side=bool(job.recipe.sides_px),
        )
    finally:
        keras.config.set_dtype_policy("float32")
    if job.backbone:
        load_backbone(model, job.arch.slug, job.backbone)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Dropout):
            layer.rate *= job.recipe.dropout
    if job.recipe.l2:
        for variable in model.trainable_variables:
            if variable.path.endswith("kernel"):
                variable.regularizer = keras.regularizers.L2(job.recipe.l2)
    model.compile(
        optimizer=make_optimizer(job.recipe, steps_per_epoch),
        loss=objective.loss(job.recipe),
        metrics=[objective.accuracy],
        jit_compile="auto" if keras.backend.backend() == "jax" else False,  # XLA is slower on CPUs
    )
    model.optimizer.build(model.trainable_variables)
    return model


def _spec(job: TrainingJob, epoch: int | None = None) -> InputSpec:
    side, sides = job.arch.side_px, job.recipe.sides_px
    if sides and epoch is not None:
        side = sides[min(epoch * len(sides) // job.recipe.epochs, len(sides) - 1)]
    return trained_input(side, job.arch.channels)


def choose_precision(
    job: TrainingJob,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    votes: NDArray[np.float32] | None,
) -> str:
    """Time a few steps in float32 and in bfloat16, and name the faster policy.

    Processors with AMX or AVX512-bf16 may gain; without, bfloat16 is ten times slower.
    """
    faces, targets = EpochBatches(
        pixels, labels, job.recipe, _spec(job), seed=job.seed, epoch=0, votes=votes
    )[0][:2]
    models = {policy: _build(job, policy, 100) for policy in ("float32", "mixed_bfloat16")}
    fastest = dict.fromkeys(models, math.inf)
    for attempt in range(7):  # in turns and by the fastest step: other work disturbs both alike
        for policy, model in models.items():
            start = perf_counter()
            model.train_on_batch(faces, targets)
            if attempt:  # the first one builds the graph
                fastest[policy] = min(fastest[policy], perf_counter() - start)
    ratio = fastest["float32"] / fastest["mixed_bfloat16"]
    chosen = "mixed_bfloat16" if ratio >= _FASTER else "float32"
    job.report(f"{job.arch.slug}: bfloat16 runs at {ratio:.2f} times float32's speed: {chosen}")
    return chosen


def predict_logits(model: keras.Model, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, side, side, channels) uint8 -> (n, 7) float32, in evaluation mode, without votes."""
    # Not `predict`, which makes a tf.data pipeline: see `epoch._by_steps`.
    logits = [
        model.predict_on_batch(faces[first : first + _EVALUATION_BATCH].astype(np.float32))
        for first in range(0, len(faces), _EVALUATION_BATCH)
    ]
    return np.concatenate(logits)[:, : objective.CLASSES].astype(np.float32)


def _restart_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Give each dropout layer the state that belongs to this epoch, resumed or not."""
    for number, layer in enumerate(model._flatten_layers()):
        if generator := getattr(layer, "seed_generator", None):
            digest = hashlib.sha256(f"{seed}/{epoch}/{number}".encode()).digest()
            generator.state.assign(np.frombuffer(digest[:8], np.uint32).astype(np.int64) % 2**31)


class _Statistics:
    """Estimates BatchNorm statistics anew: averaged weights never had activations of their own.

    Source: Izmailov et al. 2018 (arXiv:1803.05407), section 3.2.
    """

    def __init__(self, model: keras.Model, faces: NDArray[np.uint8]) -> None:
        """Take (n, side, side, channels) faces; those of the first batches are used."""
        self._norms = [
            layer
            for layer in model._flatten_layers()
            if isinstance(layer, keras.layers.BatchNormalization)
        ]
        count = min(_STATISTICS_BATCHES, -(-len(faces) // _EVALUATION_BATCH))
        self._batches = [
            faces[number * _EVALUATION_BATCH : (number + 1) * _EVALUATION_BATCH]
            for number in range(count if self._norms else 0)
        ]
        self._passes = [partial(model, training=True) for _ in self._batches]
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # A graph for each batch, as the momentum becomes part of it; without, an epoch of
            # a small network waits longer for its statistics than for its gradients.
            self._passes = [tf.function(one) for one in self._passes]

    def renew(self) -> None:
        """Pass the batches through the network as it is now."""
        usual = [layer.momentum for layer in self._norms]
        for number, (one, batch) in enumerate(zip(self._passes, self._batches, strict=True)):
            for layer in self._norms:
                layer.momentum = number / (number + 1)  # a plain mean over the batches
            one(batch.astype(np.float32))
        for layer, momentum in zip(self._norms, usual, strict=True):
            layer.momentum = momentum


def train(job: TrainingJob, data: Fer2013, *, resume: bool = False) -> TrainedNetwork:
    """Train one network; anything may stop it, and `resume` goes on after the last whole epoch.

    Training images without blanks are learned from; the epoch is chosen by PublicTest accuracy.

    Raises:
        TrainingError: the recipe does not fit the architecture, a checkpoint belongs to other
            settings, or the loss is no longer a number.
    """
    pixels, labels = data.part(Split.TRAINING, without_blank=True)
    teacher = None
    if job.recipe.teacher and job.recipe.teacher_reads == "once":
        teacher = teacher_probabilities(
            job.recipe.teacher,
            job.recipe.teacher_temperature,
            data,
            models=job.models,
            kept=job.run.parent / TEACHERS_FOLDER,
            report=job.report,
        )
    votes = vote_shares(data) if job.recipe.votes else None
    if job.limit is not None:
        pixels, labels = pixels[: job.limit], labels[: job.limit]
    public_pixels, public_labels = data.part(Split.PUBLIC_TEST)
    public_faces = to_network_inputs(public_pixels, _spec(job))
    statistics_faces = to_network_inputs(
        pixels[: _STATISTICS_BATCHES * _EVALUATION_BATCH], _spec(job)
    )
    settings = {
        "slug": job.arch.slug,
        "recipe": job.recipe.model_dump(mode="json"),
        "seed": job.seed,
        "dataset": data.fingerprint,
        "start": job.start.card.files[GRAPH_FILE].sha256 if job.start else None,
        "backbone": job.backbone,
        "limit": job.limit,
    }
    saved = load_checkpoint(job.run, settings, replan=job.replan) if resume else None
    if saved:
        progress, best = saved.progress, saved.best
        _note_replanned(progress, settings)
    else:
        precision = job.precision
        if precision == "auto":
            precision = choose_precision(job, pixels, labels, votes)
        progress, best = Progress(settings, precision), []
        discard_checkpoints(job.run)

    keras.utils.set_random_seed(job.seed)
    steps = len(EpochBatches(pixels, labels, job.recipe, _spec(job), seed=job.seed, epoch=0))
    model = _build(job, progress.precision, steps)
    reader = None
    if job.recipe.teacher and job.recipe.teacher_reads == "each_batch":
        reader = teacher_reader(
            job.recipe.teacher,
            job.recipe.teacher_temperature,
            views=job.recipe.teacher_views,
            models=job.models,
            spec=_spec(job),
            precision=progress.precision,
        )
    start_weights: Tensors = []
    if job.start:
        # A head for votes begins at random.
        pairs = zip(job.start.weights, copies(model.weights), strict=True)
        start_weights = [in_corner(own, fresh) for own, fresh in pairs]
    if saved:
        _assign(model.weights, saved.weights)
        _assign(model.optimizer.variables, saved.optimizer)
        job.report(f"{job.arch.slug}: resumed after epoch {progress.epoch}")
    elif start_weights:
        _assign(model.weights, start_weights)
    elif job.recipe.initial == "unit_variance":
        give_unit_variance(model, statistics_faces[:_EVALUATION_BATCH])

    statistics = _Statistics(model, statistics_faces)
    while progress.epoch < min(job.until or job.recipe.epochs, job.recipe.epochs):
        epoch, start = progress.epoch, perf_counter()
        _restart_dropout(model, job.seed, epoch)
        spec = _spec(job, epoch)
        batches = EpochBatches(
            pixels,
            labels,
            job.recipe,
            spec,
            seed=job.seed,
            epoch=epoch,
            teacher=teacher,
            votes=votes,
            reader=reader,
        )
        learned = run_epoch(model, batches)
        if not math.isfinite(learned.loss):
            raise TrainingError(
                "the loss is no longer a number",
                where=f"{job.arch.slug}, epoch {epoch + 1}",
                remedy="Lower learning_rate in the recipe.",
            )
        if start_weights and job.recipe.start_share:
            _blend(model, start_weights, job.recipe.start_share)
        if job.recipe.averaging or job.recipe.start_share:
            statistics.renew()
        val_loss, val_accuracy = _validate(model, public_faces, public_labels)
        rate = model.optimizer.learning_rate  # already the next step's
        progress.history.append(
            {
                "epoch": epoch + 1,
                "loss": learned.loss,
                "accuracy": learned.accuracy,
                "val_loss": val_loss,
                "val_accuracy": val_accuracy,
                "learning_rate": float(ops.convert_to_numpy(rate)),
                "seconds": perf_counter() - start,
            }
        )
        if val_accuracy > progress.best_accuracy:
            progress.best_accuracy, progress.best_epoch = val_accuracy, epoch + 1
            best = copies(model.weights)
        _assign(model.weights, learned.weights)
        _assign(model.optimizer.variables, learned.optimizer)
        save_checkpoint(job.run, Checkpoint(progress, learned.weights, learned.optimizer, best))
        job.report(_line(job, progress))

    final = build_network(job.arch)
    # Votes go: all but the last layer's outputs for the classes is as it was trained.
    shapes = [variable.shape for variable in final.weights]
    _assign(
        final.weights,
        [tensor[..., : shape[-1]] for tensor, shape in zip(best, shapes, strict=True)],
    )
    return TrainedNetwork(final, progress, processor_name())


def _note_replanned(progress: Progress, settings: dict[str, Any]) -> None:
    planned = progress.settings["recipe"]["epochs"]
    if settings["recipe"]["epochs"] != planned:
        progress.replanned.append({"after_epoch": progress.epoch, "planned_epochs": planned})
        progress.settings = settings


def _assign(variables: list[Any], tensors: Tensors) -> None:
    if len(variables) != len(tensors):
        raise TrainingError(
            "weights of another network",
            expected=f"{len(variables)} tensors",
            received=len(tensors),
        )
    for variable, tensor in zip(variables, tensors, strict=True):
        variable.assign(tensor)


def _blend(model: keras.Model, start: Tensors, share: float) -> None:
    """Put the mean of the network that was begun with and of the one that it became in place."""
    mean = [
        (share * begun + (1 - share) * now).astype(now.dtype)
        for begun, now in zip(start, copies(model.weights), strict=True)
    ]
    _assign(model.weights, mean)


def _validate(
    model: keras.Model, faces: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[float, float]:
    """Cross-entropy and accuracy on (n, side, side, channels) uint8 faces."""
    logits = predict_logits(model, faces)
    return log_loss(softmax(logits), labels), accuracy(labels, logits.argmax(axis=1))


def _line(job: TrainingJob, progress: Progress) -> str:
    row = progress.history[-1]
    left = (job.recipe.epochs - progress.epoch) * row["seconds"]
    return (
        f"{job.arch.slug}: epoch {progress.epoch}/{job.recipe.epochs}  "
        f"loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}  "
        f"PublicTest loss {row['val_loss']:.4f}  accuracy {row['val_accuracy']:.4f}  "
        f"{row['seconds']:.1f} s  about {left / 60:.0f} min left"
    )
