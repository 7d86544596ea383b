"""Images that a model names wrongly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """Images that a model gets wrong, the most confident mistakes first.

    Attributes:
        rows: (m,) int64 row numbers within the split; m may be 0.
        true, predicted: (m,) int64 classes.
        probabilities: (m, 7) float32.
    """

    rows: NDArray[np.int64]
    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, *, true: int | None = None, predicted: int | None = None) -> "Mistakes":
        """Those of one true or predicted class; None leaves it open."""
        keep = np.ones(len(self), bool)
        if true is not None:
            keep &= self.true == true
        if predicted is not None:
            keep &= self.predicted == predicted
        return Mistakes(
            self.rows[keep], self.true[keep], self.predicted[keep], self.probabilities[keep]
        )


def find_mistakes(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> Mistakes:
    """Wrong answers of one model.

    Args:
        probabilities: (n, 7), calibrated.
        labels: (n,) true classes.

    Raises:
        ContractError: another number of labels than of rows.
    """
    if probabilities.shape[:1] != labels.shape:
        raise ContractError(
            "one label for each row",
            where="find_mistakes",
            expected=probabilities.shape[:1],
            received=labels.shape,
        )
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    order = wrong[np.argsort(-probabilities[wrong].max(axis=1, initial=0), kind="stable")]
    return Mistakes(order, labels[order], predicted[order], probabilities[order])
