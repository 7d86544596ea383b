"""Logistic regression: the probability of a yes from a few numbers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from fer_core.errors import ContractError
from fer_core.metrics.contracts import checked_same_length, refuse_none

_RIDGE = 1e-6
"""Keeps weights finite where a feature never varies or tells the answers apart without error."""


def fit_logistic(
    features: ArrayLike, answers: ArrayLike, counts: ArrayLike | None = None
) -> tuple[float, NDArray[np.float64]]:
    """Maximum likelihood of answers given features: P(yes) = 1 / (1 + exp(-(a + x w))).

    Args:
        features: (n, k), finite; n >= 1.
        answers: (n,) bool.
        counts: (n,), how much each row counts, 0 or more; None: all the same.

    Returns:
        The intercept a and the weights w, (k,); the weight of a feature that never varies is 0.

    Raises:
        ContractError: no row, shapes that do not fit, or a feature that is not finite.
    """
    table, yes = np.asarray(features, np.float64), np.asarray(answers, bool)
    refuse_none(len(yes), "fit_logistic")
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ContractError(
            "features that cannot be fitted",
            where="fit_logistic",
            expected="(n, k), finite",
            received=table.shape,
        )
    checked_same_length(table[:, 0], yes, "fit_logistic")
    share = np.ones(len(yes)) if counts is None else np.asarray(counts, np.float64)
    checked_same_length(share, yes, "fit_logistic")
    share = share / share.sum()
    middle = share @ table
    spread = np.sqrt(share @ (table - middle) ** 2)
    spread = np.where(spread > 1e-12, spread, np.inf)
    scaled = np.column_stack([np.ones(len(yes)), (table - middle) / spread])
    signs = np.where(yes, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = scaled @ weights
        slope = scaled.T @ (share * (expit(odds) - yes)) + 2 * _RIDGE * weights
        return float(_RIDGE * weights @ weights - share @ log_expit(signs * odds)), slope

    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[1:] / spread
    return float(found[0] - middle @ weights), weights
