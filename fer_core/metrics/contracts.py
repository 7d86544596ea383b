"""What the metrics accept: checked once at the door, so that no formula has to check again."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError


def checked_classes(values: ArrayLike, where: str, k: int = len(LABELS)) -> NDArray[np.int64]:
    """Class numbers as (n,) int64; n may be 0.

    Raises:
        ContractError: another shape, not whole numbers, or a number outside of 0 … k - 1.
    """
    array = np.asarray(values)
    if not array.size and array.ndim == 1:
        return np.empty(0, np.int64)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise ContractError(
            "not class numbers",
            where=where,
            expected="(n,) integers",
            received=f"{array.shape} {array.dtype}",
        )
    if array.min() < 0 or array.max() >= k:
        raise ContractError(
            "a class number out of range",
            where=where,
            expected=f"0 to {k - 1}",
            received=f"{array.min()} to {array.max()}",
        )
    return array.astype(np.int64)


def checked_scores(values: ArrayLike, n: int, where: str) -> NDArray[np.float64]:
    """Logits or probabilities as (n, k) float64, every one finite.

    Raises:
        ContractError: another shape, or a value that is NaN or infinite.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 2 or len(array) != n or array.shape[1] < 2:
        raise ContractError(
            "one row of scores for each label",
            where=where,
            expected=f"({n}, k)",
            received=array.shape,
        )
    if not np.isfinite(array).all():
        raise ContractError(
            "a score is not a number", where=where, expected="finite", received="NaN or infinity"
        )
    return array


def checked_same_length(
    first: NDArray[np.generic], second: NDArray[np.generic], where: str
) -> None:
    """Refuse two arrays of different lengths.

    Raises:
        ContractError: naming both lengths.
    """
    if first.shape != second.shape:
        raise ContractError(
            "two values for each image", where=where, expected=first.shape, received=second.shape
        )


def refuse_none(n: int, where: str) -> None:
    """Refuse to measure nothing: a fraction of zero images is no number.

    Raises:
        ContractError: n is 0.
    """
    if n == 0:
        raise ContractError("no image to measure on", where=where, expected="n >= 1", received=0)


def checked_pair(
    scores: ArrayLike, labels: ArrayLike, where: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores (n, k) and their labels (n,), with n at least 1.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    n = len(np.asarray(labels))
    refuse_none(n, where)
    table = checked_scores(scores, n, where)
    return table, checked_classes(labels, where, table.shape[1])
