"""What a training makes small and what it counts, for the labels and for FER+'s votes beside them.

Where a recipe has ``votes``, the last layer has seven outputs more, which learn how FER+'s ten
people saw the face. They teach the layers below and do not ship. Source: Caruana 1997, Multitask
Learning; Barsoum et al. 2016 (arXiv:1608.01041) for the votes.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from fer_core.emotions import LABELS
from fer_core.runs.recipe import Recipe

CLASSES = len(LABELS)

Measure = Callable[[Any, Any], Any]
"""Targets (b, 7 or 14) and logits of the same shape -> (b,)."""


def outputs(recipe: Recipe) -> int:
    """Number of outputs while training: the classes, and once more for the votes."""
    return 2 * CLASSES if recipe.votes else CLASSES


def loss(recipe: Recipe) -> Measure:
    """Cross-entropy of the labels, smoothed; plus the weighted cross-entropy of the votes."""

    def of_labels_and_votes(targets: Any, logits: Any) -> Any:
        own = keras.losses.categorical_crossentropy(
            targets[:, :CLASSES],
            logits[:, :CLASSES],
            from_logits=True,
            label_smoothing=recipe.label_smoothing,
        )
        if not recipe.votes:
            return own
        return own + recipe.votes * keras.losses.categorical_crossentropy(
            targets[:, CLASSES:], logits[:, CLASSES:], from_logits=True
        )

    return of_labels_and_votes


def accuracy(targets: Any, logits: Any) -> Any:
    """Whether the likeliest class is the target's, for each face; votes do not count."""
    found = ops.argmax(logits[:, :CLASSES], axis=1)
    return ops.cast(ops.equal(found, ops.argmax(targets[:, :CLASSES], axis=1)), "float32")
