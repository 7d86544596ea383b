"""One architecture trained in several ways: the rows of ``models/variants.csv``, and what differs.

A variant is a training for the sake of comparison: as its project published it, or with one setting
changed. It is measured on PublicTest only and ships no weights.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fer_core.dataset import FERPLUS
from fer_core.evaluation.leaderboard import unique_titles
from fer_core.evaluation.summary import ModelSummary
from fer_core.storage.records import read_rows, write_rows
from fer_core.zoo import MODELS

VARIANTS_FILE = "variants.csv"
VARIANT_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
AS_PUBLISHED = "published"
"""The variant that repeats the origin's own recipe; all others are ablations of ours."""

BASELINE = "none"
"""The variant that other ablations of its architecture change one setting of."""

OURS = "our recipe"
_HOW = {AS_PUBLISHED: "as published", BASELINE: "nothing changed"}


class Variant(BaseModel):
    """One row of ``variants.csv``.

    Attributes:
        recipe: name of the recipe; ``settings`` are what it held then.
        epochs: epochs trained; the best of them was chosen on PublicTest.
        public_accuracy, public_macro_f1: fractions on PublicTest, without test-time augmentation.
        train_seconds: wall clock, on ``processor``.
        public_n: images measured on.
        public_accuracy_low, public_accuracy_high: bootstrap 95 % interval.
        settings: the whole recipe; JSON in the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    variant: str = Field(pattern=VARIANT_PATTERN)
    recipe: str
    seed: int
    epochs: int = Field(ge=1)
    public_accuracy: float = Field(ge=0, le=1)
    public_macro_f1: float = Field(ge=0, le=1)
    train_seconds: float = Field(ge=0)
    processor: str
    public_n: int = Field(ge=1)
    public_accuracy_low: float = Field(ge=0, le=1)
    public_accuracy_high: float = Field(ge=0, le=1)
    settings: dict[str, Any]

    @field_validator("settings", mode="before")
    @classmethod
    def _settings_from_text(cls, value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value


def read_variants(models: Path = MODELS) -> list[Variant]:
    """All rows of ``models/variants.csv``; [] where there is no such file.

    Raises:
        ModelError: a row that is not valid.
    """
    return read_rows(
        models / VARIANTS_FILE,
        Variant,
        "the list of variants cannot be used",
        "Restore the file, or train the variants again.",
    )


def enter_variant(models: Path, row: Variant) -> Path:
    """Put a row in ``models/variants.csv``, in place of one of the same slug and variant.

    The file is replaced in one step, so that a reader never sees half of it.

    Raises:
        ModelError: the file that is there cannot be read; it is left as it is.
    """
    rows = {(known.slug, known.variant): known for known in read_variants(models)}
    rows[row.slug, row.variant] = row
    return write_rows(
        models / VARIANTS_FILE,
        Variant.model_fields,
        (
            known.model_dump(mode="json") | {"settings": json.dumps(known.settings, sort_keys=True)}
            for _, known in sorted(rows.items())
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One training of an architecture, of a variant or of the shipped network.

    Attributes:
        slug, title: the architecture.
        how: "as published", "our recipe", or the variant's name in words.
        n: PublicTest images that all figures here are measured on.
        accuracy, low, high: fraction right and its bootstrap 95 % interval.
        macro_f1: 0-1.
        epochs, train_seconds, processor: what it cost.
        settings: the recipe.
    """

    slug: str
    title: str
    how: str
    n: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    epochs: int
    train_seconds: float
    processor: str
    settings: Mapping[str, Any]


def _ours(model: ModelSummary, title: str) -> Trial:
    figures, card = model.metrics.public_test, model.card
    return Trial(
        slug=model.slug,
        title=title,
        how=OURS,
        n=figures.n,
        accuracy=figures.accuracy,
        low=figures.accuracy_low,
        high=figures.accuracy_high,
        macro_f1=figures.macro_f1,
        epochs=card.epochs,
        train_seconds=card.train_seconds,
        processor=card.processor,
        settings=card.recipe,
    )


def _of_variant(row: Variant, title: str) -> Trial:
    return Trial(
        slug=row.slug,
        title=title,
        how=_HOW.get(row.variant, row.variant.replace("_", " ")),
        n=row.public_n,
        accuracy=row.public_accuracy,
        low=row.public_accuracy_low,
        high=row.public_accuracy_high,
        macro_f1=row.public_macro_f1,
        epochs=row.epochs,
        train_seconds=row.train_seconds,
        processor=row.processor,
        settings=row.settings,
    )


def _trials(
    rows: Iterable[Variant],
    models: Sequence[ModelSummary],
    *,
    ours_first: bool,
    without_ours: Collection[str] = (),
) -> list[list[Trial]]:
    titles = dict(zip((model.slug for model in models), unique_titles(models), strict=True))
    groups: dict[str, list[Trial]] = {}
    for row in rows:
        groups.setdefault(row.slug, []).append(_of_variant(row, titles.get(row.slug, row.slug)))
    for model in models:
        if (group := groups.get(model.slug)) and model.slug not in without_ours:
            group.insert(0 if ours_first else len(group), _ours(model, titles[model.slug]))
    return [groups[slug] for slug in sorted(groups)]


def published_trials(rows: Sequence[Variant], models: Sequence[ModelSummary]) -> list[list[Trial]]:
    """For each architecture trained as published: that training, then ours where it ships."""
    return _trials((r for r in rows if r.variant == AS_PUBLISHED), models, ours_first=False)


def ablation_trials(rows: Sequence[Variant], models: Sequence[ModelSummary]) -> list[list[Trial]]:
    """For each architecture with other variants: what they are compared with, then those.

    That is the `BASELINE` where there is one, else ours where it ships.
    """
    rows = [row for row in rows if row.variant != AS_PUBLISHED]
    # Python's sort keeps the order of the others.
    rows.sort(key=lambda row: (row.slug, row.variant != BASELINE))
    based = {row.slug for row in rows if row.variant == BASELINE}
    return _trials(rows, models, ours_first=True, without_ours=based)


_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adadelta": "Adadelta"}
_SCHEDULES = {
    "constant": "kept constant",
    "linear": "falling in a line to 0",
    "cosine": "falling along a cosine to 0",
}
_BALANCES = {
    "none": "classes as often as they come",
    "sampler": "rare classes drawn more often",
    "weights": "mistakes on rare classes count more",
}


def _in_words(settings: Mapping[str, Any]) -> dict[str, str]:
    """A recipe's settings by topic; a setting that is missing counts as its neutral value."""

    def number(name: str) -> float:
        return float(settings.get(name) or 0)

    warmup, teacher = number("warmup_epochs"), settings.get("teacher")
    momentum = f" (momentum {number('momentum'):g})" if settings.get("optimizer") == "sgd" else ""
    rate = (
        f"{_OPTIMIZERS.get(str(settings.get('optimizer')), settings.get('optimizer'))}{momentum}"
        f" at {number('learning_rate'):g}, "
        f"{_SCHEDULES.get(str(settings.get('schedule')), settings.get('schedule'))}"
        + (f" after {warmup:g} epoch{'s' if warmup != 1 else ''} of warm-up" if warmup else "")
    )
    changes = settings.get("augmentation") or {}
    ranges = (
        ("rotation_degrees", "turned by up to {:g}°", 1),
        ("scale", "scaled by up to {:g} %", 100),
        ("aspect", "made wider or narrower by up to {:g} %", 100),
        ("shift", "shifted by up to {:g} %", 100),
        ("brightness", "brightness by up to {:g} %", 100),
        ("contrast", "contrast by up to {:g} %", 100),
        ("degraded", "{:g} % of faces blurred, noisy, dark, small or compressed", 100),
        ("erasing", "a patch erased on {:g} % of faces", 100),
    )
    augmentation = ["mirrored"] if changes.get("flip") else []
    augmentation += [
        words.format(round(factor * float(changes[name]), 6))
        for name, words, factor in ranges
        if changes.get(name)
    ]
    brakes = [
        f"{words} {number(name):g}"
        for name, words in (
            ("l2", "L2"),
            ("label_smoothing", "label smoothing"),
            ("mixup", "mixup"),
        )
        if number(name)
    ]
    dropout = float(settings.get("dropout", 1))
    own = "the network's own dropout" + (f" times {dropout:g}" if dropout != 1 else "")
    sides, network = settings.get("sides_px") or (), settings.get("network") or {}
    votes = number("votes")
    return {
        "Learns from": (
            "the labels"
            if not teacher
            else f"{number('teacher_share'):.0%} the votes of FER+, the rest the labels"
            if teacher == FERPLUS
            else f"{number('teacher_share'):.0%} the answers of {teacher}, softened at "
            f"{number('teacher_temperature'):g}"
            + (", on the faces as changed" if settings.get("teacher_reads") == "each_batch" else "")
            + (" and mirrored" if settings.get("teacher_views") == 2 else "")
            + ", the rest the labels"
        )
        + (f"; a second head the votes of FER+, counted {votes:g} times" if votes else ""),
        "Optimizer": rate,
        "Batch": f"{number('batch_size'):g} faces",
        "Training faces": ", ".join(augmentation) or "as they are",
        "Against overfitting": ", ".join([*brakes, own]),
        "First weights": (
            "scaled to unit variance layer by layer"
            if settings.get("initial") == "unit_variance"
            else "drawn as Keras does"
        ),
        "Weights kept": (
            f"moving average ({number('averaging'):g})" if number("averaging") else "as trained"
        )
        + (f", {number('start_share'):.0%} those it began with" if number("start_share") else ""),
        "Class balance": _BALANCES.get(str(settings.get("balance", "none")), "unknown"),
        "Network": ", ".join(f"{name} {value:g}" for name, value in sorted(network.items()))
        or "as it is",
        "Faces inside the network": {
            None: "the network's own way",
            True: "each standardised",
            False: "not standardised",
        }[settings.get("standardise")],
        "Input": (
            f"grows: {', '.join(map(str, sides))} px"
            if sides
            else f"scaled to {number('side_px'):g} px"
            if number("side_px")
            else "one size throughout"
        ),
    }


def changed_settings(before: Trial, after: Trial) -> list[tuple[str, str, str]]:
    """What the second recipe does otherwise: topic, the first one's way, the second one's way."""
    first, second = _in_words(before.settings), _in_words(after.settings)
    changes = [
        (topic, first[topic], second[topic]) for topic in first if first[topic] != second[topic]
    ]
    if before.epochs != after.epochs:
        changes.insert(0, ("Epochs", str(before.epochs), str(after.epochs)))
    return changes
