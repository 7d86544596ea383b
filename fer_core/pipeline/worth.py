"""What each row's answer is worth, of many rows at once: for tables of videos and of studies."""

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.zoo.confidence import Confidence


def expected_right(
    told: Confidence,
    probabilities: NDArray[np.float32],
    quality: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> NDArray[np.float32]:
    """How often the likeliest class is right on faces like these.

    Args:
        told: what the network's card says of one view.
        probabilities: (n, 7); NaN in a row without a face.
        quality, scores: (n, 5) and (n,) as `fer_core.pipeline.readings.Readings` has them.

    Returns:
        (n,) float32 0-1; NaN without a face, and everywhere where the card does not say.
    """
    found = np.full(len(probabilities), np.nan, np.float32)
    face = ~np.isnan(probabilities[:, 0])
    if told.expected_right is not None and face.any():
        measures = np.column_stack([quality, scores])[face]
        found[face] = told.expected_right.of_measures(probabilities[face].max(axis=1), measures)
    return found


def prediction_sets(
    told: Confidence, probabilities: NDArray[np.float32]
) -> NDArray[np.bool_] | None:
    """(n, 7) which classes are in each row's prediction set, see `Predictions.sets`.

    Args:
        told: what the network's card says of one view.
        probabilities: (n, 7); NaN in a row without a face, whose set is empty.

    Returns:
        None where the card does not say.
    """
    if told.set_threshold is None:
        return None
    shares = np.nan_to_num(probabilities, nan=-1.0)
    least = np.minimum(shares.max(axis=1), told.set_threshold)
    return np.asarray((shares >= least[:, None]) & (shares >= 0))


def set_words(told: Confidence, probabilities: NDArray[np.float32]) -> NDArray[np.object_]:
    """(n,) prediction sets in words, the likeliest class first; None where there is none."""
    words = np.full(len(probabilities), None, object)
    sets = prediction_sets(told, probabilities)
    if sets is None or not len(sets):
        return words
    order = np.argsort(np.where(sets, -probabilities, 2.0), axis=1, kind="stable")
    # Few different ones: each is put into words once.
    ranked = np.where(np.arange(order.shape[1]) < sets.sum(axis=1)[:, None], order, -1)
    kinds, which = np.unique(ranked, axis=0, return_inverse=True)
    texts = [
        " or ".join(Emotion(column).label for column in kind if column >= 0) or None
        for kind in kinds.tolist()
    ]
    return np.array(texts, object)[which.reshape(-1)]
