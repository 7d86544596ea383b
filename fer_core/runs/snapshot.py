"""How far a training is: what it writes once a second, and what a page draws."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.emotions import LABELS

FACES = 12
"""Training faces of the newest epoch's first batch that are kept to be looked at."""

Doing = Literal["learning", "validating", "finishing", "paused"]


class Confusion(BaseModel):
    """The confusion matrix of an epoch's validation, as far as it is filled.

    Attributes:
        epoch: which, counted from 1.
        counts: 7 rows, true, of 7 columns, answered.
        seen, total: images that are in it, and that there are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: int = Field(ge=1)
    counts: tuple[tuple[int, ...], ...]
    total: int = Field(ge=0)

    @property
    def seen(self) -> int:
        """Images that are in it."""
        return sum(map(sum, self.counts))

    @classmethod
    def of(
        cls, epoch: int, labels: NDArray[np.int64], found: NDArray[np.int64], total: int
    ) -> Self:
        """Count answers ``found`` (m,) to images of ``labels`` (m,), of ``total`` in all."""
        counts = np.zeros((len(LABELS), len(LABELS)), np.int64)
        np.add.at(counts, (labels, found), 1)
        return cls(epoch=epoch, counts=tuple(map(tuple, counts.tolist())), total=total)


class Snapshot(BaseModel):
    """Where a training is at a moment.

    Attributes:
        doing: which kind of step.
        epoch, epochs: the one it is in, counted from 1, and how many are planned.
        step, steps: batches of this epoch that are done, and that there are.
        loss, accuracy: means of this epoch's batches so far, while they were learned from.
        learning_rate: of the last batch.
        seconds_a_step: mean of this epoch's, without pauses; None before the first few.
        left_s: until the last epoch has ended, about; None where that is not known yet.
        confusion: of the newest validation; None before the first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    doing: Doing = "learning"
    epoch: int = Field(ge=1)
    epochs: int = Field(ge=1)
    step: int = Field(ge=0)
    steps: int = Field(ge=1)
    loss: float | None = None
    accuracy: float | None = None
    learning_rate: float | None = None
    seconds_a_step: float | None = None
    left_s: float | None = None
    confusion: Confusion | None = None

    @property
    def share(self) -> float:
        """Of all planned epochs that is done, 0 to 1."""
        if self.doing == "finishing":
            return 1.0
        return min(1.0, (self.epoch - 1 + self.step / self.steps) / self.epochs)
