"""All runs on this machine, by name."""

import re
from contextlib import suppress
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.runs.run import ORDER_FILE, Run
from fer_core.settings import get_settings
from fer_core.zoo.card import SLUG_PATTERN

_OF_SEED = "seed-"


def runs_folder() -> Path:
    """Where trainings of the queue lie; need not exist yet."""
    return get_settings().runs


def check_own_name(name: str) -> str:
    """The name, where somebody's own network may have it.

    Raises:
        TrainingError: another form.
    """
    if not re.fullmatch(SLUG_PATTERN, name):
        raise TrainingError(
            "a network cannot be called this",
            expected="lower-case letters, digits and _, a letter first, at most 40",
            received=name[:80],
            remedy="Choose another, such as my_network.",
        )
    return name


def seed_runs(runs: Path, seed: int) -> Path:
    """Where a seed's runs are: ``runs/seed-<n>``, with a folder for each network in it."""
    return runs / f"{_OF_SEED}{seed}"


def seed_of(folder: Path) -> int | None:
    """Whose runs a folder of `seed_runs` has; None for another one."""
    number = folder.name.removeprefix(_OF_SEED)
    is_one = folder.name.startswith(_OF_SEED) and number.isascii() and number.isdigit()
    return int(number) if is_one else None


def list_runs(root: Path | None = None) -> list[Run]:
    """All runs with an order, those of families as well, the newest in the queue last."""
    folder = root or runs_folder()
    runs: list[Run] = []
    with suppress(OSError):
        runs += [Run(path.parent) for path in sorted(folder.glob(f"[!.]*/{ORDER_FILE}"))]
        for path in folder.glob(f"{_OF_SEED}*/[!.]*/{ORDER_FILE}"):
            seed = seed_of(path.parent.parent)
            if seed is not None:
                runs.append(Run(path.parent, seed))
    sound = [run for run in runs if re.fullmatch(SLUG_PATTERN, run.folder.name)]
    return sorted(sound, key=_place)


def taken_names(root: Path | None = None) -> set[str]:
    """What trainings and their families are called."""
    runs = list_runs(root)
    return {run.name for run in runs} | {run.family for run in runs if run.family}


def _place(run: Run) -> tuple[float, int]:
    with suppress(TrainingError):
        return run.state().queued_at, run.seed or 0
    return 0.0, 0


def find_run(name: str, root: Path | None = None) -> Run:
    """One run.

    Raises:
        TrainingError: there is none of that name.
    """
    runs = list_runs(root)
    for run in runs:
        if run.name == name:
            return run
    raise TrainingError(
        "there is no such training",
        where=root or runs_folder(),
        expected=", ".join(run.name for run in runs) or "one that was added",
        received=name[:80],
        remedy="See what is there: python -m fer_core queue list",
    )
