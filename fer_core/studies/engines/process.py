"""A worker as a process: tasks go in, lines come out, and its end is noticed."""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any, NamedTuple

from fer_core.studies.engines.lines import GONE, READY
from fer_core.studies.tasks import PartAnswer, PartTask

NICENESS = 15
"""Live video of a viewer comes first, and everything else too."""

_ROOT = Path(__file__).resolve().parents[3]
_BELOW_NORMAL = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)  # Windows
_LAST_WORDS_BYTES = 4000


class Event(NamedTuple):
    """What a worker said; an answer of None says that it has ended."""

    worker: "Worker"
    answer: PartAnswer | None


class Worker:
    """A process that reads parts. For one thread, but for what it says.

    Attributes:
        tasks: those that it has, by recording and number.
        last: the one that it was given last.
        ready: whether it has begun to take tasks.
        at_once: for how many tasks it has room.
        gone: why it can read nothing any more, in a sentence; "" while it can.
        heard_at: when it said something last, on `time.monotonic`.
    """

    def __init__(self, command: Sequence[str], at_once: int, events: "SimpleQueue[Event]") -> None:
        """Start it.

        Args:
            command: program and arguments.
            at_once: for how many tasks it has room, until it says otherwise.
            events: where it is put what the worker says.

        Raises:
            OSError: it cannot be started.
        """
        self.tasks: dict[tuple[str, int], PartTask] = {}
        self.last: PartTask | None = None
        self.ready, self.at_once = False, at_once
        self.gone = ""
        self.heard_at = monotonic()
        self._events = events
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `stop`
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            creationflags=_BELOW_NORMAL,
        )
        if hasattr(os, "setpriority"):  # not on Windows
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
        threading.Thread(target=self._listen, name="worker", daemon=True).start()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def give(self, task: PartTask) -> None:
        """Hand it a task; where it has ended, that comes as an event."""
        self.tasks[task.recording, task.number] = task
        self.last = task
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(task.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.heard_at = monotonic()
            said = _object(line)
            if READY in said:
                self.ready, self.at_once = True, int(said[READY])
            elif GONE in said:
                self.gone = str(said[GONE])
            elif "recording" in said:
                self._events.put(Event(self, PartAnswer.model_validate(said)))
        self._process.wait()
        self._events.put(Event(self, None))

    @property
    def last_words(self) -> str:
        """The last line that it complained with, once it has ended; "" without one."""
        with suppress(ValueError, OSError):
            self._complaints.seek(0, os.SEEK_END)
            self._complaints.seek(max(0, self._complaints.tell() - _LAST_WORDS_BYTES))
            lines = self._complaints.read().decode(errors="replace").strip().splitlines()
            return lines[-1] if lines else ""
        return ""

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it, such as for want of memory."""
        return (self._process.returncode or 0) < 0

    def kill(self) -> None:
        """End it without asking, as one that hangs; that it has ended comes as an event."""
        with suppress(OSError):
            self._process.kill()

    def stop(self) -> None:
        """End it; what it was reading is dropped. Harmless where it has ended."""
        with suppress(OSError):
            self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def _object(line: bytes) -> dict[str, Any]:
    """A line as a JSON object; {} for a library's own words."""
    with suppress(ValueError):
        said = json.loads(line)
        if isinstance(said, dict):
            return said
    return {}
