"""Calibration: is a model that says 80 % right in 80 % of the cases?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fer_core.metrics.contracts import checked_pair

BINS = 15
TEMPERATURE_RANGE = (0.05, 20.0)
"""A network whose best temperature lies outside has learned nothing, or its labels by heart."""


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Confidence against accuracy, bin by bin.

    Attributes:
        edges: (bins + 1,) float64 from 0 to 1, equal widths.
        counts: (bins,) int64 images whose confidence c has ``edges[i] < c <= edges[i + 1]``.
        confidence: (bins,) float64 mean confidence, NaN in an empty bin.
        accuracy: (bins,) float64 share of right answers, NaN in an empty bin.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def ece(self) -> float:
        """Expected calibration error: mean distance of accuracy and confidence over images."""
        filled = self.counts > 0
        gaps = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float((gaps * self.counts[filled]).sum() / self.counts.sum())


def reliability(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> Reliability:
    """Table behind a reliability diagram, by the confidence of the likeliest class.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599, section 2.

    Args:
        probabilities: (n, k), rows summing to 1.
        labels: (n,) integers; n >= 1.
        bins: number of bins of equal width.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    scores, true = checked_pair(probabilities, labels, "reliability")
    confidence, right = scores.max(axis=1), scores.argmax(axis=1) == true
    edges = np.linspace(0.0, 1.0, bins + 1)
    index = (np.searchsorted(edges, confidence, side="left") - 1).clip(0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Reliability(
            edges,
            counts.astype(np.int64),
            np.bincount(index, confidence, bins) / counts,
            np.bincount(index, right, bins) / counts,
        )


def ece(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error, 0-1: sum over bins of n_b / n * |accuracy_b - confidence_b|.

    Source: Naeini et al. 2015 (AAAI), in the form of Guo et al. 2017, arXiv:1706.04599,
    equation 3. See `reliability` for arguments and errors.
    """
    return reliability(probabilities, labels, bins).ece


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The divisor of the logits that makes the log loss smallest; above 1 it takes back boldness.

    Source: temperature scaling, Guo et al. 2017, arXiv:1706.04599, section 4. One number does not
    change the order of the classes, hence not the accuracy. Fitted on PublicTest.

    Args:
        logits: (n, k), finite.
        labels: (n,) integers; n >= 1.

    Returns:
        A temperature within `TEMPERATURE_RANGE`.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    scores, true = checked_pair(logits, labels, "fit_temperature")
    rows = np.arange(len(true))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(scores / np.exp(log_temperature), axis=1)[rows, true].mean())

    # In the logarithm, because halving and doubling are the same step; the loss is convex in 1/T.
    low, high = np.log(TEMPERATURE_RANGE)
    best = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-5})
    return float(np.exp(best.x))
