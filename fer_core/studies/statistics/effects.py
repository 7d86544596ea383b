"""Effect sizes: a difference in units of how much people differ, each with its interval."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, nctdtrinc

from fer_core.metrics.intervals import LEVEL
from fer_core.studies.statistics.significance import ROUNDING


def cohens_dz(differences: ArrayLike) -> tuple[float, float, float]:
    """Mean of n paired differences in units of their standard deviation, and its 95 % interval.

    The interval is exact for normal differences: the non-centralities under which a t as small or
    as large as the one seen comes in 2.5 %, divided by √n.
    Source: Cohen 1988, Statistical Power Analysis, section 2.3; Lakens 2013, Frontiers in
    Psychology 4:863 (dz); Cumming & Finch 2001, Educational and Psychological Measurement 61.

    Returns:
        dz, low, high; NaN for fewer than two participants or without spread.
    """
    d = np.asarray(differences, np.float64)
    spread = d.std(ddof=1) if len(d) > 1 else 0.0
    if spread <= ROUNDING:
        return np.nan, np.nan, np.nan
    effect = float(d.mean() / spread)
    root = np.sqrt(len(d))
    return (effect, *_noncentral_interval(effect * root, len(d) - 1, 1 / root))


def hedges_g(first: ArrayLike, second: ArrayLike) -> tuple[float, float, float]:
    """Difference of two groups' means in units of their pooled standard deviation, and interval.

    Cohen's d times J = Γ(m / 2) / (√(m / 2) · Γ((m - 1) / 2)), m = n₁ + n₂ - 2, which takes away
    its bias for few participants. The interval is that of d by the non-central t, times J: exact
    for normal groups of equal spread.
    Source: Hedges 1981, Journal of Educational Statistics 6, 107-128.

    Returns:
        g (second less first), low, high; NaN where a group has fewer than two participants, or
        without spread.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    m = len(a) + len(b) - 2
    if min(len(a), len(b)) < 2:
        return np.nan, np.nan, np.nan
    spread = np.sqrt((a.var() * len(a) + b.var() * len(b)) / m)
    if spread <= ROUNDING:
        return np.nan, np.nan, np.nan
    j = np.exp(gammaln(m / 2) - gammaln((m - 1) / 2)) / np.sqrt(m / 2)
    effect = (b.mean() - a.mean()) / spread
    unit = np.sqrt(1 / len(a) + 1 / len(b))
    return (float(j * effect), *_noncentral_interval(effect / unit, m, j * unit))


def _noncentral_interval(t: float, degrees: int, unit: float) -> tuple[float, float]:
    low, high = nctdtrinc(degrees, [(1 + LEVEL) / 2, (1 - LEVEL) / 2], t)
    return float(unit * low), float(unit * high)
