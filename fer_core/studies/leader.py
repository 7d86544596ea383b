"""Who leads a study: the one process that hands out its parts, or removes what was read."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import StudyError
from fer_core.storage.atomic import write_text
from fer_core.storage.lock import locked

LOCK_FILE, _LEADER_FILE = "lead.lock", "lead.json"
_LOCK_PATIENCE_S = 1.0
# Somebody who asks whether a study is led holds the lock for a moment.


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads a study: a process of a machine."""

    pid: int
    host: str


@contextmanager
def leading(folder: Path) -> Iterator[None]:
    """Lead the study in a folder until the end of the block or of this process.

    Raises:
        StudyError: another process leads.
    """
    with locked(folder / LOCK_FILE, _LOCK_PATIENCE_S) as mine:
        if not mine:
            leader = _told(folder)
            raise StudyError(
                "the study is being read by another process",
                where=folder.name,
                received=f"process {leader.pid} on {leader.host}" if leader else "it is locked",
                remedy="Wait until it has ended, or pause it.",
            )
        own = {"pid": os.getpid(), "host": socket.gethostname()}
        write_text(folder / _LEADER_FILE, json.dumps(own))
        yield


def who_leads(folder: Path) -> Leader | None:
    """Who leads at this moment; None where nobody does, whatever a killed process left."""
    with locked(folder / LOCK_FILE) as mine:
        return None if mine else _told(folder) or Leader(0, "another program")


def _told(folder: Path) -> Leader | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((folder / _LEADER_FILE).read_text(encoding="utf-8"))
        return Leader(int(told["pid"]), str(told["host"]))
    return None
