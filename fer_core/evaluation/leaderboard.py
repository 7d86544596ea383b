"""The leaderboard: one row for each model, the same for the page, CSV and ``models --json``."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.families import Family
from fer_core.evaluation.speed import BATCHES, SpeedReport
from fer_core.evaluation.summary import ModelSummary, read_summaries
from fer_core.metrics import Spread
from fer_core.zoo import Published

KAGGLE_2013 = (0.7116, 0.6927, 0.6882, 0.6748, 0.6525)
"""PrivateTest accuracy of the challenge's first five (Goodfellow et al. 2013, arXiv:1307.0414)."""


class LeaderboardRow(BaseModel):
    """One model, as ``python -m fer_core models --json`` prints it; the fields are contract.

    Attributes:
        megabytes: 10^6 bytes of `model.onnx`.
        accuracy, accuracy_flip, accuracy_twin_free, macro_f1, ece_calibrated: fractions, on
            PrivateTest.
        published: the card's own entry; its ``figure`` is in per cent, on the split and classes
            that it names.
        looks: how often it was measured on PrivateTest; None where the ledger cannot be read.
        seeds: `Family.summary` of several trainings that differ in their seed alone: which, and
            mean, standard deviation, lowest and highest of accuracy and macro-F1; None without.
    """

    model_config = ConfigDict(frozen=True)

    slug: str
    parameters: int
    multiply_accumulates: int
    megabytes: float
    accuracy: float
    accuracy_flip: float
    accuracy_twin_free: float
    macro_f1: float
    ece_calibrated: float
    published: Published | None
    looks: int | None
    status: str
    seeds: dict[str, Any] | None = None


def leaderboard_rows(
    models: Sequence[ModelSummary], families: Mapping[str, Family] = MappingProxyType({})
) -> list[LeaderboardRow]:
    """A row for each model, in the order given; [] for no model.

    Args:
        models: with their figures.
        families: their seeds, by slug.
    """
    return [
        LeaderboardRow(
            slug=model.slug,
            parameters=model.card.parameters,
            multiply_accumulates=model.card.multiply_accumulates,
            megabytes=model.megabytes,
            accuracy=model.metrics.accuracy,
            accuracy_flip=model.metrics.accuracy_flip,
            accuracy_twin_free=model.metrics.accuracy_twin_free,
            macro_f1=model.metrics.macro_f1,
            ece_calibrated=model.metrics.ece_calibrated,
            published=model.card.published,
            looks=model.looks,
            status=model.card.status,
            seeds=family.summary() if (family := families.get(model.slug)) else None,
        )
        for model in models
    ]


def leaderboard_csv(
    models: Sequence[ModelSummary],
    speed: SpeedReport | None = None,
    external: Sequence[ExternalReport] = (),
    families: Mapping[str, Family] = MappingProxyType({}),
) -> str:
    """The same rows as CSV text with a header line, the published figure in columns of its own.

    With ``speed`` also the relative time for a face, with 1, 4 and 16 faces in one call; with
    ``families`` accuracy over seeds. External packages come last, with the columns that apply to
    them.
    """
    table = [
        row.model_dump(exclude={"published", "seeds"})
        | _over_seeds(families.get(row.slug), families)
        | {
            f"published_{name}": getattr(row.published, name, "")  # "" where nothing is
            for name in Published.model_fields
        }
        | _times(row.slug, speed)
        for row in leaderboard_rows(models)
    ]
    text = io.StringIO()
    if table:
        writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
        writer.writerows(
            _external_row(package) | _times(package.name, speed) for package in external
        )
    return text.getvalue()


def _over_seeds(
    family: Family | None, families: Mapping[str, Family]
) -> dict[str, float | int | None]:
    if not families:
        return {}
    found = family.spread("accuracy") if family and family.is_on_fer2013 else None
    names = ("n", "mean", "sd", "lowest", "highest")
    return {f"seeds_{name}": getattr(found, name) if found else None for name in names}


def _times(name: str, speed: SpeedReport | None) -> dict[str, float | None]:
    if speed is None:
        return {}
    return {f"relative_time_{faces}": speed.relative_time(name, faces) for faces in BATCHES}


def _external_row(package: ExternalReport) -> dict[str, Any]:
    row: dict[str, Any] = {"slug": package.name, "status": package.status}
    if package.metrics:
        names = ("accuracy", "accuracy_flip", "accuracy_twin_free", "macro_f1", "ece_calibrated")
        row |= {name: getattr(package.metrics, name) for name in names}
    quoted = package.quoted.model_dump() if package.quoted else {}
    return row | {f"published_{name}": value for name, value in quoted.items()}


def unique_titles(models: Sequence[ModelSummary]) -> list[str]:
    """A name for each model: its title, with the slug where two share one."""
    counts = Counter(model.title for model in models)
    return [
        model.title if counts[model.title] == 1 else f"{model.title} ({model.slug})"
        for model in models
    ]


def kaggle_place(accuracy: float) -> int | None:
    """The place that a PrivateTest accuracy would have taken in 2013; None after the fifth."""
    better = sum(other >= accuracy for other in KAGGLE_2013)
    return better + 1 if better < len(KAGGLE_2013) else None


def pareto_front(cost: ArrayLike, gain: ArrayLike) -> NDArray[np.bool_]:
    """Which of n points no other point beats: at most the cost and at least the gain, one strictly.

    Args:
        cost: (n,), lower is better.
        gain: (n,), higher is better; n may be 0.

    Returns:
        (n,) bool.
    """
    c, g = np.asarray(cost, np.float64), np.asarray(gain, np.float64)
    no_worse = (c[:, None] <= c) & (g[:, None] >= g)  # [i, j]: i is no worse than j
    strictly = (c[:, None] < c) | (g[:, None] > g)
    return np.asarray(~(no_worse & strictly).any(axis=0))


def leaderboard_markdown(
    models: Sequence[ModelSummary], families: Mapping[str, Family] = MappingProxyType({})
) -> str:
    """The table of the README, best model first: accuracy in per cent on PrivateTest.

    Args:
        models: with their figures.
        families: their seeds, by slug; with any, mean ± standard deviation over them stands beside
            the figure of the network that ships.
    """
    spreads = {
        slug: family.spread("accuracy")
        for slug, family in families.items()
        if family.is_on_fer2013 and slug in {model.slug for model in models}
    }
    seeds = " over seeds |" if spreads else ""
    lines = [
        f"| model | PrivateTest (95 % interval) |{seeds} twin-free | flip | published "
        "| parameters | MMAC | MB | looks |",
        f"| --- | ---: |{' ---: |' if spreads else ''} ---: | ---: | ---: | ---: | ---: | ---: "
        "| ---: |",
    ]
    for model in sorted(models, key=lambda model: -model.metrics.accuracy):
        figures, card = model.metrics, model.card
        status = " (budget-limited)" if card.status == "budget-limited" else ""
        over = f"| {_in_short(spreads.get(model.slug))} " if spreads else ""
        lines.append(
            f"| `{model.slug}`{status} "
            f"| **{figures.accuracy:.1%}** ({figures.accuracy_low:.1%} to "
            f"{figures.accuracy_high:.1%}) "
            f"{over}"
            f"| {figures.accuracy_twin_free:.1%} "
            f"| {figures.accuracy_flip:.1%} "
            f"| {f'{card.published.figure:.1f}%' if card.published else ''} "
            f"| {card.parameters:,} "
            f"| {card.multiply_accumulates / 1e6:.1f} "
            f"| {model.megabytes:.2f} "
            f"| {'' if model.looks is None else model.looks} |"
        )
    return "\n".join(lines)


def _in_short(found: Spread | None) -> str:
    """A share over seeds, such as "57.1% ± 0.6 (3)"; "" without seeds."""
    if found is None:
        return ""
    chance = "" if found.sd is None else f" ± {100 * found.sd:.1f}"
    return f"{found.mean:.1%}{chance} ({found.n})"


__all__ = [
    "KAGGLE_2013",
    "LeaderboardRow",
    "ModelSummary",
    "kaggle_place",
    "leaderboard_csv",
    "leaderboard_markdown",
    "leaderboard_rows",
    "pareto_front",
    "read_summaries",
    "unique_titles",
]
