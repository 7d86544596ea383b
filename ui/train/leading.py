"""The process that works on the queue: it is nobody's child, so that it goes on without this
server; and whether anything can be trained here at all."""

from importlib.util import find_spec
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.runs.queue import is_led
from fer_core.runs.run import Run
from fer_core.runs.shelf import list_runs, runs_folder
from ui import detached
from ui.jobs import fer_core_command

_LOG_FILE = "queue.log"
NEEDED = ("tensorflow", "keras", "tf2onnx", "h5py")


def missing_packages() -> list[str]:
    """Packages that training needs and that are not installed; nothing is imported."""
    return [name for name in NEEDED if find_spec(name) is None]


def start_queue() -> None:
    """Have the queue worked on by a process of its own, unless one does.

    Raises:
        TrainingError: it cannot be started.
    """
    if is_led() or is_starting():
        return
    try:
        runs_folder().mkdir(parents=True, exist_ok=True)
        detached.start_detached(fer_core_command("queue", "run"), _log())
    except OSError as error:
        raise TrainingError(
            "training cannot be started",
            where=runs_folder(),
            received=error.strerror or type(error).__name__,
            remedy="Start it in a terminal: python -m fer_core queue run",
        ) from error


def is_starting() -> bool:
    """Whether a process that was begun here still runs; it takes a second until it leads."""
    return detached.is_running(_log())


def last_words() -> str:
    """Why the process that was begun here ended badly, as it said; "" where it did not.

    That a training failed is said beside the training.
    """
    words = detached.last_words(_log())
    return "" if any(words.startswith(f"{run.name}:") for run in list_runs()) else words


def is_active(run: Run) -> bool:
    """Whether a run changes by itself: it is trained, or soon will be."""
    condition = run.condition()
    return condition in ("starting", "learning", "validating", "finishing", "paused") or (
        condition == "waiting" and (is_led() or is_starting())
    )


def _log() -> Path:
    return runs_folder() / _LOG_FILE
