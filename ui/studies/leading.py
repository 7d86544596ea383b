"""The process that reads a study: it is nobody's child, so that it goes on without this server."""

from pathlib import Path

from fer_core.errors import StudyError
from fer_core.studies.store import Study
from ui import detached
from ui.jobs import fer_core_command

LOG_FILE = "run.log"
"""In the study's folder: what the last run said."""


def start_reading(study: Study) -> None:
    """Have a study read by a process of its own, which no end of page, tab or server ends.

    Raises:
        StudyError: it cannot be started.
    """
    try:
        detached.start_detached(fer_core_command("study", "run", study.name), _log(study))
    except OSError as error:
        raise StudyError(
            "reading cannot be started",
            where=study.name,
            received=error.strerror or type(error).__name__,
            remedy=f'Start it in a terminal: python -m fer_core study run "{study.name}"',
        ) from error


def is_starting(study: Study) -> bool:
    """Whether a process that was begun here still runs; it takes seconds until it leads."""
    return detached.is_running(_log(study))


def last_words(study: Study) -> str:
    """Why the process that was begun here ended badly, as it said; "" where it did not."""
    return detached.last_words(_log(study))


def _log(study: Study) -> Path:
    return study.folder / LOG_FILE
