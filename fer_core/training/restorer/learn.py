"""Training the restorer: first every pixel counts, then what networks read in the face."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import TypeAlias, cast

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from fer_core.training.restorer.faces import spoiled
from fer_core.training.restorer.network import build_restorer

_LEVELS = 255.0

Step: TypeAlias = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""Faces as they came and as they were -> the loss, after the weights have learned from it."""


@dataclass(frozen=True, slots=True)
class RestorerRecipe:
    """How the restorer learns.

    Attributes:
        pixel_epochs: in which the mean square difference of pixels is all that counts.
        judged_epochs: after them: the judges' cross-entropy against what they say of the clear
            face, and `pixels` times the mean square difference, levels scaled to 0-1.
        pixel_rate, judged_rate: Adam's highest learning rates, after a warm-up, falling to zero.
        batch_size: faces a step.
        seed: source of all chance.
    """

    pixel_epochs: int
    judged_epochs: int
    pixel_rate: float = 2e-3
    judged_rate: float = 1e-3
    pixels: float = 5.0
    batch_size: int = 128
    seed: int = 0


def train_restorer(
    faces: NDArray[np.uint8],
    judges: Sequence[keras.Model],
    recipe: RestorerRecipe,
    *,
    report: Callable[[str], None] = lambda line: None,
) -> keras.Model:
    """A restorer that has learned from training faces.

    Pixels alone make a face smooth wherever they are in doubt. What a network sees in the face
    makes it sharp where that matters (perceptual loss: Johnson et al. 2016, arXiv:1603.08155), here
    the answer itself.

    Args:
        faces: (n, 48, 48) uint8, at least a batch.
        judges: networks (m, 48, 48, 1) 0-255 -> (m, 7) logits, in turns; one may stand there twice.
        recipe: how.
        report: takes a line after each epoch.

    Returns:
        `build_restorer` with weights averaged over its last steps.
    """
    keras.utils.set_random_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    model = build_restorer()
    for words, epochs, rate, learners in (
        ("pixels", recipe.pixel_epochs, recipe.pixel_rate, [None]),
        ("judged", recipe.judged_epochs, recipe.judged_rate, list(judges)),
    ):
        steps_an_epoch = len(faces) // recipe.batch_size
        optimizer = _optimizer(rate, epochs * steps_an_epoch)
        steps = [_step(model, judge, optimizer, recipe.pixels) for judge in learners]
        for epoch in range(epochs):
            begun = perf_counter()
            loss = _run_epoch(faces, steps, recipe.batch_size, rng)
            report(
                f"{words}: epoch {epoch + 1}/{epochs}  loss {loss:.4f}  "
                f"{perf_counter() - begun:.1f} s"
            )
        if epochs:
            optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _optimizer(rate: float, steps: int) -> keras.optimizers.Optimizer:
    warm_up = min(300, steps // 4)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 1000, max(steps - warm_up, 1), warmup_target=rate, warmup_steps=warm_up
    )
    return keras.optimizers.Adam(schedule, global_clipnorm=1.0, use_ema=True, ema_momentum=0.998)


def _step(
    model: keras.Model,
    judge: keras.Model | None,
    optimizer: keras.optimizers.Optimizer,
    pixels: float,
) -> Step:
    optimizer.build(model.trainable_variables)

    def step(seen: tf.Tensor, clear: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            restored = model(seen, training=True)
            square = tf.reduce_mean(tf.square((restored - clear) / _LEVELS))
            loss = pixels * square
            if judge is not None:
                wanted = tf.nn.softmax(judge(clear, training=False))
                loss += tf.reduce_mean(
                    tf.nn.softmax_cross_entropy_with_logits(wanted, judge(restored, training=False))
                )
        weights = model.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    return cast(Step, tf.function(step))


def _run_epoch(
    faces: NDArray[np.uint8], steps: Sequence[Step], batch_size: int, rng: np.random.Generator
) -> float:
    """Each face once, half of them mirrored; the mean loss."""
    order = rng.permutation(len(faces))
    losses = []
    turns = cycle(steps)
    for begin in range(0, len(faces) - batch_size + 1, batch_size):
        clear = faces[order[begin : begin + batch_size]].copy()
        mirrored = rng.random(len(clear)) < 0.5
        clear[mirrored] = clear[mirrored, :, ::-1]
        seen = spoiled(clear, rng)
        pair = (tf.constant(part[..., None], tf.float32) for part in (seen, clear))
        losses.append(float(next(turns)(*pair)))
    return float(np.mean(losses))
