"""Learning curves as people read them: smoothed, the best epoch and changes of course marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fer_core.evaluation.summary import History

_SUDDEN = 3
"""A fall of the learning rate this many times those beside it belongs to no schedule of ours."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where something about a training changed.

    Attributes:
        epoch: the first one, counted from 1.
        what: in words, to follow "from here".
    """

    epoch: int
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurve:
    """One training's curve and the epochs worth marking in it.

    Attributes:
        history: its epochs.
        best_epoch: whose weights ship, or are kept so far; None before the first.
        stages: what changed after the first epoch, in order.
    """

    history: History
    best_epoch: int | None
    stages: tuple[Stage, ...] = ()

    @classmethod
    def of(cls, history: History, recipe: Mapping[str, Any]) -> Self:
        """A curve as a card's or a running training's recipe explains it.

        Args:
            history: may be empty.
            recipe: settings by name; without ``best_epoch`` that is the one of the highest
                accuracy on validation images, the first of equals.
        """
        best = recipe.get("best_epoch")
        if not best and len(history):
            best = int(history["epoch"][history["val_accuracy"].argmax()])
        return cls(history, best or None, find_stages(history, recipe))

    def smoothed(self, column: str, weight: float) -> NDArray[np.float64]:
        """(m,) a column of the history, smoothed within each stage; see `smooth`."""
        return smooth(self.history[column], weight, self._rows_of_stages())

    def _rows_of_stages(self) -> list[int]:
        epochs = self.history["epoch"]
        return [int(np.searchsorted(epochs, stage.epoch)) for stage in self.stages]


def find_stages(history: History, recipe: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Where a training went on anew, and where the last stint's faces grew.

    A history does not say where one stint ended, its learning rate does: it rises again, or falls
    at once by more than its schedule would.

    Args:
        history: all stints, one after the other.
        recipe: the last stint's settings; its ``sides_px`` share its epochs equally.
    """
    epochs, rates = history["epoch"], history["learning_rate"]
    steps = np.diff(rates)
    rises, falls = np.maximum(steps, 0), np.maximum(-steps, 0)
    rows = [
        row
        for row in range(2, len(rates))
        if (rises[row - 1] > 0 and not rises[row - 2])
        or (row < len(steps) and falls[row - 1] > _SUDDEN * np.abs(steps[[row - 2, row]]).max())
    ]
    stages = [
        Stage(int(epochs[row]), f"training went on, learning rate {rates[row]:.2g}") for row in rows
    ]
    sides: Sequence[int] = recipe.get("sides_px") or ()
    begun, planned = rows[-1] if rows else 0, int(recipe.get("epochs") or 0)
    for place, side in enumerate(sides[1:], start=1):
        row = begun + -(-place * planned // len(sides))
        if row < len(epochs):
            stages.append(Stage(int(epochs[row]), f"faces of {side} px"))
    return tuple(stages)


def smooth(values: ArrayLike, weight: float, starts: Sequence[int] = ()) -> NDArray[np.float64]:
    """Exponential moving average, corrected for its beginning as Adam's moments are.

    Each value's weight is ``weight`` times that of the next one, and they are divided by their sum,
    so that the first values are no nearer to 0 (what TensorBoard's slider does).

    Args:
        values: (m,), m may be 0.
        weight: 0 leaves the values as they are; below 1.
        starts: rows at which it begins anew: the loss of another stage is another measure.

    Returns:
        (m,) float64.
    """
    parts = np.split(np.asarray(values, np.float64), list(starts))
    averaged = [pd.Series(part).ewm(alpha=1 - weight).mean().to_numpy() for part in parts]
    return np.concatenate(averaged)
