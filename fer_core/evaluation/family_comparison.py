"""Two networks by their seeds, on PrivateTest: what could other seeds alone have made?

McNemar's test says whether two networks differ by more than which images were drawn; nothing of it
says whether the same two trainings, begun anew, would differ so again. Seeds do, also where only
one of the two has some.
"""

from dataclasses import dataclass
from pathlib import Path

from fer_core.evaluation.families import Family, Figure, in_per_cent, read_family
from fer_core.evaluation.summary import read_metrics
from fer_core.metrics import (
    SeedDifference,
    SplitReport,
    Spread,
    paired_difference,
    spread,
    unpaired_difference,
)

FEW = 5
"""Seeds below which a sentence says that they are few."""

NO_SEEDS = (
    "neither has several seeds, so what another training of the same would give is not known; the "
    "test of their answers is of the images alone"
)


@dataclass(frozen=True, slots=True)
class Contender:
    """One of two networks that are compared.

    Attributes:
        name: how sentences call it.
        shipped: figures of its weights on PrivateTest.
        family: its seeds; None where it has none.
    """

    name: str
    shipped: SplitReport
    family: Family | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those that were measured on PrivateTest; ()."""
        # Seeds that learned from somebody's own pictures were measured on these.
        if self.family is None or not self.family.is_on_fer2013:
            return ()
        return self.family.numbers

    def values(self, figure: Figure, seeds: tuple[int, ...]) -> list[float]:
        """A figure of these seeds of its; of its one training for ()."""
        if self.family is None or not seeds:
            return [float(getattr(self.shipped, figure))]
        return [getattr(one.private_test, figure) for one in self.family.seeds if one.seed in seeds]


def read_contender(folder: Path) -> Contender:
    """A network with its seeds.

    Raises:
        ModelError: figures are missing or damaged.
    """
    return Contender(folder.name, read_metrics(folder), read_family(folder))


@dataclass(frozen=True, slots=True)
class FamilyComparison:
    """Two networks on PrivateTest, at least one of them with seeds.

    Attributes:
        seeds: those that both have, by which they are paired; () where they are not.
        a_seeds, b_seeds: what each was compared by; () for one that has no seeds, whose one
            training was taken.
        a, b: accuracy of each over them.
        accuracy, macro_f1: A less B: paired by seed, or of all seeds of each.
    """

    seeds: tuple[int, ...]
    a_seeds: tuple[int, ...]
    b_seeds: tuple[int, ...]
    a: Spread
    b: Spread
    accuracy: SeedDifference
    macro_f1: SeedDifference

    def text(self) -> str:
        """A sentence for people."""
        against = f"{self._how()}: {in_per_cent(self.a)} against {in_per_cent(self.b)}"
        gain = self.accuracy
        difference = f"{against}, difference {100 * gain.difference:+.1f} points"
        if gain.low is None or gain.high is None or gain.p is None:
            return f"{difference}; one seed tells nothing of chance"
        few = "; few seeds, so the interval is wide" if gain.n < FEW else ""
        chance = "other seeds alone could make it" if gain.within_chance else "more than seeds make"
        return (
            f"{difference} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f}), "
            f"{'paired ' if self.seeds else ''}t p {gain.p:.3g}: {chance}{few}"
        )

    def _how(self) -> str:
        if self.seeds:
            return f"over {_named(self.seeds)}"
        if self.a_seeds and self.b_seeds:
            return f"over {_named(self.a_seeds)} against {_named(self.b_seeds)}, not paired"
        if self.a_seeds:
            return (
                f"over {_named(self.a_seeds)} of the first against the one training of the second"
            )
        return f"the one training of the first against {_named(self.b_seeds)} of the second"


def _named(seeds: tuple[int, ...]) -> str:
    return f"{len(seeds)} seed{'s' * (len(seeds) > 1)} ({', '.join(map(str, seeds))})"


def compare_families(a: Contender, b: Contender) -> FamilyComparison | None:
    """Two networks by their seeds; None where neither has any, see `NO_SEEDS`.

    By the seeds that both have, paired; else by all that each has. One without seeds stands with
    its one training: could that be one more seed of the other? (`unpaired_difference`, which takes
    both to vary alike.)
    """
    if not (a.seeds or b.seeds):
        return None
    common = tuple(sorted(set(a.seeds) & set(b.seeds)))
    # A single pair says nothing of chance; several seeds that are not paired do.
    paired = len(common) > 1 or (bool(common) and len(a.seeds) == len(b.seeds) == 1)
    of_a, of_b = (common, common) if paired else (a.seeds, b.seeds)
    difference = paired_difference if paired else unpaired_difference
    accuracy, macro_f1 = ((a.values(figure, of_a), b.values(figure, of_b)) for figure in _FIGURES)
    return FamilyComparison(
        seeds=common if paired else (),
        a_seeds=of_a,
        b_seeds=of_b,
        a=spread(accuracy[0]),
        b=spread(accuracy[1]),
        accuracy=difference(*accuracy),
        macro_f1=difference(*macro_f1),
    )


_FIGURES: tuple[Figure, ...] = ("accuracy", "macro_f1")
