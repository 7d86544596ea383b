"""Everything that `metrics.json` says of one split."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.metrics.calibration import ece
from fer_core.metrics.classification import macro_f1, per_class
from fer_core.metrics.contracts import checked_pair, refuse_none
from fer_core.metrics.intervals import bootstrap_interval
from fer_core.metrics.scoring import brier, log_loss
from fer_core.zoo import softmax


def evaluate_split(
    logits: ArrayLike,
    logits_flip: ArrayLike,
    labels: ArrayLike,
    *,
    twin: ArrayLike,
    groups: ArrayLike,
    temperature: float,
) -> dict[str, Any]:
    """All figures of one split, as fractions.

    Args:
        logits: (n, 7), the network's own.
        logits_flip: (n, 7), mean with those of the mirrored face (test-time augmentation).
        labels: (n,) integers, 0-6; n >= 1.
        twin: (n,) bool, True where a training image has the same pixels.
        groups: (n,) integers; images with the same pixels share one.
        temperature: of the card; only ``ece_calibrated`` uses it.

    Returns:
        ``n``, ``accuracy``, ``accuracy_low`` and ``accuracy_high`` (bootstrap 95 % over groups),
        ``accuracy_flip``, ``accuracy_twin_free`` (without twins), ``accuracy_without_disgust``
        (images of the six other classes, the disgust column removed: what the projects with six
        classes report), ``macro_f1``, ``per_class``, ``log_loss``, ``brier`` and ``ece`` at
        temperature 1, ``ece_calibrated``. Plain Python numbers, ready for JSON.

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
    plain = softmax(own)
    return {
        "n": len(true),
        "accuracy": float(right.mean()),
        "accuracy_low": low,
        "accuracy_high": high,
        "accuracy_flip": float((flipped.argmax(axis=1) == true).mean()),
        "accuracy_twin_free": _share(right[~twins], "accuracy_twin_free"),
        "accuracy_without_disgust": _share(
            without.argmax(axis=1) == true[six], "accuracy_without_disgust"
        ),
        "macro_f1": macro_f1(true, predicted),
        "per_class": per_class(true, predicted),
        "log_loss": log_loss(plain, true),
        "brier": brier(plain, true),
        "ece": ece(plain, true),
        "ece_calibrated": ece(softmax(own, temperature), true),
    }


def _share(right: ArrayLike, where: str) -> float:
    values = np.asarray(right, bool)
    refuse_none(len(values), f"evaluate_split.{where}")
    return float(values.mean())
