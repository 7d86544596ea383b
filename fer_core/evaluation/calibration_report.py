"""How well confidence is calibrated under each condition: ``models/calibration.csv``.

On the PublicTest images that nothing was chosen on, which are those of ``robustness.csv``.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset import NO_WORD, SIDE_PX, Fer2013, Split
from fer_core.evaluation.calibration import (
    DEGRADED,
    DETECTED,
    Progress,
    ReadFaces,
    read_detected,
    read_directly,
    true_labels,
)
from fer_core.evaluation.robustness import AS_IT_IS, EVERY, SETTINGS, corrupted_samples
from fer_core.faces import Detector
from fer_core.faces.corruptions import SMALL
from fer_core.metrics import ece
from fer_core.storage.records import read_rows, replace_rows
from fer_core.zoo import (
    GRAPH_FILE,
    MODELS,
    AnswersAs,
    Classifier,
    ModelCard,
    Predictions,
    softmax,
)

CALIBRATION_FILE = "calibration.csv"
_DIGITS = 6


class CalibrationRow(BaseModel):
    """One network's confidence under one condition.

    Attributes:
        answers_as: whose word the answers are, and what they are held to.
        graph_sha256, temperature: of the ``model.onnx`` and the choice that were measured;
            ``temperature`` is that of one view, as on the card.
        views: 1 or 2.
        condition: one of `corruptions.CONDITIONS`, `AS_IT_IS`, `DETECTED` (through canvas, detector
            and crop), or `DEGRADED`: all conditions together.
        severity: in the condition's unit; 0 where it has none.
        n: faces.
        accuracy: share right.
        confidence: mean, 0-1; ``ece`` its expected calibration error in 15 bins.
        expected_right: mean of what `Predictions.expected_right` says, 0-1.
        share_unsure: below the card's threshold.
        coverage: share of faces whose label is in their set; ``set_size`` the mean number of
            classes in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    answers_as: AnswersAs
    graph_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    temperature: float = Field(gt=0)
    views: int = Field(ge=1, le=2)
    condition: str
    severity: float = Field(ge=0)
    n: int = Field(ge=1)
    accuracy: float = Field(ge=0, le=1)
    confidence: float = Field(ge=0, le=1)
    ece: float = Field(ge=0, le=1)
    expected_right: float = Field(ge=0, le=1)
    share_unsure: float = Field(ge=0, le=1)
    coverage: float = Field(ge=0, le=1)
    set_size: float = Field(ge=1, le=7)


def measure_calibration(
    classifier: Classifier,
    detector: Detector,
    data: Fer2013,
    *,
    every: int = EVERY,
    progress: Progress = lambda done, total: None,
) -> list[CalibrationRow]:
    """Read the images that were kept back, under every condition and through the detector.

    Args:
        classifier: the network, with a calibration on its card.
        detector: finds the pasted faces.
        data: FER2013.
        every: take one of so many PublicTest images; a multiple of `robustness.EVERY`, else some
            were chosen on.
        progress: called with settings done and to do.

    Returns:
        For one view and for two a row for each setting; none where a setting has no face.
    """
    found: list[CalibrationRow] = []
    degraded: list[ReadFaces] = []
    truth = true_labels(data, classifier.card.answers_as)[data.rows(Split.PUBLIC_TEST)[::every]]
    known = truth != NO_WORD
    for sample in corrupted_samples(data, every=every):
        seen_px = sample.severity if sample.condition == SMALL else SIDE_PX
        faces = sample.faces[known]
        read = read_directly(classifier, faces, truth[known], seen_px=seen_px)
        found += _rows(classifier.card, read, sample.condition, sample.severity)
        if sample.condition == AS_IT_IS:
            read = read_detected(classifier, detector, faces, truth[known])
            found += _rows(classifier.card, read, DETECTED) if len(read) else []
        else:
            degraded.append(read)
        progress(sample.number, SETTINGS)
    return found + list(_rows(classifier.card, ReadFaces.joined(degraded), DEGRADED))


def _rows(
    card: ModelCard, read: ReadFaces, condition: str, severity: float = 0.0
) -> Iterator[CalibrationRow]:
    for views in (1, 2):
        told = card.confidence(views)
        probabilities = softmax(read.logits[views - 1], told.temperature)
        predictions = Predictions.of(probabilities, told, views)
        expected, sets = predictions.expected_right(read.qualities), predictions.sets
        if expected is None or sets is None:
            continue
        yield CalibrationRow(
            slug=card.slug,
            answers_as=card.answers_as,
            graph_sha256=card.files[GRAPH_FILE].sha256,
            temperature=card.temperature,
            views=views,
            condition=condition,
            severity=severity,
            n=len(read),
            accuracy=_rounded(probabilities.argmax(axis=1) == read.labels),
            confidence=_rounded(predictions.confidences),
            ece=round(ece(probabilities, read.labels), _DIGITS),
            expected_right=_rounded(expected),
            share_unsure=_rounded(predictions.unsure),
            coverage=_rounded(sets[np.arange(len(read)), read.labels]),
            set_size=_rounded(sets.sum(axis=1)),
        )


def _rounded(values: NDArray[Any]) -> float:
    return round(float(np.mean(values, dtype=np.float64)), _DIGITS)


def read_calibration(models: Path = MODELS) -> list[CalibrationRow]:
    """All rows of ``models/calibration.csv``; [] where there is no such file.

    Raises:
        ModelError: a row that is not valid.
    """
    return read_rows(
        models / CALIBRATION_FILE,
        CalibrationRow,
        "the measured calibration cannot be used",
        "Measure it again: python -m fer_core calibrate",
    )


def write_calibration(models: Path, rows: Iterable[CalibrationRow]) -> Path:
    """Put rows in ``models/calibration.csv``, in place of all earlier ones of the same networks.

    Raises:
        ModelError: the file that is there cannot be read; it is left as it is.
        StorageError: it cannot be written.
    """
    return replace_rows(
        models / CALIBRATION_FILE, CalibrationRow, read_calibration(models), rows, of="slug"
    )


def current_calibration(
    rows: Sequence[CalibrationRow], cards: Iterable[ModelCard]
) -> list[CalibrationRow]:
    """Rows of the very graphs and choices that are there."""
    known = {
        (card.slug, card.answers_as, card.files[GRAPH_FILE].sha256, card.temperature)
        for stated in cards
        for card in (stated, stated.answering_as(AnswersAs.VOTERS))
    }
    return [
        row
        for row in rows
        if (row.slug, row.answers_as, row.graph_sha256, row.temperature) in known
    ]
