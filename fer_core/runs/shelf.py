"""All runs on this machine, by name."""

import re
from contextlib import suppress
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.runs.run import ORDER_FILE, Run
from fer_core.settings import get_settings
from fer_core.zoo.card import SLUG_PATTERN


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


def list_runs(root: Path | None = None) -> list[Run]:
    """All runs with an order, the newest in the queue last."""
    folder = root or runs_folder()
    with suppress(OSError):
        names = sorted(path.parent.name for path in folder.glob(f"[!.]*/{ORDER_FILE}"))
        runs = [Run(folder / name) for name in names if re.fullmatch(SLUG_PATTERN, name)]
        return sorted(runs, key=_place)
    return []


def _place(run: Run) -> float:
    with suppress(TrainingError):
        return run.state().queued_at
    return 0.0


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
