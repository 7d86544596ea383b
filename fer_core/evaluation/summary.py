"""A model folder's results as typed values: what the leaderboard, charts and commands read."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import MienError, ModelError, StorageError
from fer_core.metrics import SplitReport
from fer_core.storage.reading import fault, read_bytes, read_npz
from fer_core.zoo import (
    CONFUSION_FILE,
    GRAPH_FILE,
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    ModelCard,
    check_folder,
    find_folders,
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
LIMIT_BYTES = 64_000_000
"""Of one results file; the largest that ships has half a MB."""

_REMEDY = "Restore the folder, or write it again: python -m fer_core freeze SLUG"


class PublicMetrics(BaseModel):
    """`metrics.json` of a training that nobody has measured on PrivateTest."""

    model_config = ConfigDict(frozen=True)

    public_test: SplitReport


class Metrics(SplitReport):
    """`metrics.json`: PrivateTest at the top level, PublicTest beside it."""

    public_test: SplitReport

    @classmethod
    def of(cls, private_test: SplitReport, public_test: SplitReport) -> Self:
        """Both splits' figures in one."""
        return cls(**dict(private_test), public_test=public_test)


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

    def rows(self) -> list[dict[str, float]]:
        """The same, one dict an epoch."""
        return [
            {name: float(values[row]) for name, values in self.columns.items()}
            for row in range(len(self))
        ]


@dataclass(frozen=True, slots=True, eq=False)
class ModelSummary:
    """What a model folder says of its network.

    Attributes:
        card: architecture, origin, recipe and limits.
        metrics: figures on PrivateTest and PublicTest.
        history: learning curves.
        confusion: (7, 7) int64 PrivateTest counts, rows true, columns predicted.
        megabytes: size of `model.onnx`, in units of 10^6 bytes.
        looks: how often this model was measured on PrivateTest; None where the ledger cannot be
            read.
    """

    card: ModelCard
    metrics: Metrics
    history: History
    confusion: NDArray[np.int64]
    megabytes: float
    looks: int | None

    @property
    def slug(self) -> str:
        """The folder's name."""
        return self.card.slug

    @property
    def title(self) -> str:
        """The name shown to people."""
        return self.card.title


def read_summary(folder: Path, looks: int | None = 0) -> ModelSummary:
    """Check a folder and read its results.

    Args:
        folder: ``models/<slug>``.
        looks: number of its rows in ``looks.csv``; None: not known.

    Raises:
        ModelError: the first thing wrong with it.
    """
    card = check_folder(folder)
    if not card.is_measured:
        raise ModelError(
            "it was not measured, as there was no FER2013 when it was added",
            where=folder.name,
            remedy="It serves on every page, and has no row here until you import FER2013 and run: "
            f"python -m fer_core models measure {folder.name}",
        )
    return ModelSummary(
        card=card,
        metrics=read_metrics(folder),
        history=read_history(folder),
        confusion=read_confusion(folder),
        megabytes=(folder / GRAPH_FILE).stat().st_size / 1e6,
        looks=looks,
    )


def read_summaries(*roots: Path) -> tuple[list[ModelSummary], list[MienError]]:
    """All sound models, most accurate first, and what is wrong with the others.

    Args:
        roots: folders of models, see `find_folders`; those that ship if none is named.
    """
    folders, errors = find_folders(*roots)
    summaries: list[ModelSummary] = []
    looks: dict[Path, dict[str, int] | None] = {}
    for folder in folders.values():
        if folder.parent not in looks:
            try:
                looks[folder.parent] = looks_by_slug(read_ledger(folder.parent))
            except MienError as error:
                looks[folder.parent] = None
                errors.append(error)
        known = looks[folder.parent]
        try:
            summaries.append(
                read_summary(folder, None if known is None else known.get(folder.name, 0))
            )
        except MienError as error:
            errors.append(error)
    return sorted(summaries, key=lambda summary: -summary.metrics.accuracy), errors


def read_logits(folder: Path, names: Sequence[str] = LOGIT_NAMES) -> dict[str, NDArray[np.float32]]:
    """The stored answers to both test splits: each of ``names`` as (n, 7) float32.

    A candidate has those to PublicTest only.

    Raises:
        ModelError: an array is missing, has another shape or holds something that is no number.
    """
    return read_logit_arrays(folder / PREDICTIONS_FILE, _REMEDY, names)


def read_logit_arrays(
    path: Path, remedy: str, names: Sequence[str] = LOGIT_NAMES
) -> dict[str, NDArray[np.float32]]:
    """The same from any file; ``remedy`` is for its errors.

    Raises:
        ModelError: see `read_logits`.
    """
    try:
        found = read_npz(path, LIMIT_BYTES)
        arrays = {name: np.asarray(found[name], np.float32) for name in names}
    except (OSError, StorageError, KeyError, ValueError) as error:
        raise _damaged(path, ", ".join(names), fault(error), remedy) from error
    for name, values in arrays.items():
        if values.ndim != 2 or values.shape[1] != len(Emotion) or not np.isfinite(values).all():
            raise _damaged(path, f"{name} (n, {len(Emotion)}), finite", values.shape, remedy)
    return arrays


def read_metrics(folder: Path) -> Metrics:
    """A model's figures.

    Raises:
        ModelError: a figure is missing or out of its range.
    """
    return _read_figures(folder / METRICS_FILE, Metrics)


def read_public_metrics(folder: Path) -> SplitReport:
    """A model's or a candidate's figures on PublicTest.

    Raises:
        ModelError: a figure is missing or out of its range.
    """
    return _read_figures(folder / METRICS_FILE, PublicMetrics).public_test


def read_history(folder: Path) -> History:
    """A model's learning curves.

    Raises:
        ModelError: a column is missing, or a value is no finite number.
    """
    path = folder / HISTORY_FILE
    head, *rows = _read_cells(path)
    try:
        table = np.array(rows, np.float64).reshape(len(rows), len(head))
    except ValueError as error:
        raise _damaged(path, "numbers, as many in each row", fault(error)) from error
    if missing := [name for name in HISTORY_COLUMNS if name not in head]:
        raise _damaged(path, ", ".join(HISTORY_COLUMNS), f"no {', '.join(missing)}")
    if not np.isfinite(table).all():
        raise _damaged(path, "finite numbers", "NaN or infinity")
    return History({name: table[:, head.index(name)] for name in HISTORY_COLUMNS})


def read_confusion(folder: Path) -> NDArray[np.int64]:
    """A model's confusion matrix on PrivateTest: (7, 7) counts, rows true, columns predicted.

    Raises:
        ModelError: other rows or columns, or a value that is no count.
    """
    path = folder / CONFUSION_FILE
    head, *rows = _read_cells(path)
    if tuple(head[1:]) != LABELS or tuple(row[0] for row in rows) != LABELS:
        raise _damaged(path, f"rows and columns {', '.join(LABELS)}", ", ".join(head))
    try:
        counts = np.array([[int(cell) for cell in row[1:]] for row in rows], np.int64)
    except (ValueError, OverflowError) as error:
        raise _damaged(path, "whole numbers", fault(error)) from error
    if counts.shape != (len(LABELS), len(LABELS)) or counts.min() < 0:
        raise _damaged(path, "7 x 7 counts of at least 0", counts.shape)
    return counts


Figures = TypeVar("Figures", bound=BaseModel)


def _read_figures(path: Path, kind: type[Figures]) -> Figures:
    try:
        return kind.model_validate_json(read_bytes(path, LIMIT_BYTES))
    except (OSError, StorageError, ValidationError) as error:
        raise _damaged(path, "every figure as a fraction", fault(error)) from error


def _read_cells(path: Path) -> list[list[str]]:
    """The rows of a CSV file that are not empty; at least one."""
    try:
        text = read_bytes(path, LIMIT_BYTES).decode()
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except (OSError, StorageError, UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path, "a table", fault(error)) from error
    if not rows:
        raise _damaged(path, "a table", "an empty file")
    return rows


def _damaged(path: Path, expected: object, received: object, remedy: str = _REMEDY) -> ModelError:
    return ModelError(
        "a results file cannot be used",
        where=f"{path.parent.name}/{path.name}",
        expected=expected,
        received=str(received)[:200],
        remedy=remedy,
    )
