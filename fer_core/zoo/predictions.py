"""What a network says of n faces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.faces.quality import Quality
from fer_core.zoo.confidence import Confidence, ExpectedRight
from fer_core.zoo.voters import AnswersAs


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Calibrated class probabilities of n faces, columns in the order of `Emotion`; n may be 0.

    Attributes:
        probabilities: (n, 7) float32 in [0, 1], each row summing to 1.
        unsure_threshold: a face whose highest probability is below it is shown as "unsure".
        views: how often each face was looked at, see `Classifier.views`.
        set_threshold: probability from which on a class belongs to a face's `sets`; None: no sets.
        right_model: what `expected_right` asks; None: it is not known.
        answers_as: whose word the answers are, see `ModelCard.answers_as`.

    Raises:
        ContractError: on construction, naming what was expected and what came.
    """

    probabilities: NDArray[np.float32]
    unsure_threshold: float = 0.0
    views: int = 1
    set_threshold: float | None = None
    right_model: ExpectedRight | None = None
    answers_as: AnswersAs = AnswersAs.LABELS

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

    @classmethod
    def of(
        cls,
        probabilities: NDArray[np.float32],
        told: Confidence,
        views: int = 1,
        answers_as: AnswersAs = AnswersAs.LABELS,
    ) -> "Predictions":
        """Probabilities at the temperature of ``told``, with all else that a card says of them."""
        return cls(
            probabilities,
            told.unsure_threshold,
            views,
            told.set_threshold,
            told.expected_right,
            answers_as,
        )

    def rows(self, rows: Sequence[int]) -> "Predictions":
        """Those of these faces only, in this order."""
        return replace(self, probabilities=self.probabilities[np.asarray(rows, np.intp)])

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

    @property
    def sets(self) -> NDArray[np.bool_] | None:
        """(n, 7) bool: the classes that each face may well show, its likeliest one among them.

        Conformal prediction sets (`metrics.choose_set_threshold`): on faces such as they were
        chosen on, the card's ``coverage`` of them hold the face's label. None where the card has no
        threshold for them.
        """
        if self.set_threshold is None:
            return None
        least = np.minimum(self.confidences, self.set_threshold)
        return np.asarray(self.probabilities >= least[:, None], np.bool_)

    def set_members(self, row: int) -> tuple[Emotion, ...] | None:
        """The classes in one face's set, the likeliest first; None where there are no sets."""
        if self.set_threshold is None:
            return None
        shares = self.probabilities[row]
        least = min(self.set_threshold, float(shares.max()))
        likeliest_first = (-shares).argsort(kind="stable").tolist()
        return tuple(Emotion(column) for column in likeliest_first if shares[column] >= least)

    def expected_right(self, qualities: Sequence[Quality]) -> NDArray[np.float32] | None:
        """How often the likeliest class is right on faces like these: (n,) float32, 0-1.

        Args:
            qualities: of the n faces.

        Returns:
            None where the card does not say.

        Raises:
            ContractError: another number of qualities.
        """
        if len(qualities) != len(self):
            raise ContractError(
                "each face needs its quality",
                where="Predictions.expected_right",
                expected=len(self),
                received=len(qualities),
            )
        if self.right_model is None:
            return None
        return self.right_model.of(self.confidences, qualities)
