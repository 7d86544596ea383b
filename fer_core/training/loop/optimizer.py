"""Optimizers and learning rates of recipes."""

import math
from typing import Any

import keras
from keras import ops

from fer_core.runs.recipe import Recipe


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
