"""Shares corrected by the network's own confusion matrix: what was shown, from what was said.

A network that takes a tenth of all fear for sad says "sad" too often, in every study. How often it
takes what for what is known from its test images, so what it said can be undone.

**What this assumes**: the network takes the participants' faces for each other just as often as it
did its test images' (P(said | shown) transfers; only how often each expression is shown is new).
FER2013's images are posed and searched from the web; a frontal camera in a laboratory is easier,
another group of people may be harder. Where no mix of expressions could make the network say what
it said, the assumption is visibly wrong: that is `misfit`. Where it is not, it may still be wrong.
The matrix is counted on single images: feed shares of raw, not smoothed, readings.

Sources: Saerens, Latinne & Decaestecker 2002, Neural Computation 14, 21-41 (adjusting to new class
shares, and its assumption); Forman 2008, Data Mining and Knowledge Discovery 17, 164-206 (adjusted
count); Bunse 2022, LQ workshop at ECML-PKDD (adjusted count as constrained least squares).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from fer_core.emotions import LABELS
from fer_core.errors import ContractError
from fer_core.studies.statistics.bootstrap import drawn_weights, quantile_interval, tail
from fer_core.studies.statistics.comparison import Design, matched
from fer_core.studies.statistics.figures import SAID

POOR_CONDITION = 10.0
"""Above it a point of error in what was said can become ten in the corrected shares. Networks that
know every class have about 3; those that never say disgust have 20 and more."""

POOR_MISFIT = 0.05
"""Five points of the time that no mix of expressions explains."""

DRAWS = 2000

_SUM_WEIGHT = 1e3
"""How dearly least squares pays for shares that do not sum to 1: they do to 1e-6."""


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedShares:
    """Shares of the seven classes under one condition, or their difference between two.

    Attributes:
        network: that read.
        condition: under which; of a difference the first one.
        second: of a difference the second condition, of which the first is taken away; else "".
        design: of a difference, see `comparison.matched`; else "within".
        participants: how many.
        said: (7,) as the network said, by the likeliest class, mean over participants.
        corrected: (7,) as they were shown, if the confusion transfers.
        low, high: (7,) 95 % interval over participants and test images; NaN for one participant.
        condition_number: of the confusion matrix in shares; 1 is perfect, infinite hopeless.
        misfit: share of the time that no mix of expressions explains, 0-1.
    """

    network: str
    condition: str
    second: str
    design: Design
    participants: int
    said: NDArray[np.float64]
    corrected: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    condition_number: float
    misfit: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what makes the correction doubtful; () where nothing does."""
        found = []
        if self.condition_number > POOR_CONDITION:
            found.append(
                f"{self.network} tells some classes apart too badly to correct its shares: small"
                " errors in what it said become large ones (condition number"
                f" {self.condition_number:.3g}; up to {POOR_CONDITION:g} is sound)."
            )
        if self.misfit > POOR_MISFIT:
            found.append(
                f"Under {' and '.join(filter(None, (self.condition, self.second)))} no mix of"
                f" expressions makes {self.network} say what it said:"
                f" {100 * self.misfit:.0f} % of the time remain unexplained. It errs on these faces"
                " in another way than on its test images: the corrected shares cannot be trusted."
            )
        return tuple(found)


def unconfused(said: ArrayLike, confusion: ArrayLike) -> NDArray[np.float64]:
    """The shares under which a network with this confusion would say ``said``, or come nearest.

    Least squares of ``confusion.T @ shares = said`` over shares of at least 0 that sum to 1; the
    sum as a heavily weighted row (Lawson & Hanson 1995, Solving Least Squares Problems, ch. 22).

    Args:
        said: (k,) shares as the network said, sum 1.
        confusion: (k, k) shares: rows, summing to 1, what was shown, columns what was said.

    Returns:
        (k,) within 0-1, sum 1.
    """
    rates = np.asarray(confusion, np.float64)
    rows = np.vstack([rates.T, np.full(len(rates), _SUM_WEIGHT)])
    shares, _ = nnls(rows, np.append(said, _SUM_WEIGHT))
    return np.asarray(shares / shares.sum())


def corrected_shares(
    figures: pd.DataFrame,
    confusion: ArrayLike,
    network: str,
    condition: str,
    draws: int = DRAWS,
    seed: int = 0,
) -> CorrectedShares:
    """Shares under one condition, corrected after the mean over participants.

    After the mean, because a participant's own shares hit the bounds of 0 and 1 more often, and
    each hit bends the estimate. The interval draws participants and, from a Dirichlet
    distribution with the matrix's counts, the test images of each class (Rubin 1981, Annals of
    Statistics 9: the Bayesian bootstrap). Through a drawn confusion it covers the planted shares
    of fifteen participants in 93 %, of an expression that few of them show in 86 %.

    Args:
        figures: as `figures.participant_figures` gives.
        confusion: (7, 7) counts on test images, rows true, columns predicted: the model folder's.
        network: whose confusion and figures these are.
        condition: which.
        draws: of the bootstrap.
        seed: makes the interval repeatable.

    Raises:
        ContractError: no such figures, no confusion matrix, or a class without test images.
    """
    counts = _checked(confusion)
    own = figures[(figures["network"] == network) & (figures["condition"] == condition)]
    rows = own[list(SAID)].dropna().to_numpy(np.float64)
    _refuse_none(rows, network, condition)
    low, high = _unknown(), _unknown()
    if len(rows) > 1:
        drawn = _drawn_said(rows, draws, seed)
        estimates = _all_unconfused(drawn, _drawn_confusion(counts, draws, seed))
        low, high = quantile_interval(estimates, tail(len(rows)))
    rates = _shares(counts)
    said = rows.mean(axis=0)
    corrected = unconfused(said, rates)
    return CorrectedShares(
        network,
        condition,
        "",
        "within",
        len(rows),
        said,
        corrected,
        low,
        high,
        float(np.linalg.cond(rates)),
        _misfit(said, corrected, rates),
    )


def corrected_difference(
    figures: pd.DataFrame,
    confusion: ArrayLike,
    network: str,
    first: str,
    second: str,
    draws: int = DRAWS,
    seed: int = 0,
) -> CorrectedShares:
    """Corrected shares under the second condition less those under the first.

    Both are corrected by the same drawn confusion, so that its errors cancel as far as they do.
    Who is compared: see `comparison.matched`. Arguments and errors as of `corrected_shares`.
    """
    counts = _checked(confusion)
    people = matched(figures[figures["network"] == network], first, second, SAID)
    for rows, condition in ((people.first, first), (people.second, second)):
        _refuse_none(rows, network, condition)
    rates = _shares(counts)
    said = [rows.mean(axis=0) for rows in (people.first, people.second)]
    corrected = [unconfused(values, rates) for values in said]
    fewest = min(len(people.first), len(people.second))
    low, high = _unknown(), _unknown()
    if fewest > 1:
        confusions = _drawn_confusion(counts, draws, seed)
        # Within participants the same people are drawn for both.
        other = seed if people.design == "within" else seed + 1
        estimates = _all_unconfused(_drawn_said(people.second, draws, other), confusions)
        estimates -= _all_unconfused(_drawn_said(people.first, draws, seed), confusions)
        low, high = quantile_interval(estimates, tail(fewest))
    return CorrectedShares(
        network,
        first,
        second,
        people.design,
        len(people.first) + (len(people.second) if people.design == "between" else 0),
        said[1] - said[0],
        corrected[1] - corrected[0],
        low,
        high,
        float(np.linalg.cond(rates)),
        max(_misfit(a, b, rates) for a, b in zip(said, corrected, strict=True)),
    )


def _checked(confusion: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(confusion)
    k = len(LABELS)
    if counts.shape != (k, k) or not np.issubdtype(counts.dtype, np.integer) or counts.min() < 0:
        raise ContractError(
            "not a confusion matrix",
            where="corrected_shares",
            expected=f"({k}, {k}) counts",
            received=f"{counts.shape} {counts.dtype}",
        )
    if not counts.sum(axis=1).all():
        names = ", ".join(np.array(LABELS)[counts.sum(axis=1) == 0])
        raise ContractError(
            "a class without test images cannot be corrected",
            where="corrected_shares",
            expected="images of every class",
            received=f"none of {names}",
        )
    return counts.astype(np.int64)


def _refuse_none(rows: NDArray[np.float64], network: str, condition: str) -> None:
    if not len(rows):
        raise ContractError(
            "no participant with a face",
            where="corrected_shares",
            expected="at least one",
            received=f"none under {condition} by {network}",
        )


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _unknown() -> NDArray[np.float64]:
    return np.full(len(LABELS), np.nan)


def _misfit(
    said: NDArray[np.float64], corrected: NDArray[np.float64], rates: NDArray[np.float64]
) -> float:
    """Total variation distance of what was said and what would be said of the corrected shares."""
    return float(np.abs(corrected @ rates - said).sum() / 2)


def _drawn_said(rows: NDArray[np.float64], draws: int, seed: int) -> NDArray[np.float64]:
    return np.asarray(drawn_weights(len(rows), draws, seed) @ rows)


def _drawn_confusion(counts: NDArray[np.int64], draws: int, seed: int) -> NDArray[np.float64]:
    """(draws, 7, 7) confusions in shares, each row from Dirichlet(counts)."""
    # A stream of its own: with the participants' seed both would be drawn from the same numbers.
    generator = np.random.default_rng([seed, 1])
    gammas = generator.standard_gamma(counts, size=(draws, *counts.shape))
    return np.asarray(gammas / gammas.sum(axis=2, keepdims=True))


def _all_unconfused(
    said: NDArray[np.float64], confusions: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.array([unconfused(row, rates) for row, rates in zip(said, confusions, strict=True)])
