"""A network's figures on a named data set: how it does on other people and other cameras."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset import (
    SPLITS,
    Fer2013,
    NamedDataset,
    Split,
    copy_groups,
    in_fer2013,
    leak_note,
)
from fer_core.dataset.learning import learning_splits
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import DatasetError
from fer_core.evaluation.labelled import NO_FACE, Unit, interval_units, named_classes
from fer_core.metrics import (
    ClassReport,
    bootstrap_interval,
    brier,
    class_shares,
    confusion_matrix,
    ece,
    log_loss,
    macro_f1,
    per_class_table,
)
from fer_core.pipeline.dataset_crops import crop_batches
from fer_core.zoo import GRAPH_FILE, AnswersAs, Classifier, ModelCard, softmax

SplitName = Literal["all", "train", "validation", "test"]
ALL: SplitName = "all"
"""In place of a split: every picture."""

_DIGITS = 6
_LARGEST = float(np.finfo(np.float16).max)


class DatasetFigures(BaseModel):
    """One network on one named data set; shares are fractions.

    A picture in which no face was found counts as wrong: ``n``, accuracies, recall and F1 have it.
    What is about probabilities (log loss to ``answers``) is over the others.

    Attributes:
        dataset, dataset_fingerprint: the data set, and the very pictures.
        slug, graph_sha256: the network, and the very `model.onnx`.
        answers_as: whose word it gave, see `fer_core.zoo.ModelCard`.
        split: `ALL`, or which part of the data set.
        n: pictures; ``without_face`` of them without a face that was found.
        accuracy, accuracy_low, accuracy_high: share right, bootstrap 95 % interval.
        interval_over, clusters: what was drawn for it, and how many there are.
        accuracy_unseen: over pictures that are none of FER2013's Training, from which the networks
            learned; None where that is not known, or where all are.
        in_fer2013: pictures that are FER2013's, by its splits; None where it is not imported.
        macro_f1: mean F1 over the classes that the data set has.
        log_loss, brier, ece: at temperature 1; ``ece_calibrated`` at the card's.
        share_unsure: below the card's threshold; ``accuracy_sure``: of the others, None without.
        answers, labels: share of each class among answers, and among labels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    dataset_fingerprint: str
    slug: str
    graph_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    answers_as: AnswersAs = AnswersAs.LABELS  # what there was when older figures were measured
    split: SplitName
    n: int = Field(ge=1)
    without_face: int = Field(ge=0)
    accuracy: float = Field(ge=0, le=1)
    accuracy_low: float = Field(ge=0, le=1)
    accuracy_high: float = Field(ge=0, le=1)
    interval_over: Unit
    clusters: int = Field(ge=1)
    accuracy_unseen: float | None = Field(ge=0, le=1)
    in_fer2013: dict[str, int] | None
    macro_f1: float = Field(ge=0, le=1)
    per_class: dict[str, ClassReport]
    log_loss: float = Field(ge=0)
    brier: float = Field(ge=0, le=2)
    ece: float = Field(ge=0, le=1)
    ece_calibrated: float = Field(ge=0, le=1)
    temperature: float
    unsure_threshold: float
    share_unsure: float = Field(ge=0, le=1)
    accuracy_sure: float | None = Field(ge=0, le=1)
    answers: dict[str, float]
    labels: dict[str, float]

    def is_about(self, card: ModelCard) -> bool:
        """Whether it was measured with the very graph that a card names."""
        return self.graph_sha256 == card.files[GRAPH_FILE].sha256

    def text(self) -> str:
        """A sentence or two for the terminal."""
        sure = "" if self.accuracy_sure is None else f", {self.accuracy_sure:.0%} right on the sure"
        part = "" if self.split == ALL else f" of {self.split}"
        missed = f"; no face found in {self.without_face:,} of them" if self.without_face else ""
        unseen = (
            f"; {self.accuracy_unseen:.1%} without those of {Split.TRAINING}"
            if self.accuracy_unseen is not None and (self.in_fer2013 or {})[Split.TRAINING]
            else ""
        )
        said = "" if self.answers_as == AnswersAs.LABELS else f" as {self.answers_as}"
        neutral = Emotion.NEUTRAL.label
        return (
            f"{self.slug}{said} on {self.dataset}: {self.accuracy:.1%} right "
            f"({self.accuracy_low:.1%} to {self.accuracy_high:.1%}) of {self.n:,} pictures{part}"
            f"{missed}; macro-F1 {self.macro_f1:.3f}, {neutral} for {self.answers[neutral]:.0%} of "
            f"faces where {self.labels[neutral]:.0%} are, ECE {self.ece_calibrated:.3f}, "
            f"{self.share_unsure:.0%} unsure{sure}; {leak_note(self.in_fer2013)}{unseen}"
        )


def split_rows(
    data: NamedDataset, split: SplitName | None = None
) -> tuple[SplitName, NDArray[np.int64]]:
    """Which pictures are measured on.

    Args:
        data: the data set.
        split: `ALL`, train, validation or test; None: test where there is one, else all.

    Returns:
        The split's name, and its rows (k,) int64, ascending.

    Raises:
        DatasetError: the data set has no such split, or no face in it.
    """
    if split is None:
        split = "test" if len(data.rows("test")) else ALL
    rows = data.rows(None if split == ALL else split)
    if not data.found[rows].any():
        raise DatasetError(
            "there is no picture to measure on",
            where=f"{data.name}, {split}",
            expected="at least one picture with a face",
            received=f"{len(rows):,} pictures",
            remedy="Measure on another split: --split all.",
        )
    return split, rows


def fair_rows(
    card: ModelCard, data: NamedDataset, split: SplitName, rows: NDArray[np.int64]
) -> tuple[SplitName, NDArray[np.int64]]:
    """The same pictures, less those that this very network has learned from.

    Args:
        card: the network's.
        data: the data set.
        split, rows: of `split_rows`.

    Returns:
        Split and rows (k,); of a data set without splits of its own those that were kept back when
        the network was trained on it.
    """
    if card.own is None or card.own.dataset != data.name or split != ALL:
        return split, rows
    kept = np.flatnonzero(learning_splits(data) == SPLITS.index(Split.PRIVATE_TEST))
    return "test", np.intersect1d(rows, kept)


def dataset_logits(
    classifier: Classifier, data: NamedDataset, rows: NDArray[np.int64]
) -> NDArray[np.float16]:
    """A network's logits for some pictures, as they are kept: (n, 7), NaN without a face."""
    logits = np.full((len(rows), len(LABELS)), np.nan, np.float16)
    seen = np.flatnonzero(data.found[rows])
    batches = crop_batches(data, rows[seen], classifier.card.input)
    answers = np.concatenate([classifier.logits(crops) for crops in batches])
    logits[seen] = answers.clip(-_LARGEST, _LARGEST)
    return logits


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Which pictures of a data set are the same, and which are FER2013's: for all networks once.

    Attributes:
        groups: (n,) int64, pictures that are the same share a number.
        in_fer2013: (n,) int64 index into FER2013's `SPLITS`, -1 for none; None: not known.
    """

    groups: NDArray[np.int64]
    in_fer2013: NDArray[np.int64] | None


def find_overlaps(data: NamedDataset, fer2013: Fer2013 | None) -> Overlaps:
    """Compare all pictures with each other, and with FER2013's where it is given."""
    return Overlaps(copy_groups(data), None if fer2013 is None else in_fer2013(data, fer2013))


def dataset_figures(
    logits: NDArray[np.float16],
    data: NamedDataset,
    split: SplitName,
    rows: NDArray[np.int64],
    card: ModelCard,
    overlaps: Overlaps,
) -> DatasetFigures:
    """All figures of one network on some pictures of a data set.

    Args:
        logits: (n, 7) of `dataset_logits`.
        data: the data set.
        split, rows: of `split_rows`; n rows.
        card: the network's.
        overlaps: of the whole data set.
    """
    found, true = data.found[rows], data.labels[rows]
    scores = logits[found].astype(np.float64)
    said = named_classes(logits)
    right = said == true
    word, clusters = interval_units(data.persons[rows], data.groups[rows], overlaps.groups[rows])
    low, high = bootstrap_interval(right, clusters)
    leaks = None if overlaps.in_fer2013 is None else overlaps.in_fer2013[rows]
    return DatasetFigures(
        dataset=data.name,
        dataset_fingerprint=data.fingerprint,
        slug=card.slug,
        graph_sha256=card.files[GRAPH_FILE].sha256,
        answers_as=card.answers_as,
        split=split,
        n=len(rows),
        without_face=int((~found).sum()),
        accuracy=_rounded(right.mean()),
        accuracy_low=_rounded(low),
        accuracy_high=_rounded(high),
        interval_over=word,
        clusters=len(np.unique(clusters)),
        accuracy_unseen=None
        if leaks is None
        else _share(right[leaks != SPLITS.index(Split.TRAINING)]),
        in_fer2013=None
        if leaks is None
        else {part.value: int((leaks == index).sum()) for index, part in enumerate(SPLITS)},
        answers=_shares(said[found]),
        labels=_shares(true),
        **_class_figures(true, said),
        **_probability_figures(scores, true[found], card),
    )


def _class_figures(true: NDArray[np.int64], said: NDArray[np.int64]) -> dict[str, Any]:
    table = per_class_table(confusion_matrix(true, said, NO_FACE + 1))[: len(LABELS)]
    support = np.bincount(true, minlength=len(LABELS))
    return {
        "macro_f1": _rounded(macro_f1(true, said, NO_FACE + 1, labelled_only=True)),
        "per_class": {
            label: ClassReport(
                precision=_rounded(row[0]),
                recall=_rounded(row[1]),
                f1=_rounded(row[2]),
                support=int(count),
            )
            for label, row, count in zip(LABELS, table, support, strict=True)
        },
    }


def _probability_figures(
    logits: NDArray[np.float64], true: NDArray[np.int64], card: ModelCard
) -> dict[str, Any]:
    plain, calibrated = softmax(logits), softmax(logits, card.temperature)
    sure = calibrated.max(axis=1) >= card.unsure_threshold
    return {
        "log_loss": _rounded(log_loss(plain, true)),
        "brier": _rounded(brier(plain, true)),
        "ece": _rounded(ece(plain, true)),
        "ece_calibrated": _rounded(ece(calibrated, true)),
        "temperature": card.temperature,
        "unsure_threshold": card.unsure_threshold,
        "share_unsure": _rounded(1 - sure.mean()),
        "accuracy_sure": _share((logits.argmax(axis=1) == true)[sure]),
    }


def _rounded(value: float | np.floating) -> float:
    return round(float(value), _DIGITS)


def _share(right: NDArray[np.bool_]) -> float | None:
    return _rounded(right.mean()) if len(right) else None


def _shares(classes: NDArray[np.int64]) -> dict[str, float]:
    shares = class_shares(classes)
    return {label: _rounded(share) for label, share in zip(LABELS, shares, strict=True)}
