"""Everything that `metrics.json` says of one split."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.metrics.calibration import ece
from fer_core.metrics.classification import macro_f1, per_class
from fer_core.metrics.contracts import checked_pair, refuse_none
from fer_core.metrics.intervals import bootstrap_interval
from fer_core.metrics.report import SplitReport
from fer_core.metrics.scoring import brier, log_loss


def evaluate_split(
    logits: ArrayLike,
    logits_flip: ArrayLike,
    labels: ArrayLike,
    *,
    twin: ArrayLike,
    groups: ArrayLike,
    temperature: float,
) -> SplitReport:
    """All figures of one split.

    Args:
        logits: (n, 7), the network's own.
        logits_flip: (n, 7), mean with those of the mirrored face (test-time augmentation).
        labels: (n,) integers, 0-6; n >= 1.
        twin: (n,) bool, True where a training image has the same pixels.
        groups: (n,) integers; images with the same pixels share one.
        temperature: of the card; only ``ece_calibrated`` uses it.

    Raises:
        ContractError: shapes that do not fit, or no image left to measure a figure on.
    """
    own, true = checked_pair(logits, labels, "evaluate_split.logits")
    flipped, _ = checked_pair(logits_flip, labels, "evaluate_split.logits_flip")
    twins = np.asarray(twin, bool)
    if twins.shape != true.shape or own.shape[1] != len(Emotion) or flipped.shape != own.shape:
        raise ContractError(
            "arrays that do not fit each other",
            where="evaluate_split",
            expected=f"logits ({len(true)}, {len(Emotion)}) twice, twin ({len(true)},)",
            received=f"{own.shape}, {flipped.shape}, {twins.shape}",
        )
    predicted = own.argmax(axis=1)
    right = predicted == true
    low, high = bootstrap_interval(right, groups)
    six = true != Emotion.DISGUST
    without = own[six].copy()
    without[:, Emotion.DISGUST] = -np.inf
    plain = _probabilities(own)
    return SplitReport(
        n=len(true),
        accuracy=float(right.mean()),
        accuracy_low=low,
        accuracy_high=high,
        accuracy_flip=float((flipped.argmax(axis=1) == true).mean()),
        accuracy_twin_free=_share(right[~twins], "accuracy_twin_free"),
        accuracy_without_disgust=_share(
            without.argmax(axis=1) == true[six], "accuracy_without_disgust"
        ),
        macro_f1=macro_f1(true, predicted),
        per_class=per_class(true, predicted),
        log_loss=log_loss(plain, true),
        brier=brier(plain, true),
        ece=ece(plain, true),
        ece_calibrated=ece(_probabilities(own, temperature), true),
    )


def _probabilities(logits: NDArray[np.float64], temperature: float = 1.0) -> NDArray[np.float32]:
    """(n, 7) in the precision in which networks answer, so that stated figures recompute."""
    return np.asarray(softmax(logits / temperature, axis=1), np.float32)


def _share(right: ArrayLike, where: str) -> float:
    values = np.asarray(right, bool)
    refuse_none(len(values), f"evaluate_split.{where}")
    return float(values.mean())
