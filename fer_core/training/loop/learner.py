"""The network while it learns: built and compiled for a job, asked, and set to given weights."""

import hashlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from fer_core.errors import TrainingError
from fer_core.training.loop import objective
from fer_core.training.loop.checkpoint import Tensors
from fer_core.training.loop.job import TrainingJob
from fer_core.training.loop.optimizer import make_optimizer
from fer_core.training.networks import load_backbone
from fer_core.training.networks.fused_norm import build_for_training

EVALUATION_BATCH = 256
"""Faces that a network is given at once where nothing is learned from them."""


def build_learner(job: TrainingJob, policy: str, steps_per_epoch: int) -> keras.Model:
    """A job's network with loss and optimizer, its weights as Keras begins them.

    Args:
        job: its architecture, recipe and backbone.
        policy: what is computed in: ``float32`` or ``mixed_bfloat16``.
        steps_per_epoch: by which the learning rate falls.
    """
    keras.config.set_dtype_policy(policy)
    try:
        # Networks that pool globally train at several sides: their input has no fixed size.
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


def copies(variables: list[Any]) -> Tensors:
    """The values of variables, detached from them."""
    return [np.array(ops.convert_to_numpy(variable)) for variable in variables]


def assign(variables: list[Any], tensors: Tensors) -> None:
    """Give each variable its value.

    Raises:
        TrainingError: there are more or fewer values than variables.
    """
    if len(variables) != len(tensors):
        raise TrainingError(
            "weights of another network",
            expected=f"{len(variables)} tensors",
            received=len(tensors),
            remedy="Train anew, without --resume and --from.",
        )
    for variable, tensor in zip(variables, tensors, strict=True):
        variable.assign(tensor)


def blend(model: keras.Model, start: Tensors, share: float) -> None:
    """Put the mean of the network that was begun with and of the one that it became in place.

    Args:
        model: the one that it became.
        start: the weights that were begun with.
        share: of these, 0-1.
    """
    mean = [
        (share * begun + (1 - share) * now).astype(now.dtype)
        for begun, now in zip(start, copies(model.weights), strict=True)
    ]
    assign(model.weights, mean)


def restart_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Give each dropout layer the state that belongs to this epoch, resumed or not."""
    for number, layer in enumerate(model._flatten_layers()):
        if generator := getattr(layer, "seed_generator", None):
            digest = hashlib.sha256(f"{seed}/{epoch}/{number}".encode()).digest()
            generator.state.assign(np.frombuffer(digest[:8], np.uint32).astype(np.int64) % 2**31)


def predict_logits(
    model: keras.Model,
    faces: NDArray[np.uint8],
    seen: Callable[[NDArray[np.int64]], None] = lambda found: None,
) -> NDArray[np.float32]:
    """A network's answers in evaluation mode, without votes.

    Args:
        model: the network.
        faces: (n, side, side, channels) uint8.
        seen: is told the classes found so far, (m,) int64, now and then.

    Returns:
        (n, 7) float32.
    """
    logits = np.empty((len(faces), objective.CLASSES), np.float32)
    for first in range(0, len(faces), EVALUATION_BATCH):
        rows = slice(first, first + EVALUATION_BATCH)
        # Not `predict`, which makes a tf.data pipeline: see `epoch`.
        answers = model.predict_on_batch(faces[rows].astype(np.float32))
        logits[rows] = answers[:, : objective.CLASSES]
        seen(logits[: first + len(answers)].argmax(axis=1))
    return logits
