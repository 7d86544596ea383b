"""What a network's probabilities are worth: the numbers on its card, chosen on PublicTest.

They are chosen by `evaluation.calibration`; here they are applied.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fer_core.faces.quality import Quality

_FROZEN = ConfigDict(frozen=True, extra="forbid")

FEATURES = (
    "confidence",
    "small",
    "dark",
    "white",
    "blurred",
    "very_blurred",
    "noisy",
    "turned",
    "doubtful",
    "extremely_blurred",
)
"""What the share of right answers is expected from, see `reading_features`."""

_FULL_PX = 48.0
"""Networks take no more pixels of a face."""

_LIT = 80.0
_SHARP, _VERY_BLURRED, _EXTREMELY_BLURRED, _NOISY = 0.2, 0.06, 0.03, 0.6
_FRONTAL, _FOUND_SURELY = 0.1, 0.85
_TINY = 1e-6


def reading_features(
    confidences: NDArray[np.floating], qualities: Sequence[Quality]
) -> NDArray[np.float64]:
    """What is known of n readings, as a linear model takes it.

    All but the confidence are 0 on a face that is good to read, and grow from where it gets harder.
    Blur has three limits: networks doubt themselves too much under a mild one and too little under
    a strong one, of which restoration takes back a part where it is strongest.

    Args:
        confidences: (n,) the likeliest class's calibrated probability.
        qualities: of the same n faces.

    Returns:
        (n, 10), columns as in `FEATURES`: log odds of the confidence; halvings of the size below 48
        px, and of the light below 80 grey levels; share of white; how far sharpness lies below 0.2
        and below 0.06, and above 0.6, as logarithms; turn beyond 0.1; the detector's score below
        0.85; sharpness below 0.03.
    """
    rows = [(q.size_px, q.grey, q.white, q.sharpness, q.turn, q.score) for q in qualities]
    return _features(confidences, np.array(rows, np.float64).reshape(-1, 6))


def _features(
    confidences: NDArray[np.floating], measures: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The same of (n, 6) measures, columns in the order of `Quality`."""
    p = np.asarray(confidences, np.float64).clip(_TINY, 1 - _TINY)
    size, grey, white, sharp, turn, score = np.asarray(measures, np.float64).T
    sharp = sharp + 1e-3  # a face of one grey has none
    columns = (
        np.log(p / (1 - p)),
        np.log2(_FULL_PX / size.clip(1, _FULL_PX)),
        np.log2(_LIT / (grey + 1).clip(max=_LIT)),
        white,
        np.log(_SHARP / sharp.clip(max=_SHARP)),
        np.log(_VERY_BLURRED / sharp.clip(max=_VERY_BLURRED)),
        np.log(sharp.clip(min=_NOISY) / _NOISY),
        np.nan_to_num((turn - _FRONTAL).clip(min=0)),  # without landmarks nothing is known of it
        (_FOUND_SURELY - score).clip(min=0),
        np.log(_EXTREMELY_BLURRED / sharp.clip(max=_EXTREMELY_BLURRED)),
    )
    return np.stack(columns, axis=1)


class ExpectedRight(BaseModel):
    """How often a network is right on a face like this: a logistic model of `FEATURES`.

    Attributes:
        intercept: log odds of a right answer where every feature is 0.
        weights: what each feature adds to them; the last ones may be missing, as on cards that are
            older than these.
    """

    model_config = _FROZEN

    intercept: float
    weights: dict[str, float]

    @model_validator(mode="after")
    def _known_features(self) -> Self:
        if not self.weights or tuple(self.weights) != FEATURES[: len(self.weights)]:
            raise ValueError(f"expected weights of {FEATURES}, received {tuple(self.weights)}")
        return self

    def of(
        self, confidences: NDArray[np.floating], qualities: Sequence[Quality]
    ) -> NDArray[np.float32]:
        """The share of right answers to expect of each of n readings: (n,) float32, 0-1."""
        return self._of(reading_features(confidences, qualities))

    def of_measures(
        self, confidences: NDArray[np.floating], measures: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """The same of (n, 6) measures, columns in the order of `Quality`; for many rows."""
        return self._of(_features(confidences, measures))

    def _of(self, features: NDArray[np.float64]) -> NDArray[np.float32]:
        known = features[:, : len(self.weights)]
        odds = self.intercept + known @ np.array(list(self.weights.values()))
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


class Confidence(BaseModel):
    """What turns logits of one or of two views into what a person is told.

    Attributes:
        temperature: divisor of the logits.
        unsure_threshold: confidence below which a face is "unsure".
        set_threshold: probability from which on a class belongs to a face's prediction set; None
            where none was chosen.
        expected_right: None where it was not fitted.
    """

    model_config = _FROZEN

    temperature: float = Field(gt=0)
    unsure_threshold: float = Field(ge=0, le=1)
    set_threshold: float | None = Field(default=None, ge=0, le=1)
    expected_right: ExpectedRight | None = None


class Calibration(BaseModel):
    """How a network's `Confidence` was chosen, and what was chosen.

    Attributes:
        split: always PublicTest, without the images that stated figures are measured on.
        shares: how the faces were mixed: part -> share.
        faces: readings of each part.
        drawn: faces drawn from them in these shares, with replacement; ``seed`` decides which.
        detector: what found the faces of the part that went through it.
        risk: share of wrong answers among the sure ones that ``unsure_threshold`` aims at.
        coverage: share of faces whose label is in the set, at least, in each part alone.
        one_view, two_views: what was chosen; see `Classifier.views`.
    """

    model_config = _FROZEN

    split: str
    shares: dict[str, float]
    faces: dict[str, int]
    drawn: int = Field(ge=1)
    seed: int
    detector: str
    risk: float = Field(gt=0, lt=1)
    coverage: float = Field(gt=0, lt=1)
    one_view: Confidence
    two_views: Confidence
