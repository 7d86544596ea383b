"""Logistic regression: the probability of a yes, or of each of several classes, from numbers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit, log_softmax

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


def fit_softmax(
    features: ArrayLike, shares: ArrayLike, *, ridge: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Maximum likelihood of class shares given features: P = softmax(x W + b).

    Args:
        features: (n, k), finite; n >= 1. Those of float32 are not copied to twice their size.
        shares: (n, c), rows that sum to 1.
        ridge: half of it times the sum of squared weights, of features scaled to unit variance, is
            added to the mean loss.

    Returns:
        The kernel W, (k, c), 0 for a feature that never varies; and the bias b, (c,).

    Raises:
        ContractError: no row, shapes that do not fit, or a feature that is not finite.
    """
    table, wanted = np.asarray(features), np.asarray(shares, np.float64)
    refuse_none(len(wanted), "fit_softmax")
    if table.ndim != 2 or wanted.ndim != 2 or not np.isfinite(table).all():
        raise ContractError(
            "features or shares that cannot be fitted",
            where="fit_softmax",
            expected="(n, k) and (n, c), finite",
            received=f"{table.shape} and {wanted.shape}",
        )
    checked_same_length(table[:, 0], wanted[:, 0], "fit_softmax")
    middle, spread = table.mean(axis=0), table.std(axis=0)
    spread = np.where(spread > 1e-6, spread, np.inf).astype(table.dtype)
    scaled = (table - middle) / spread
    units, classes = table.shape[1], wanted.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        kernel, bias = flat[:-classes].reshape(units, classes), flat[-classes:]
        said = log_softmax(scaled @ kernel.astype(table.dtype) + bias, axis=1)
        off = (np.exp(said) - wanted) / len(wanted)
        slope = scaled.T @ off.astype(table.dtype) + ridge * kernel
        value = ridge / 2 * float((kernel**2).sum()) - float((wanted * said).sum()) / len(wanted)
        return value, np.concatenate([slope.ravel(), off.sum(axis=0)]).astype(np.float64)

    found = minimize(loss, np.zeros((units + 1) * classes), jac=True, method="L-BFGS-B").x
    kernel = found[:-classes].reshape(units, classes) / spread[:, None].astype(np.float64)
    return kernel, found[-classes:] - middle.astype(np.float64) @ kernel
