"""A network and its seeds as a family: mean, standard deviation, and one family against another."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

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
from fer_core.metrics import SeedDifference, Spread, paired_difference, spread
from fer_core.zoo import ModelCard, read_card

TestSplit = Literal["public_test", "private_test"]
Figure = Literal["accuracy", "macro_f1"]

FEW = 5
"""Seeds below which a sentence says that they are few."""


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
    def best(self) -> SeedReport:
        """The seed that PublicTest says is best."""
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
        names = ", ".join(map(str, self.numbers))
        right, f1 = self.spread("accuracy"), self.spread("macro_f1")
        public = self.spread("accuracy", "public_test")
        best = self.best
        if self.shipped_seed == best.seed:
            ships = ", which ships"
        elif self.shipped_seed is not None:
            ships = f"; seed {self.shipped_seed} ships"
        else:
            ships = "; what ships is another training and not counted among them"
        return (
            f"{self.slug}, seed{'s' * (len(self.seeds) > 1)} {names} ({self.recipe_words}): "
            f"PrivateTest {in_per_cent(right)}, macro-F1 {f1.mean:.3f}{_sd(f1, 1, 3)}; "
            f"PublicTest {in_per_cent(public)}, best with seed {best.seed}{ships}"
        )


def in_per_cent(found: Spread) -> str:
    """A share over seeds, such as "57.1 % ± 0.6 (56.4 to 57.5)"."""
    if found.sd is None:
        return f"{found.mean:.1%}"
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
    if other := [one for one in seeds if one.recipe != seeds[0].recipe]:
        raise ModelError(
            "the seeds are not of one recipe",
            where=f"{folder.name}/{SEEDS}",
            expected=f"that of seed {seeds[0].seed}",
            received=f"another one of seed {other[0].seed}",
            remedy="Remove those of one of the two.",
        )
    return Family(read_card(folder), seeds)


@dataclass(frozen=True, slots=True)
class FamilyComparison:
    """Two families on PrivateTest, by the seeds that both have.

    Attributes:
        seeds: these seeds, at least one.
        a, b: accuracy of each family over them.
        accuracy, macro_f1: A less B, paired by seed.
    """

    seeds: tuple[int, ...]
    a: Spread
    b: Spread
    accuracy: SeedDifference
    macro_f1: SeedDifference

    def text(self) -> str:
        """A sentence for the terminal."""
        gain, n = self.accuracy, len(self.seeds)
        seeds = f"over {n} seed{'s' * (n > 1)} ({', '.join(map(str, self.seeds))})"
        head = f"{seeds}: {in_per_cent(self.a)} against {in_per_cent(self.b)}, "
        difference = f"difference {100 * gain.difference:+.1f} points"
        if gain.low is None or gain.high is None or gain.p is None:
            return f"{head}{difference}; one seed tells nothing of chance"
        few = "; few seeds, so the interval is wide" if n < FEW else ""
        inside = "lies inside what other seeds do" if gain.within_chance else "is beyond the seeds"
        return (
            f"{head}{difference} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f}), paired t "
            f"p {gain.p:.3g}: it {inside}{few}"
        )


def compare_families(a: Family | None, b: Family | None) -> FamilyComparison | None:
    """Two families by their common seeds; None where there are none."""
    if a is None or b is None:
        return None
    common = tuple(sorted(set(a.numbers) & set(b.numbers)))
    if not common:
        return None

    def values(family: Family, figure: Figure) -> list[float]:
        return [getattr(one.private_test, figure) for one in family.seeds if one.seed in common]

    accuracy, macro_f1 = (
        (values(a, figure), values(b, figure)) for figure in ("accuracy", "macro_f1")
    )
    return FamilyComparison(
        seeds=common,
        a=spread(accuracy[0]),
        b=spread(accuracy[1]),
        accuracy=paired_difference(*accuracy),
        macro_f1=paired_difference(*macro_f1),
    )
