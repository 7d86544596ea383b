"""Answers that lean: which classes a network names more often than there are labels of them.

The training set's shares of classes (7,215 happy faces, 436 disgusted ones) are not those of life,
and a network has learned them with everything else. `prior_trial` asks what answers without them
would be worth.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ModelError
from fer_core.metrics import class_shares, macro_f1

TAUS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)

_DIGITS = 6


def training_shares(data: Fer2013) -> NDArray[np.float64]:
    """(7,) share of each class among the faces that networks are trained on."""
    return class_shares(data.labels[data.rows(Split.TRAINING, without_blank=True)])


class PriorRow(BaseModel):
    """Answers with a part of the training set's class shares taken out.

    Attributes:
        tau: how much of them: 0 nothing, 1 all, as if each class had been seen equally often.
        n: faces.
        accuracy, macro_f1: 0-1; macro-F1 over the classes that have labels.
        neutral: share of answers that are neutral.
        answers: share of each class among the answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tau: float = Field(ge=0)
    n: int = Field(ge=1)
    accuracy: float = Field(ge=0, le=1)
    macro_f1: float = Field(ge=0, le=1)
    neutral: float = Field(ge=0, le=1)
    answers: dict[str, float]


def prior_trial(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    shares: NDArray[np.float64],
    taus: Sequence[float] = TAUS,
) -> list[PriorRow]:
    """Answers by ``logits - tau * log(shares)`` (logit adjustment, Menon et al. 2021,
    arXiv:2007.07314).

    Args:
        logits: (n, 7); rows with NaN, where no face was found, are no answer and wrong.
        labels: (n,).
        shares: (7,), of `training_shares`; each above 0.
        taus: one row each.

    Raises:
        ModelError: the answers are to another number of images.
    """
    if len(logits) != len(labels):
        raise ModelError(
            "the stored answers are not to these images",
            expected=f"{len(labels):,} answers",
            received=f"{len(logits):,}",
            remedy="Import the data set that the network was measured on, or measure it again.",
        )
    found = ~np.isnan(logits).any(axis=1)
    rows = []
    for tau in taus:
        said = np.full(len(labels), len(LABELS), np.int64)
        said[found] = (logits[found] - tau * np.log(shares)).argmax(axis=1)
        answers = class_shares(said[found])
        rows.append(
            PriorRow(
                tau=tau,
                n=len(labels),
                accuracy=round(float((said == labels).mean()), _DIGITS),
                macro_f1=round(
                    macro_f1(labels, said, len(LABELS) + 1, labelled_only=True), _DIGITS
                ),
                neutral=round(float(answers[Emotion.NEUTRAL]), _DIGITS),
                answers={
                    label: round(float(share), _DIGITS)
                    for label, share in zip(LABELS, answers, strict=True)
                },
            )
        )
    return rows
