"""Families of the queue: one network trained several times, each with another seed.

Each seed is a run of its own, where `train --seeds` would put it too: ``runs/seed-<n>/<name>``.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.runs.order import TrainingOrder
from fer_core.runs.run import Condition, Run
from fer_core.runs.shelf import list_runs

_BUSY: tuple[Condition, ...] = ("learning", "validating", "finishing", "starting", "paused")
_WORST: tuple[Condition, ...] = ("killed", "failed", "waiting", "finished")


@dataclass(frozen=True, slots=True)
class RunFamily:
    """The runs of one family.

    Attributes:
        name: what it is called, and the network that comes of it.
        runs: by seed, at least one.
    """

    name: str
    runs: tuple[Run, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds themselves."""
        return tuple(run.seed for run in self.runs if run.seed is not None)

    def order(self) -> TrainingOrder:
        """What was asked for: the same for all, but for the seed.

        Raises:
            TrainingError: none can be read.
        """
        for run in self.runs[:-1]:
            with suppress(TrainingError):
                return run.order()
        return self.runs[-1].order()

    def conditions(self) -> dict[int, Condition]:
        """How each seed is; one whose folder is damaged has failed."""
        found: dict[int, Condition] = {}
        for seed, run in zip(self.seeds, self.runs, strict=True):
            try:
                found[seed] = run.condition()
            except TrainingError:
                found[seed] = "failed"
        return found

    def condition(self) -> Condition:
        """How it is as a whole: as the seed that is trained, else as who needs a person most."""
        found = set(self.conditions().values())
        return next(one for one in (*_BUSY, *_WORST) if one in found)


def group_runs(runs: Iterable[Run]) -> list[Run | RunFamily]:
    """The same runs, those of a family in one, at the place of its newest."""
    places: dict[str, Run | RunFamily] = {}
    for run in runs:
        key = run.family or run.name
        before = places.pop(key, None)
        if not run.family:
            places[key] = run
            continue
        mine = before.runs if isinstance(before, RunFamily) else ()
        ordered = tuple(sorted((*mine, run), key=lambda one: one.seed or 0))
        places[key] = RunFamily(key, ordered)
    return list(places.values())


def find_family(name: str, root: Path | None = None) -> RunFamily:
    """One family.

    Raises:
        TrainingError: there is none of that name.
    """
    found = [one for one in group_runs(list_runs(root)) if isinstance(one, RunFamily)]
    for family in found:
        if family.name == name:
            return family
    raise TrainingError(
        "there is no such family of trainings",
        where=root,
        expected=", ".join(one.name for one in found) or "one that was added with several seeds",
        received=name[:80],
        remedy="See what is there: python -m fer_core queue list",
    )
