"""One architecture trained in several ways: the rows of ``models/variants.csv``, and what differs.

A variant is a training for the sake of comparison: as its project published it, or with one setting
changed. It is measured on PublicTest only and ships no weights.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fer_core.evaluation.families import Family
from fer_core.evaluation.leaderboard import unique_titles
from fer_core.evaluation.recipe_words import recipe_in_words
from fer_core.evaluation.summary import ModelSummary
from fer_core.metrics import SeedDifference, spread, unpaired_difference
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
    """Put a row in ``models/variants.csv``, in place of one of the same slug, variant and seed.

    Seeds of one variant are of one recipe: rows of another one go. The file is replaced in one
    step, so that a reader never sees half of it.

    Raises:
        ModelError: the file that is there cannot be read; it is left as it is.
    """
    rows = {
        (known.slug, known.variant, known.seed): known
        for known in read_variants(models)
        if (known.slug, known.variant) != (row.slug, row.variant)
        or (known.settings, known.epochs) == (row.settings, row.epochs)
    }
    rows[row.slug, row.variant, row.seed] = row
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
        accuracy, low, high: fraction right and its bootstrap 95 % interval; of several seeds their
            mean, the lowest and the highest.
        macro_f1: 0-1; of several seeds their mean.
        seeds: the accuracy of each of several seeds; () for one training.
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
    seeds: tuple[float, ...] = ()

    def over_seeds(self, accuracies: Sequence[float], macro_f1s: Sequence[float]) -> "Trial":
        """The same training with several seeds; itself for one."""
        if len(accuracies) < 2:
            return self
        found = spread(accuracies)
        return replace(
            self,
            accuracy=found.mean,
            low=found.lowest,
            high=found.highest,
            macro_f1=spread(macro_f1s).mean,
            seeds=tuple(accuracies),
        )


def seed_difference(before: Trial, after: Trial) -> SeedDifference | None:
    """Whether seeds alone could make the difference of two trainings; None where both have one."""
    if not before.seeds and not after.seeds:
        return None
    return unpaired_difference(after.seeds or (after.accuracy,), before.seeds or (before.accuracy,))


def _ours(model: ModelSummary, title: str, family: Family | None) -> Trial:
    figures, card = model.metrics.public_test, model.card
    shipped = Trial(
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
    if family is None or not family.is_of_shipped_recipe:
        return shipped
    seeds = [one.public_test for one in family.seeds]
    return shipped.over_seeds([one.accuracy for one in seeds], [one.macro_f1 for one in seeds])


def _of_variant(rows: Sequence[Variant], title: str) -> Trial:
    """One variant from the rows of its seeds."""
    row = rows[0]
    one = Trial(
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
    return one.over_seeds(
        [row.public_accuracy for row in rows], [row.public_macro_f1 for row in rows]
    )


def _trials(
    rows: Iterable[Variant],
    models: Sequence[ModelSummary],
    *,
    ours_first: bool,
    families: Mapping[str, Family],
    without_ours: Collection[str] = (),
) -> list[list[Trial]]:
    titles = dict(zip((model.slug for model in models), unique_titles(models), strict=True))
    variants: dict[tuple[str, str], list[Variant]] = {}
    for row in rows:
        variants.setdefault((row.slug, row.variant), []).append(row)
    groups: dict[str, list[Trial]] = {}
    for (slug, _), seeds in variants.items():
        groups.setdefault(slug, []).append(_of_variant(seeds, titles.get(slug, slug)))
    for model in models:
        if (group := groups.get(model.slug)) and model.slug not in without_ours:
            ours = _ours(model, titles[model.slug], families.get(model.slug))
            group.insert(0 if ours_first else len(group), ours)
    return [groups[slug] for slug in sorted(groups)]


def published_trials(
    rows: Sequence[Variant],
    models: Sequence[ModelSummary],
    families: Mapping[str, Family] = MappingProxyType({}),
) -> list[list[Trial]]:
    """For each architecture trained as published: that training, then ours where it ships.

    Args:
        rows: of `read_variants`.
        models: that ship.
        families: their seeds by slug, which stand for the training that ships if their recipe is
            the same.
    """
    published = (row for row in rows if row.variant == AS_PUBLISHED)
    return _trials(published, models, ours_first=False, families=families)


def ablation_trials(
    rows: Sequence[Variant],
    models: Sequence[ModelSummary],
    families: Mapping[str, Family] = MappingProxyType({}),
) -> list[list[Trial]]:
    """For each architecture with other variants: what they are compared with, then those.

    That is the `BASELINE` where there is one, else ours where it ships; see `published_trials`.
    """
    rows = [row for row in rows if row.variant != AS_PUBLISHED]
    # Python's sort keeps the order of the others.
    rows.sort(key=lambda row: (row.slug, row.variant != BASELINE))
    based = {row.slug for row in rows if row.variant == BASELINE}
    return _trials(rows, models, ours_first=True, families=families, without_ours=based)


def changed_settings(before: Trial, after: Trial) -> list[tuple[str, str, str]]:
    """What the second recipe does otherwise: topic, the first one's way, the second one's way."""
    first, second = recipe_in_words(before.settings), recipe_in_words(after.settings)
    changes = [
        (topic, first[topic], second[topic]) for topic in first if first[topic] != second[topic]
    ]
    if before.epochs != after.epochs:
        changes.insert(0, ("Epochs", str(before.epochs), str(after.epochs)))
    return changes
