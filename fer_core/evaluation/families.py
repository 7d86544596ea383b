"""A network and its seeds as a family: mean and standard deviation."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from fer_core.dataset import FER2013
from fer_core.errors import MienError, ModelError
from fer_core.evaluation.recipe_words import recipe_in_words
from fer_core.evaluation.seeds import (
    SEEDS,
    SeedFigures,
    SeedReport,
    read_all_seeds,
    read_seeds,
    settings_of,
)
from fer_core.metrics import Spread, spread
from fer_core.zoo import ModelCard, read_card

TestSplit = Literal["public_test", "private_test"]
Figure = Literal["accuracy", "macro_f1"]


@dataclass(frozen=True, slots=True)
class Family:
    """The seeds of one network: trainings that differ in nothing else.

    Attributes:
        card: of the network that ships, which may be another training; see `shipped_seed`.
        seeds: in order, at least one, all of one recipe.
    """

    card: ModelCard
    seeds: tuple[SeedReport, ...]

    @property
    def slug(self) -> str:
        """The network."""
        return self.card.slug

    @property
    def numbers(self) -> tuple[int, ...]:
        """The seeds themselves."""
        return tuple(one.seed for one in self.seeds)

    @property
    def dataset(self) -> str:
        """What they learned from, and whose kept-back faces they were measured on."""
        return self.seeds[0].dataset

    @property
    def is_on_fer2013(self) -> bool:
        """Whether they were measured on PrivateTest, as what ships is."""
        return self.dataset == FER2013

    @property
    def best(self) -> SeedReport:
        """The seed that is best on the faces that were chosen on: PublicTest, of FER2013."""
        return max(self.seeds, key=lambda one: one.public_test.accuracy)

    @property
    def shipped_seed(self) -> int | None:
        """Whose weights ship; None where the row that ships is of another training."""
        card = self.card
        for one in self.seeds:
            # Wall-clock seconds tell one training from its repetition.
            if (card.seed, card.train_seconds, settings_of(card.recipe)) == (
                one.seed,
                one.train_seconds,
                one.recipe,
            ):
                return one.seed
        return None

    @property
    def is_of_shipped_recipe(self) -> bool:
        """Whether the network that ships was trained as the seeds were, apart from the seed."""
        # In words: an older card lacks settings that came later, and means their neutral values.
        mine = recipe_in_words(self.seeds[0].recipe), self.seeds[0].epochs
        return mine == (recipe_in_words(self.card.recipe), self.card.epochs)

    @property
    def recipe_words(self) -> str:
        """What the seeds were trained with, in a few words."""
        first = self.seeds[0]
        name = f"recipe {first.recipe_name}" if first.recipe_name else "a recipe of one's own"
        return f"{name}, {first.epochs} epoch{'s' * (first.epochs > 1)}"

    def spread(self, figure: Figure, split: TestSplit = "private_test") -> Spread:
        """Mean and standard deviation of a figure over the seeds."""
        return spread([getattr(_of(one, split), figure) for one in self.seeds])

    def summary(self) -> dict[str, Any]:
        """The same for JSON: which seeds, and the spread of each figure on each split."""
        return {
            "seeds": list(self.numbers),
            "recipe": self.seeds[0].recipe_name,
            "dataset": self.dataset,
            "shipped_seed": self.shipped_seed,
            **{
                split: {
                    figure: asdict(self.spread(figure, split))
                    for figure in ("accuracy", "macro_f1")
                }
                for split in ("private_test", "public_test")
            },
        }

    def text(self) -> str:
        """A sentence or two for the terminal."""
        public, best = self.spread("accuracy", "public_test"), self.best
        if self.shipped_seed == best.seed:
            ships = ", which ships"
        elif self.shipped_seed is not None:
            ships = f"; seed {self.shipped_seed} ships"
        else:
            ships = "; what ships is another training and not counted among them"
        return (
            f"{self.slug}, {self.figures_text()}; "
            f"{best.chosen_on} {in_per_cent(public)}, best with seed {best.seed}{ships}"
        )

    def figures_text(self) -> str:
        """Which seeds of what recipe, and what they reach on faces that were kept back."""
        names = ", ".join(map(str, self.numbers))
        right, f1 = self.spread("accuracy"), self.spread("macro_f1")
        return (
            f"seed{'s' * (len(self.seeds) > 1)} {names} ({self.recipe_words}): "
            f"{self.best.tested_on} {in_per_cent(right)}, macro-F1 {f1.mean:.3f}{_sd(f1, 1, 3)}"
        )


def in_per_cent(found: Spread) -> str:
    """A share over seeds, such as "57.1 % ± 0.6 (56.4 to 57.5)"."""
    if found.sd is None:
        return f"{100 * found.mean:.1f} %"
    return (
        f"{100 * found.mean:.1f} %{_sd(found, 100, 1)} "
        f"({100 * found.lowest:.1f} to {100 * found.highest:.1f})"
    )


def _sd(found: Spread, factor: int, digits: int) -> str:
    return "" if found.sd is None else f" ± {factor * found.sd:.{digits}f}"


def _of(one: SeedReport, split: TestSplit) -> SeedFigures:
    return one.private_test if split == "private_test" else one.public_test


def read_family(folder: Path) -> Family | None:
    """A network's family; None where no seed was frozen.

    Raises:
        ModelError: the card or a seed is damaged, or the seeds are of several recipes.
    """
    seeds, errors = read_seeds(folder)
    if errors:
        raise errors[0]
    return _family(folder, seeds) if seeds else None


def read_families(*roots: Path) -> tuple[dict[str, Family], list[MienError]]:
    """All families by slug, and what is wrong with others; see `read_all_seeds`."""
    found, errors = read_all_seeds(*roots)
    families = {}
    for folder, seeds in found.items():
        try:
            families[folder.name] = _family(folder, seeds)
        except MienError as error:
            errors.append(error)
    return families, errors


def _family(folder: Path, seeds: tuple[SeedReport, ...]) -> Family:
    first = seeds[0]
    for one in seeds:
        if (one.recipe, one.dataset_fingerprint) != (first.recipe, first.dataset_fingerprint):
            raise ModelError(
                "the seeds are not of one recipe and one data set",
                where=f"{folder.name}/{SEEDS}",
                expected=f"those of seed {first.seed}",
                received=f"others of seed {one.seed}",
                remedy="Remove those of one of the two.",
            )
    return Family(read_card(folder), seeds)
