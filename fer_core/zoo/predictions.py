"""What a network says of n faces."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Calibrated class probabilities of n faces, columns in the order of `Emotion`; n may be 0.

    Attributes:
        probabilities: (n, 7) float32 in [0, 1], each row summing to 1.
        unsure_threshold: a face whose highest probability is below it is shown as "unsure".

    Raises:
        ContractError: on construction, naming what was expected and what came.
    """

    probabilities: NDArray[np.float32]
    unsure_threshold: float = 0.0

    def __post_init__(self) -> None:
        p = self.probabilities
        if p.ndim != 2 or p.shape[1] != len(LABELS) or p.dtype != np.float32:
            raise ContractError(
                "wrong array",
                where="Predictions.probabilities",
                expected=f"(n, {len(LABELS)}) float32",
                received=f"{p.shape} {p.dtype}",
            )
        low = p.min(initial=0.0)
        off = np.abs(p.sum(axis=1) - 1.0).max(initial=0.0)
        if not (low >= 0.0 and off <= 1e-4):  # written so that NaN is refused
            raise ContractError(
                "not probabilities",
                where="Predictions.probabilities",
                expected="rows >= 0 that sum to 1",
                received=f"lowest {low:.2g}, furthest from 1 by {off:.2g}",
            )

    def __len__(self) -> int:
        return len(self.probabilities)

    @classmethod
    def none(cls) -> "Predictions":
        """No face: (0, 7)."""
        return cls(np.empty((0, len(LABELS)), np.float32))

    def rows(self, rows: Sequence[int]) -> "Predictions":
        """Those of these faces only, in this order."""
        return Predictions(self.probabilities[np.asarray(rows, np.intp)], self.unsure_threshold)

    @property
    def emotions(self) -> tuple[Emotion, ...]:
        """The likeliest class of each face, whether sure or not."""
        return tuple(Emotion(int(column)) for column in self.probabilities.argmax(axis=1))

    @property
    def confidences(self) -> NDArray[np.float32]:
        """(n,) float32: the probability of the likeliest class."""
        return np.asarray(self.probabilities.max(axis=1, initial=0.0), np.float32)

    @property
    def unsure(self) -> NDArray[np.bool_]:
        """(n,) bool: True where the confidence is below the threshold."""
        return self.confidences < self.unsure_threshold
