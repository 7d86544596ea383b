"""Commands that are nobody's children: no end of a page, a tab or this server ends them."""

import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_DETACHED = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "DETACHED_PROCESS", 0
)  # Windows

_begun: dict[Path, "subprocess.Popen[bytes]"] = {}


def start_detached(command: Sequence[str], log: Path) -> None:
    """Start a command in a session of its own.

    Args:
        command: see `ui.jobs.fer_core_command`.
        log: takes what it says; by this path it is asked about afterwards.

    Raises:
        OSError: it cannot be started.
    """
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,  # Ctrl-C in the server's terminal is not meant for it
            creationflags=_DETACHED,
        )
    _begun[log] = process
    # Else its entry stays in the system's table until the server ends.
    threading.Thread(target=process.wait, name="detached", daemon=True).start()


def is_running(log: Path) -> bool:
    """Whether what this server started with that log still runs."""
    process = _begun.get(log)
    return process is not None and process.poll() is None


def last_words(log: Path) -> str:
    """Why what this server started with that log ended badly, as it said; "" where it did not."""
    process = _begun.get(log)
    if process is None or process.poll() in (None, 0):
        return ""
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""
