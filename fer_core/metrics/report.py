"""The figures of one split as typed values: what `metrics.json` holds, in its order."""

from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from fer_core.emotions import LABELS

Share = Annotated[float, Field(ge=0, le=1)]


class ClassReport(BaseModel):
    """One class of one split: fractions, and the number of its images."""

    model_config = ConfigDict(frozen=True)

    precision: Share
    recall: Share
    f1: Share
    support: int = Field(ge=0)


class SplitReport(BaseModel):
    """All figures of one split, as fractions.

    Attributes:
        n: images.
        accuracy: share of right answers.
        accuracy_low, accuracy_high: its bootstrap 95 % interval, over groups of equal images.
        accuracy_flip: with the mean of the mirrored face's logits (test-time augmentation).
        accuracy_twin_free: without images that are pixel-identical to a training image.
        accuracy_without_disgust: of the six other classes' images, the disgust column removed:
            what the projects with six classes report.
        macro_f1: unweighted mean over the classes.
        per_class: by label, each of the seven.
        log_loss, brier, ece: at temperature 1.
        ece_calibrated: at the card's temperature.
    """

    model_config = ConfigDict(frozen=True)

    n: int = Field(ge=1)
    accuracy: Share
    accuracy_low: Share
    accuracy_high: Share
    accuracy_flip: Share
    accuracy_twin_free: Share
    accuracy_without_disgust: Share
    macro_f1: Share
    per_class: dict[str, ClassReport]
    log_loss: float = Field(ge=0, allow_inf_nan=False)
    brier: float = Field(ge=0, le=2)
    ece: Share
    ece_calibrated: Share

    @field_validator("per_class")
    @classmethod
    def _every_class(cls, value: dict[str, ClassReport]) -> dict[str, ClassReport]:
        if set(value) != set(LABELS):
            raise ValueError(f"expected {', '.join(LABELS)}, received {', '.join(value)}")
        return value

    @property
    def recall(self) -> NDArray[np.float64]:
        """(7,) float64 recall in the order of `Emotion`."""
        return np.array([self.per_class[label].recall for label in LABELS])


class AccuracyFigures(Protocol):
    """What is known of a network on whatever images, and of every kind of report."""

    @property
    def n(self) -> int:
        """Images."""

    @property
    def accuracy(self) -> float:
        """Share right, 0-1."""

    @property
    def accuracy_low(self) -> float:
        """Lower end of its 95 % interval."""

    @property
    def accuracy_high(self) -> float:
        """Upper end of its 95 % interval."""

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes."""
