"""What a training is asked for, and what it ends with."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras

from fer_core.dataset import FER2013
from fer_core.faces import InputSpec, trained_input
from fer_core.runs.recipe import Recipe
from fer_core.training.loop.checkpoint import Progress, Tensors
from fer_core.training.loop.observer import Observer
from fer_core.training.networks import Architecture
from fer_core.zoo import GRAPH_FILE, MODELS, ModelCard

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Start:
    """A shipped network to go on from.

    Attributes:
        weights: in the network's order.
        card: as it was shipped.
        history: the rows of its ``history.csv``.
    """

    weights: Tensors
    card: ModelCard
    history: list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training, fully specified.

    Attributes:
        run: folder of its checkpoints.
        models: where a recipe's teacher is.
        start: what to go on from; None: from the beginning.
        backbone: trained weights for a backbone that then stays frozen; see
            `networks.load_backbone`.
        limit: use only that many training images; for rehearsals.
        precision: ``auto`` times both and takes the faster.
        replan: a resumed training may end after another number of epochs than planned: the learning
            rate then falls to zero by that one.
        until: stop after this epoch although the recipe goes on (resume continues); None: the end.
        name: what the result is called, where it is somebody's own; "": the architecture's slug.
        dataset: name of what is learned from.
        observer: is told how far it is.
    """

    arch: Architecture
    recipe: Recipe
    seed: int
    run: Path
    models: Path = MODELS
    start: Start | None = None
    backbone: str | None = None
    limit: int | None = None
    precision: str = "auto"
    replan: bool = False
    until: int | None = None
    name: str = ""
    dataset: str = FER2013
    report: Report = field(default=print)
    observer: Observer = field(default_factory=Observer)

    @property
    def slug(self) -> str:
        """What the result is called."""
        return self.name or self.arch.slug

    @property
    def last_epoch(self) -> int:
        """The epoch, counted from 1, after which this training stops."""
        return min(self.until or self.recipe.epochs, self.recipe.epochs)

    def input(self, epoch: int | None = None) -> InputSpec:
        """The network's input; of an epoch, counted from 0, where the recipe changes the side.

        Raises:
            ContractError: the recipe restores faces of a size or colour for which that cannot be.
        """
        side, sides = self.arch.side_px, self.recipe.sides_px
        if sides and epoch is not None:
            side = sides[min(epoch * len(sides) // self.recipe.epochs, len(sides) - 1)]
        spec = trained_input(side, self.arch.channels)
        return replace(spec, restoration=self.recipe.restoration)

    def settings(self, fingerprint: str) -> dict[str, Any]:
        """What must not change on resume; with the fingerprint of the data set."""
        return {
            "slug": self.arch.slug,
            "recipe": self.recipe.model_dump(mode="json"),
            "seed": self.seed,
            "dataset": fingerprint,
            "start": self.start.card.files[GRAPH_FILE].sha256 if self.start else None,
            "backbone": self.backbone,
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """The best epoch's network and how it came about.

    Attributes:
        model: float32, at the architecture's own input side, with the best weights.
        progress: history and best epoch.
        processor: for the card.
        stopped: whether somebody ended it before the recipe would have.
    """

    model: keras.Model
    progress: Progress
    processor: str
    stopped: bool = False
