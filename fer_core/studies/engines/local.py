"""Reading by processes of this machine."""

import os

from fer_core.errors import StudyError
from fer_core.studies.engines import Engine, worker_command
from fer_core.studies.engines.lines import READY, Lines
from fer_core.studies.parts import PartReader

MOST_WORKERS = 256


def local_engine(workers: int | None = None) -> Engine:
    """Any number of processes; as many as there are cores where no number is given.

    Raises:
        StudyError: fewer than one, or more than `MOST_WORKERS`.
    """
    count = workers if workers is not None else usable_cores()
    if not 1 <= count <= MOST_WORKERS:
        raise StudyError(
            "so many workers cannot read",
            expected=f"1 to {MOST_WORKERS}",
            received=count,
            remedy=f"This machine has {usable_cores()} cores; more workers do not read faster.",
        )
    return Engine(
        name="local",
        command=worker_command(),
        processes=count,
        at_once=1,
        restarts=True,
        gone="Run the study again; what was read is kept.",
    )


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def work() -> None:
    """Answer tasks from standard input on standard output, until the input ends."""
    lines, reader = Lines(), PartReader()
    lines.tell(**{READY: 1})
    while True:
        lines.say(reader.answer(lines.tasks.get()).model_dump_json())
