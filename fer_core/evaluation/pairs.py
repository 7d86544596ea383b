"""Every model against every other, on the same images."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fer_core.metrics import Comparison, mcnemar_exact


def compare_pairs(
    right: Sequence[NDArray[np.bool_]], groups: NDArray[np.int64]
) -> dict[tuple[int, int], Comparison]:
    """Exact McNemar and paired interval for each pair i < j of models.

    Args:
        right: m arrays (n,): which of the same images each names right; m may be 0.
        groups: (n,) integers; images that are drawn together share one.

    Raises:
        ContractError: arrays that do not fit each other.
    """
    return {
        (i, j): mcnemar_exact(right[i], right[j], groups)
        for i, j in combinations(range(len(right)), 2)
    }
