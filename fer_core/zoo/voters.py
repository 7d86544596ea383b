"""A network's second answer: what FER+'s ten voters would name, beside what FER2013's label is.

FER2013's labels come from words that pictures were searched by, and people agree with about 65 % of
them; FER+ had each picture named by ten people (Barsoum et al. 2016, arXiv:1608.01041). A network
that has learned both answers the first where it is measured on FER2013, and the second where it
reads somebody's pictures: what a face shows is what people see in it.
"""

from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from fer_core.emotions import LABELS
from fer_core.zoo.confidence import Calibration

VOTERS_NAME = "voters"
"""The graph's output with the second answer: (n, 7) float32, as `OUTPUT_NAME` has the first."""

VOTERS_MAPS_NAME = "voters_maps"
"""Where in the face it comes from, as `MAPS_NAME` says it of the first."""


class AnswersAs(StrEnum):
    """Whose word for a face a network gives."""

    LABELS = "labels"
    VOTERS = "voters"


class Voters(BaseModel):
    """What a card says of the second answer.

    Attributes:
        faces: of Training, that it was learned from.
        prior_share: how much of the logarithm of the voters' class shares was taken off the logits
            (Menon et al. 2021, arXiv:2007.07314): a third of FER+'s faces are neutral, and those of
            other pictures are not. 0 for answers as frequent as theirs, 1 for classes that are
            equally likely beforehand.
        confusion: 7 x 7 counts of PublicTest faces, rows what most of the voters named, columns
            what the network does, from one view; faces without such a word, or with one that is
            none of ours, are left out.
        calibration: as that of the labels' answers, chosen against the voters' words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    faces: int = Field(ge=1)
    prior_share: float = Field(ge=0, le=1)
    confusion: tuple[tuple[NonNegativeInt, ...], ...]
    calibration: Calibration

    @model_validator(mode="after")
    def _counts_of_every_class(self) -> Self:
        if self.counts.shape != (len(LABELS), len(LABELS)) or not self.n:
            raise ValueError(f"expected 7 x 7 counts, received {self.counts.shape}")
        return self

    @property
    def counts(self) -> NDArray[np.int64]:
        """`confusion` as an array, (7, 7)."""
        return np.array([*map(list, self.confusion)], np.int64)

    @property
    def n(self) -> int:
        """Faces of PublicTest that the voters have a word for."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of these that the network names as they do."""
        return float(np.trace(self.counts) / self.n)

    @property
    def macro_f1(self) -> float:
        """Unweighted mean of the classes' F1, as `fer_core.metrics.macro_f1`."""
        there = self.counts.sum(axis=0) + self.counts.sum(axis=1)
        return float((2 * np.diag(self.counts) / there.clip(min=1)).mean())
