"""Who reads parts: processes of this machine, or a cluster. Both are commands that answer tasks.

A worker is a command: it is given one `PartTask` a line, and prints one line when it is ready, one
for each `PartAnswer`, and one every few seconds as long as it is alive. How it comes to the answer
is its own business: alone, or by asking a cluster.
"""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to read parts.

    Attributes:
        name: in tables and messages.
        command: that starts one worker.
        processes: how many workers.
        at_once: how many tasks each has at the same time.
        restarts: whether another one takes the place of a worker that ended by itself.
        gone: what it means that the last worker ended, and what helps.
    """

    name: str
    command: tuple[str, ...]
    processes: int
    at_once: int
    restarts: bool
    gone: str

    @property
    def workers(self) -> int:
        """How many parts are read at the same time."""
        return self.processes * self.at_once


def worker_command(*arguments: str) -> tuple[str, ...]:
    """``python -m fer_core study work …`` with this very Python."""
    return (sys.executable, "-m", "fer_core", "study", "work", *arguments)
