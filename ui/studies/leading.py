"""The process that reads a study: it is nobody's child, so that it goes on without this server."""

import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from fer_core.errors import StudyError
from fer_core.studies import Study
from ui.jobs import fer_core_command

LOG_FILE = "run.log"
"""In the study's folder: what the last run said."""

_ROOT = Path(__file__).resolve().parents[2]
_DETACHED = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "DETACHED_PROCESS", 0
)  # Windows

_begun: dict[str, "subprocess.Popen[bytes]"] = {}


def start_reading(study: Study) -> None:
    """Have a study read by a process of its own, which no end of page, tab or server ends.

    Raises:
        StudyError: it cannot be started.
    """
    command = fer_core_command("study", "run", study.name)
    try:
        with (study.folder / LOG_FILE).open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the server's terminal is not meant for it
                creationflags=_DETACHED,
            )
    except OSError as error:
        raise StudyError(
            "reading cannot be started",
            where=study.name,
            received=error.strerror or type(error).__name__,
            remedy=f'Start it in a terminal: python -m fer_core study run "{study.name}"',
        ) from error
    _begun[study.name] = process
    # Else its entry stays in the system's table until the server ends.
    threading.Thread(target=process.wait, name="study", daemon=True).start()


def is_starting(study: Study) -> bool:
    """Whether a process that was begun here still runs; it takes seconds until it leads."""
    process = _begun.get(study.name)
    return process is not None and process.poll() is None


def last_words(study: Study) -> str:
    """Why the process that was begun here ended badly, as it said; "" where it did not."""
    process = _begun.get(study.name)
    if process is None or process.poll() in (None, 0):
        return ""
    with suppress(OSError):
        text = (study.folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")
        lines = text.strip().splitlines()
        return lines[-1] if lines else ""
    return ""
