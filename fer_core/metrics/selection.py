"""Selective prediction: what a model gets wrong when it may say "unsure"."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.metrics.contracts import checked_pair

DEFAULT_RISK = 0.20
"""At most one stated expression in five is wrong. People err on about one in three of these labels,
so a much lower risk would leave most faces without an answer."""

SMALLEST_COVERAGE = 0.5
"""A model that answers less than half of the time is no use live, however seldom it errs."""


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Error rate on the accepted faces against the share accepted, one row for each threshold.

    Attributes:
        thresholds: (m,) float64, rising; a face is accepted where confidence >= threshold. The
            first accepts every face and is 0.
        coverage: (m,) float64 share of faces accepted, falling from 1.
        risk: (m,) float64 share of wrong answers among those.
        n: faces measured on.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    n: int

    def at(self, threshold: float) -> tuple[float, float]:
        """Coverage and risk at any threshold; (0, 0) above the highest confidence."""
        row = int(np.searchsorted(self.thresholds, threshold, side="left"))
        if row == len(self.thresholds):
            return 0.0, 0.0
        return float(self.coverage[row]), float(self.risk[row])

    def risk_of_surest(self, share: float) -> float:
        """Share of wrong answers among the surest ``share`` of the faces, 0-1, or just above it."""
        return float(self.risk[self.coverage >= share][-1])

    @property
    def area(self) -> float:
        """Area under the curve (AURC): mean risk over all coverages; lower is better."""
        widths = np.diff(np.append(self.coverage, 0.0)) * -1
        return float((self.risk * widths).sum())


def risk_coverage(probabilities: ArrayLike, labels: ArrayLike) -> RiskCoverage:
    """Risk and coverage at each threshold that makes a difference.

    Source: El-Yaniv & Wiener 2010, JMLR 11 (the curve); Geifman & El-Yaniv 2017,
    arXiv:1705.08500 (by the highest softmax probability).

    Args:
        probabilities: (n, k), rows summing to 1; calibrated ones give thresholds with a meaning.
        labels: (n,) integers; n >= 1.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    scores, true = checked_pair(probabilities, labels, "risk_coverage")
    confidence, wrong = scores.max(axis=1), scores.argmax(axis=1) != true
    order = np.argsort(confidence)
    # Faces of equal confidence are accepted together: one row for each distinct value.
    values, first = np.unique(confidence[order], return_index=True)
    accepted = len(true) - first
    errors_from = wrong[order][::-1].cumsum()[::-1]  # errors among this face and all surer ones
    thresholds = values.copy()
    thresholds[0] = 0.0
    return RiskCoverage(thresholds, accepted / len(true), errors_from[first] / accepted, len(true))


def choose_unsure_threshold(
    probabilities: ArrayLike, labels: ArrayLike, risk: float = DEFAULT_RISK
) -> float:
    """Smallest threshold at which at most ``risk`` of the accepted faces are wrong.

    Smallest, so that as many faces as possible get an answer. Where no threshold reaches the risk
    with at least half of the faces accepted, the highest one that still accepts half. Chosen on
    PublicTest, with calibrated probabilities.

    Args:
        probabilities: (n, k), rows summing to 1.
        labels: (n,) integers; n >= 1.
        risk: 0-1, the error rate to stay at or under.

    Returns:
        A confidence, 0-1; 0 where the model errs that seldom on all faces.

    Raises:
        ContractError: no image, or shapes that do not fit.
    """
    curve = risk_coverage(probabilities, labels)
    kept = curve.coverage >= SMALLEST_COVERAGE
    good = kept & (curve.risk <= risk)
    row = int(good.argmax()) if good.any() else int(kept.sum()) - 1
    return float(curve.thresholds[row])
