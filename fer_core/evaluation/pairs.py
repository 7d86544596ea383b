"""Every model against every other, on the same images."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fer_core.metrics import Comparison, mcnemar_exact


def compare_pairs(
    answers: Sequence[NDArray[np.floating]],
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> dict[tuple[int, int], Comparison]:
    """Exact McNemar and paired interval for each pair i < j of models.

    Args:
        answers: m arrays of logits (n, 7) on the same images; m may be 0.
        labels: (n,) true classes.
        groups: (n,) integers; images with the same pixels share one.

    Raises:
        ContractError: arrays that do not fit each other.
    """
    right = [logits.argmax(axis=1) == labels for logits in answers]
    return {
        (i, j): mcnemar_exact(right[i], right[j], groups)
        for i, j in combinations(range(len(right)), 2)
    }
