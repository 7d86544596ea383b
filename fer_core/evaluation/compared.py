"""Who is compared: networks of ours, imported ones and external packages, in one list.

An external package stands wherever it has figures, as any other row does: on both test splits,
under harder conditions and beside the others' times. It has no curves, no recipe and no card.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fer_core.evaluation.datasets import DatasetFigures
from fer_core.evaluation.external import ExternalReport, external_key
from fer_core.evaluation.leaderboard import unique_titles
from fer_core.evaluation.learning import LearningCurve
from fer_core.evaluation.speed import SpeedReport
from fer_core.evaluation.summary import Metrics, ModelSummary
from fer_core.metrics import AccuracyFigures, ClassReport
from fer_core.zoo import Published


class Figures(AccuracyFigures, Protocol):
    """What a `SplitReport` and `DatasetFigures` both have."""

    @property
    def per_class(self) -> dict[str, ClassReport]:
        """By label."""

    @property
    def log_loss(self) -> float:
        """At temperature 1, nats."""

    @property
    def brier(self) -> float:
        """At temperature 1, 0-2."""

    @property
    def ece(self) -> float:
        """At temperature 1."""

    @property
    def ece_calibrated(self) -> float:
        """At the network's own temperature."""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedNetwork:
    """One row of a comparison; either ``model`` or ``package`` is there.

    Attributes:
        key: a model's slug, or `external_key` of a package.
        title: unlike that of any other row.
        metrics: on FER2013's test splits.
        temperature: fitted on PublicTest.
        model: what its folder says.
        package: what was measured of it.
    """

    key: str
    title: str
    metrics: Metrics
    temperature: float
    model: ModelSummary | None = None
    package: ExternalReport | None = None

    @property
    def published(self) -> Published | None:
        """What its origin states."""
        if self.model:
            return self.model.card.published
        return self.package.quoted if self.package else None

    @property
    def complete(self) -> bool:
        """Whether its training was not cut short."""
        return self.model is None or self.model.card.status == "complete"

    @property
    def unsure_threshold(self) -> float | None:
        """Confidence under which it says "unsure"; None for a package, which never does."""
        return self.model.card.unsure_threshold if self.model else None

    @property
    def curve(self) -> LearningCurve | None:
        """Its learning curve; None where no epoch of it is known."""
        if self.model is None or not len(self.model.history):
            return None
        return LearningCurve.of(self.model.history, self.model.card.recipe)

    def relative_time(self, speed: SpeedReport | None) -> float | None:
        """Reference times a face; None where it was not measured."""
        return speed.relative_time(self._timed_as) if speed else None

    def milliseconds(self, speed: SpeedReport | None) -> float | None:
        """Milliseconds a face, on the machine that it was measured on; None: it was not."""
        return speed.ms_per_face(self._timed_as) if speed else None

    @property
    def _timed_as(self) -> str:
        return self.package.name if self.package else self.key


def compared_networks(
    models: Sequence[ModelSummary], external: Sequence[ExternalReport] = ()
) -> dict[str, ComparedNetwork]:
    """All rows by their keys, the most accurate on PrivateTest first.

    Args:
        models: networks of ours and imported ones.
        external: packages; one that is only quoted has no figures and is left out.
    """
    rows = [
        ComparedNetwork(model.slug, title, model.metrics, model.card.temperature, model=model)
        for model, title in zip(models, unique_titles(models), strict=True)
    ]
    taken = {row.title for row in rows}
    rows += [
        ComparedNetwork(
            external_key(package.name),
            f"{package.title} (package)" if package.title in taken else package.title,
            package.metrics,
            package.temperature or 1.0,
            package=package,
        )
        for package in external
        if package.metrics
    ]
    rows.sort(key=lambda row: -row.metrics.accuracy)
    return {row.key: row for row in rows}


def same_part(measured: Mapping[str, DatasetFigures]) -> dict[str, DatasetFigures]:
    """Those figures on a data set that are of the same pictures, as most of them are.

    Args:
        measured: slug -> figures on one data set; some may be of another split, or of pictures that
            were imported before. Of equally many the first ones count.
    """

    def part(figures: DatasetFigures) -> tuple[str, str, int]:
        return figures.dataset_fingerprint, figures.split, figures.n

    if not measured:
        return {}
    (most, _), *_ = Counter(map(part, measured.values())).most_common(1)
    return {slug: figures for slug, figures in measured.items() if part(figures) == most}
