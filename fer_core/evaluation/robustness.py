"""How much accuracy each network keeps under `corruptions`: ``models/robustness.csv``.

Measured on PublicTest: what is found here may change how networks are trained, so it is a choice
and must not be made on PrivateTest. No look is spent.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.evaluate import grey_logits
from fer_core.faces.corruptions import CONDITIONS, condition_of, corrupt
from fer_core.metrics import AccuracyFigures, bootstrap_interval, macro_f1
from fer_core.storage.records import read_rows, replace_rows
from fer_core.zoo import GRAPH_FILE, MODELS, Classifier, ModelCard

ROBUSTNESS_FILE = "robustness.csv"
AS_IT_IS = "as_it_is"
"""The condition of the same faces unchanged, severity 0: what the others are compared with."""

WEBCAM = (("blur", 1.0), ("noise", 10.0), ("low_light", 0.25), ("jpeg", 30.0), ("small", 24.0))
"""Conditions and severities of an ordinary webcam; their mean is set against faces as they are."""

EVERY = 4
"""Every fourth PublicTest image is measured, from the first on: whatever its class, and cheap."""


SETTINGS = 1 + sum(len(condition.severities) for condition in CONDITIONS)
"""Faces as they are, and each condition in each severity."""


@dataclass(frozen=True, slots=True, eq=False)
class CorruptedSample:
    """PublicTest faces under one condition.

    Attributes:
        number: 1 to `SETTINGS`.
        condition, severity: as in `RobustnessRow`.
        faces: (n, 48, 48) uint8.
        labels, groups: (n,) classes, and what belongs together in a bootstrap.
    """

    number: int
    condition: str
    severity: float
    faces: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]

    def figures(self, predicted: NDArray[np.int64]) -> dict[str, Any]:
        """A row's fields of what was measured, for (n,) classes that a network names."""
        right = predicted == self.labels
        low, high = bootstrap_interval(right, self.groups)
        return {
            "condition": self.condition,
            "severity": self.severity,
            "n": len(right),
            "accuracy": round(float(right.mean()), 6),
            "accuracy_low": round(low, 6),
            "accuracy_high": round(high, 6),
            "macro_f1": round(macro_f1(self.labels, predicted), 6),
        }


def corrupted_samples(
    data: Fer2013, *, first: int = 0, every: int = EVERY
) -> Iterator[CorruptedSample]:
    """One of so many PublicTest images: as they are, then under each condition, mildest first.

    Args:
        data: FER2013.
        first: of the images; what is stated begins with 0, other ones are for choosing.
        every: takes one of so many.
    """
    rows = data.rows(Split.PUBLIC_TEST)[first::every]
    faces, labels, groups = data.pixels[rows], data.labels[rows], data.groups[rows]
    yield CorruptedSample(1, AS_IT_IS, 0.0, faces, labels, groups)
    number = 1
    for condition in CONDITIONS:
        for severity in condition.severities:
            number += 1
            seen = corrupt(faces, condition, severity)
            yield CorruptedSample(number, condition.name, severity, seen, labels, groups)


class RobustnessRow(BaseModel):
    """One network under one condition.

    Attributes:
        graph_sha256: of the ``model.onnx`` that was measured.
        condition: a name in `CONDITIONS`, or `AS_IT_IS`.
        severity: in the condition's unit.
        n: images.
        accuracy, accuracy_low, accuracy_high: fraction right, bootstrap 95 % interval.
        macro_f1: 0-1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    graph_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    condition: str
    severity: float = Field(ge=0)
    n: int = Field(ge=1)
    accuracy: float = Field(ge=0, le=1)
    accuracy_low: float = Field(ge=0, le=1)
    accuracy_high: float = Field(ge=0, le=1)
    macro_f1: float = Field(ge=0, le=1)


def measure_robustness(
    classifiers: Sequence[Classifier],
    data: Fer2013,
    *,
    every: int = EVERY,
    progress: Callable[[int, int], None] | None = None,
) -> list[RobustnessRow]:
    """Read the same corrupted faces with each network.

    Args:
        classifiers: the networks.
        data: FER2013.
        every: take one of so many PublicTest images.
        progress: called with settings done and to do.

    Returns:
        A row for each network and severity, and one for the faces as they are.
    """
    found = []
    for sample in corrupted_samples(data, every=every):
        for classifier in classifiers:
            predicted = grey_logits(classifier, sample.faces).argmax(axis=1)
            found.append(
                RobustnessRow(
                    slug=classifier.card.slug,
                    graph_sha256=classifier.card.files[GRAPH_FILE].sha256,
                    **sample.figures(predicted),
                )
            )
        if progress:
            progress(sample.number, SETTINGS)
    return found


def read_robustness(models: Path = MODELS) -> list[RobustnessRow]:
    """All rows of ``models/robustness.csv``; [] where there is no such file.

    Raises:
        ModelError: a row that is not valid.
    """
    return read_rows(
        models / ROBUSTNESS_FILE,
        RobustnessRow,
        "the measured robustness cannot be used",
        "Measure it again: python -m fer_core robustness",
    )


def write_robustness(models: Path, rows: Iterable[RobustnessRow]) -> Path:
    """Put rows in ``models/robustness.csv``, in place of all earlier ones of the same networks.

    The file is replaced in one step, so that a reader never sees half of it.

    Raises:
        ModelError: the file that is there cannot be read; it is left as it is.
    """
    return replace_rows(
        models / ROBUSTNESS_FILE, RobustnessRow, read_robustness(models), rows, of="slug"
    )


def current_rows(rows: Sequence[RobustnessRow], cards: Iterable[ModelCard]) -> list[RobustnessRow]:
    """Rows of the very graphs that are there, under conditions that still are measured.

    A row of an earlier graph says nothing about the one in its place.
    """
    graphs = {card.slug: card.files[GRAPH_FILE].sha256 for card in cards}
    return [
        row
        for row in rows
        if graphs.get(row.slug) == row.graph_sha256 and is_stated(row.condition, row.severity)
    ]


def is_stated(name: str, severity: float) -> bool:
    """Whether a condition is one that is measured still, in this severity."""
    condition = condition_of(name)
    return name == AS_IT_IS or (condition is not None and severity in condition.severities)


class ConditionFigures(AccuracyFigures, Protocol):
    """A network's or an external package's row: what both have."""

    @property
    def slug(self) -> str:
        """Whose it is."""

    @property
    def condition(self) -> str:
        """As in `RobustnessRow`."""

    @property
    def severity(self) -> float:
        """In the condition's unit."""


def unchanged(rows: Iterable[ConditionFigures], slug: str) -> ConditionFigures | None:
    """A network's row for faces as they are; None where it was not measured."""
    return next((r for r in rows if r.slug == slug and r.condition == AS_IT_IS), None)


def mean_accuracy(rows: Iterable[ConditionFigures], slug: str, condition: str) -> float | None:
    """A network's accuracy under a condition, mean over its severities; None: not measured."""
    values = [row.accuracy for row in rows if (row.slug, row.condition) == (slug, condition)]
    return float(np.mean(values)) if values else None
