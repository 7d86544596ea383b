"""A model folder's results as typed values: what the leaderboard, charts and commands read."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import MienError, ModelError
from fer_core.zoo import (
    CONFUSION_FILE,
    GRAPH_FILE,
    HISTORY_FILE,
    METRICS_FILE,
    MODELS,
    PREDICTIONS_FILE,
    ModelCard,
    check_folder,
    list_slugs,
    looks_by_slug,
    read_ledger,
)

HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
)
LOGIT_NAMES = ("public_logits", "private_logits", "public_logits_flip", "private_logits_flip")
_REMEDY = "Restore the folder, or write it again: python -m fer_core freeze SLUG"


class ClassReport(BaseModel):
    """One class of one split: fractions, and the number of its images."""

    model_config = ConfigDict(frozen=True)

    precision: float = Field(ge=0, le=1)
    recall: float = Field(ge=0, le=1)
    f1: float = Field(ge=0, le=1)
    support: int = Field(ge=0)


class SplitReport(BaseModel):
    """One split's part of `metrics.json`; see `fer_core.metrics.evaluate_split` for the fields."""

    model_config = ConfigDict(frozen=True)

    n: int = Field(ge=1)
    accuracy: float = Field(ge=0, le=1)
    accuracy_low: float = Field(ge=0, le=1)
    accuracy_high: float = Field(ge=0, le=1)
    accuracy_flip: float = Field(ge=0, le=1)
    accuracy_twin_free: float = Field(ge=0, le=1)
    accuracy_without_disgust: float = Field(ge=0, le=1)
    macro_f1: float = Field(ge=0, le=1)
    per_class: dict[str, ClassReport]
    log_loss: float = Field(ge=0)
    brier: float = Field(ge=0, le=2)
    ece: float = Field(ge=0, le=1)
    ece_calibrated: float = Field(ge=0, le=1)

    @property
    def recall(self) -> NDArray[np.float64]:
        """(7,) float64 recall in the order of `Emotion`."""
        return np.array([self.per_class[label].recall for label in LABELS])


class Metrics(SplitReport):
    """`metrics.json`: PrivateTest at the top level, PublicTest beside it."""

    public_test: SplitReport


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """`history.csv`: one row an epoch, over all stints of training.

    Attributes:
        columns: each of `HISTORY_COLUMNS` as (m,) float64; accuracies are fractions, losses nats,
            each measured on its own data. m may be 0.
    """

    columns: Mapping[str, NDArray[np.float64]]

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["epoch"])


@dataclass(frozen=True, slots=True, eq=False)
class ModelSummary:
    """What a model folder says of its network.

    Attributes:
        card: architecture, origin, recipe and limits.
        metrics: figures on PrivateTest and PublicTest.
        history: learning curves.
        confusion: (7, 7) int64 PrivateTest counts, rows true, columns predicted.
        megabytes: size of `model.onnx`, in units of 10^6 bytes.
        looks: how often this model was measured on PrivateTest.
    """

    card: ModelCard
    metrics: Metrics
    history: History
    confusion: NDArray[np.int64]
    megabytes: float
    looks: int

    @property
    def slug(self) -> str:
        """The folder's name."""
        return self.card.slug

    @property
    def title(self) -> str:
        """The name shown to people."""
        return self.card.title


def read_summary(folder: Path, looks: int = 0) -> ModelSummary:
    """Check a folder and read its results.

    Args:
        folder: ``models/<slug>``.
        looks: number of its rows in ``looks.csv``.

    Raises:
        ModelError: the first thing wrong with it.
    """
    card = check_folder(folder)
    return ModelSummary(
        card=card,
        metrics=_read_metrics(folder / METRICS_FILE),
        history=_read_history(folder / HISTORY_FILE),
        confusion=_read_confusion(folder / CONFUSION_FILE),
        megabytes=(folder / GRAPH_FILE).stat().st_size / 1e6,
        looks=looks,
    )


def read_summaries(models: Path = MODELS) -> tuple[list[ModelSummary], list[MienError]]:
    """All sound folders, most accurate first, and the errors of those that are not sound."""
    looks = looks_by_slug(read_ledger(models))
    summaries: list[ModelSummary] = []
    errors: list[MienError] = []
    for slug in list_slugs(models):
        try:
            summaries.append(read_summary(models / slug, looks.get(slug, 0)))
        except MienError as error:
            errors.append(error)
    return sorted(summaries, key=lambda summary: -summary.metrics.accuracy), errors


def read_logits(folder: Path) -> dict[str, NDArray[np.float32]]:
    """The stored answers to both test splits: each of `LOGIT_NAMES` as (n, 7) float32.

    Raises:
        ModelError: an array is missing, has another shape or holds something that is no number.
    """
    path = folder / PREDICTIONS_FILE
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name], np.float32) for name in LOGIT_NAMES}
    except Exception as error:  # zip, npy and key errors have no common type
        raise _damaged(path, ", ".join(LOGIT_NAMES), error) from error
    for name, values in arrays.items():
        if values.ndim != 2 or values.shape[1] != len(Emotion) or not np.isfinite(values).all():
            raise _damaged(path, f"{name} (n, {len(Emotion)}), finite", values.shape)
    return arrays


def _damaged(path: Path, expected: object, received: object) -> ModelError:
    return ModelError(
        "a results file cannot be used",
        where=f"{path.parent.name}/{path.name}",
        expected=expected,
        received=str(received)[:200],
        remedy=_REMEDY,
    )


def _read_metrics(path: Path) -> Metrics:
    try:
        metrics = Metrics.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, "every figure as a fraction", f"{field}: {first['msg']}") from error
    for split in (metrics, metrics.public_test):
        if set(split.per_class) != set(LABELS):
            raise _damaged(path, f"per_class with {', '.join(LABELS)}", ", ".join(split.per_class))
    return metrics


def _read_history(path: Path) -> History:
    try:
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        return History(
            {name: np.array([float(row[name]) for row in rows]) for name in HISTORY_COLUMNS}
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"numbers under {', '.join(HISTORY_COLUMNS)}", error) from error


def _read_confusion(path: Path) -> NDArray[np.int64]:
    with path.open(newline="") as stream:
        head, *rows = list(csv.reader(stream)) or [[]]
    if tuple(head[1:]) != LABELS or tuple(row[0] for row in rows if row) != LABELS:
        raise _damaged(path, f"rows and columns {', '.join(LABELS)}", ", ".join(head))
    try:
        counts = np.array([[int(cell) for cell in row[1:]] for row in rows], np.int64)
    except ValueError as error:
        raise _damaged(path, "whole numbers", error) from error
    if counts.shape != (len(LABELS), len(LABELS)) or counts.min() < 0:
        raise _damaged(path, "7 x 7 counts of at least 0", counts.shape)
    return counts
