"""Proper scores: how good the probabilities are, not only their order."""

import numpy as np
from numpy.typing import ArrayLike

from fer_core.metrics.contracts import checked_pair

_SMALLEST = float(np.finfo(np.float32).tiny)


def log_loss(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean of -ln p(true class), in nats; 0 is perfect, ln 7 = 1.95 is guessing.

    Source: Good 1952, Rational Decisions (the logarithmic score). A probability that float32
    rounded to 0 counts as float32's smallest, so that the mean stays finite.

    Args:
        probabilities: (n, k), rows summing to 1.
        labels: (n,) integers; n >= 1.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    scores, true = checked_pair(probabilities, labels, "log_loss")
    own = scores[np.arange(len(true)), true]
    return float(-np.log(own.clip(_SMALLEST)).mean())


def brier(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean over images of the summed squared distance to the one-hot truth, 0 (perfect) to 2.

    Source: Brier 1950, Monthly Weather Review 78 (the multi-class form, summed over classes).

    Args:
        probabilities: (n, k), rows summing to 1.
        labels: (n,) integers; n >= 1.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    scores, true = checked_pair(probabilities, labels, "brier")
    return float(((scores - np.eye(scores.shape[1])[true]) ** 2).sum(axis=1).mean())
