"""How far several people agree, beyond what chance alone would give."""

import numpy as np
from numpy.typing import ArrayLike

from fer_core.errors import ContractError


def fleiss_kappa(counts: ArrayLike) -> float:
    """(P - P_e) / (1 - P_e) for any number of raters.

    P is the mean share of pairs of raters that name one item alike, P_e what the shares of the
    categories over all answers give by chance. Source: Fleiss 1971, Psychological Bulletin 76.

    Args:
        counts: (n, k) how many raters chose each category for each item; n >= 1, and the same
            number of raters, two at least, in every row.

    Returns:
        At most 1; NaN where everybody always named one and the same category.

    Raises:
        ContractError: another shape, or rows of different sums.
    """
    table = np.asarray(counts, np.float64)
    raters = table.sum(axis=-1) if table.ndim == 2 else np.empty(0)
    if not len(raters) or raters[0] < 2 or (raters != raters[0]).any():
        raise ContractError(
            "answers of the same raters to every item",
            where="fleiss_kappa",
            expected="(n, k) counts, each row with the same sum of 2 or more",
            received=f"{table.shape}, sums {np.unique(raters)[:5].tolist()}",
        )
    n = raters[0]
    alike = ((table * (table - 1)).sum(axis=1) / (n * (n - 1))).mean()
    shares = table.sum(axis=0) / table.sum()
    chance = float((shares**2).sum())
    return float((alike - chance) / (1 - chance)) if 1 - chance > 1e-12 else float("nan")
