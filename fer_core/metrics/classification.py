"""How often the likeliest class is the right one: over all images and class by class."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.emotions import LABELS
from fer_core.metrics.contracts import checked_classes, checked_same_length, refuse_none
from fer_core.metrics.report import ClassReport


def confusion_matrix(
    labels: ArrayLike, predicted: ArrayLike, k: int = len(LABELS)
) -> NDArray[np.int64]:
    """Counts of images by true (row) and predicted (column) class.

    Args:
        labels: (n,) integers, 0 … k - 1; n may be 0.
        predicted: (n,) integers, likewise.
        k: number of classes.

    Returns:
        (k, k) int64; its sum is n.

    Raises:
        ContractError: arrays of different lengths, or a class out of range.
    """
    true = checked_classes(labels, "confusion_matrix.labels", k)
    seen = checked_classes(predicted, "confusion_matrix.predicted", k)
    checked_same_length(true, seen, "confusion_matrix")
    return np.bincount(true * k + seen, minlength=k * k).reshape(k, k).astype(np.int64)


def accuracy(labels: ArrayLike, predicted: ArrayLike, k: int = len(LABELS)) -> float:
    """Share of images whose predicted class is the true one, 0-1; both (n,) classes below ``k``.

    Raises:
        ContractError: no image, arrays of different lengths, or a class out of range.
    """
    true = checked_classes(labels, "accuracy.labels", k)
    seen = checked_classes(predicted, "accuracy.predicted", k)
    checked_same_length(true, seen, "accuracy")
    refuse_none(len(true), "accuracy")
    return float((true == seen).mean())


def per_class_table(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Precision, recall and F1 of each class from a confusion matrix.

    precision = TP / (TP + FP), recall = TP / (TP + FN), F1 = 2 TP / (2 TP + FP + FN)
    (van Rijsbergen 1979, Information Retrieval, chapter 7). A ratio without any case is 0, as in
    scikit-learn's ``zero_division=0``.

    Args:
        counts: (k, k), rows true, columns predicted.

    Returns:
        (k, 3) float64, columns precision, recall, F1, each 0-1.
    """
    hits = counts.diagonal().astype(np.float64)
    true, seen = counts.sum(axis=1), counts.sum(axis=0)
    # Where the denominator is 0 so is the numerator: dividing by 1 gives the 0 that is wanted.
    return np.stack(
        [hits / seen.clip(1), hits / true.clip(1), 2 * hits / (true + seen).clip(1)], axis=1
    )


def per_class(labels: ArrayLike, predicted: ArrayLike) -> dict[str, ClassReport]:
    """Precision, recall, F1 (see `per_class_table`) and support of the seven classes by label."""
    counts = confusion_matrix(labels, predicted)
    return {
        label: ClassReport(
            precision=float(row[0]), recall=float(row[1]), f1=float(row[2]), support=int(support)
        )
        for label, row, support in zip(
            LABELS, per_class_table(counts), counts.sum(axis=1), strict=True
        )
    }


def macro_f1(
    labels: ArrayLike, predicted: ArrayLike, k: int = len(LABELS), *, labelled_only: bool = False
) -> float:
    """Unweighted mean of the classes' F1, 0-1: rare disgust counts as much as happy.

    The mean of F1s, not the F1 of mean precision and recall (Opitz & Burst 2019,
    arXiv:1911.03347).

    Args:
        labels: (n,) classes below ``k``.
        predicted: (n,), likewise.
        k: number of classes.
        labelled_only: leave out classes without a label; else one that is neither there nor
            predicted counts as 0.

    Raises:
        ContractError: no image, arrays of different lengths, or a class out of range.
    """
    counts = confusion_matrix(labels, predicted, k)
    refuse_none(int(counts.sum()), "macro_f1")
    scores = per_class_table(counts)[:, 2]
    return float(scores[counts.sum(axis=1) > 0].mean() if labelled_only else scores.mean())


def class_shares(classes: ArrayLike, k: int = len(LABELS)) -> NDArray[np.float64]:
    """Share of each class among n answers or labels: (k,) float64, summing to 1.

    Raises:
        ContractError: none, or a class out of range.
    """
    numbers = checked_classes(classes, "class_shares", k)
    refuse_none(len(numbers), "class_shares")
    return np.bincount(numbers, minlength=k) / len(numbers)
