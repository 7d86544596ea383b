"""Work of minutes, in a process of its own: a command of `fer_core` that speaks JSON lines.

Never in the dashboard's process, where it would slow down every viewer's video. A page that is
left, or a tab that is closed, tells nobody; so a job that no page has asked about for a while ends.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import Any

PATIENCE_S = 15.0
"""A page asks about its job twice a second; a browser that hides the tab, once in a second."""

_ROOT = Path(__file__).resolve().parents[1]
GRACE_S = 5.0
"""What a command may still do after it was asked to end."""

_NICENESS = 10
"""Below the dashboard: a video that runs meanwhile comes first."""

_KILLED = (
    "It was ended by the system, perhaps for want of memory. Close other programs, or try "
    "something shorter or smaller."
)


class Job:
    """A command that runs. Ended by its process id: by `stop`, or when nobody asks any more."""

    def __init__(
        self,
        command: Sequence[str],
        patience_s: float = PATIENCE_S,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        """Start it.

        Args:
            command: program and arguments; see `fer_core_command`.
            patience_s: it is ended where `line` was not asked for so long.
            at_end: called once when it has ended, however it did, on a thread of its own.

        Raises:
            OSError: it cannot be started; ``at_end`` is not called then.
        """
        self._patience_s = patience_s
        self._at_end = at_end
        self._asked_s = monotonic()
        self._line: dict[str, Any] = {}
        self._sentence = ""
        self._stopped = self._abandoned = False
        self._told_to_end, self._ended = threading.Event(), threading.Event()
        with ExitStack() as opened:
            self._complaints = opened.enter_context(tempfile.TemporaryFile())
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                encoding="utf-8",
                errors="replace",
            )
            opened.pop_all()  # the reader closes it
        if hasattr(os, "setpriority"):  # not on Windows
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)
        self._reader = threading.Thread(target=self._read, name="job", daemon=True)
        self._reader.start()
        threading.Thread(target=self._watch, name="job watchdog", daemon=True).start()

    def _read(self) -> None:
        try:
            self._follow()
        finally:
            self._ended.set()
            self._told_to_end.set()
            if self._at_end is not None:
                self._at_end()

    def _follow(self) -> None:
        with self._complaints, self._process:
            assert self._process.stdout is not None
            for text in self._process.stdout:
                with suppress(ValueError):  # a library's own words
                    line = json.loads(text)
                    if isinstance(line, dict):
                        self._line = line
            code = self._process.wait()
            self._complaints.seek(0)
            lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        if code < 0:  # by a signal: its last words are not about that
            self._sentence = _KILLED
        else:
            self._sentence = lines[-1] if lines else f"It ended with {code}."

    def _watch(self) -> None:
        """End it where nobody asks, whether it says anything or not; with force if need be."""
        while not self._told_to_end.wait(self._asked_s + self._patience_s - monotonic()):
            if monotonic() >= self._asked_s + self._patience_s:
                self._abandoned = True
                self.stop()
        if not self._ended.wait(GRACE_S):
            self._process.kill()

    def line(self) -> dict[str, Any]:
        """The newest JSON object that it printed; {} before the first."""
        self._asked_s = monotonic()
        return self._line

    @property
    def running(self) -> bool:
        """Whether it goes on; False only once everything that it said is known."""
        return self._reader.is_alive()

    @property
    def failure(self) -> str:
        """Why it ended badly, as the command says it; "" while it runs, or if all went well."""
        if self.running or self._stopped or self._process.returncode == 0:
            return ""
        return self._sentence

    @property
    def abandoned(self) -> bool:
        """Whether it was ended because nobody asked about it any more: its page was left."""
        return self._abandoned

    def stop(self) -> None:
        """End it; harmless where it has ended."""
        self._stopped = True
        with suppress(ProcessLookupError):
            self._process.terminate()
        self._told_to_end.set()


def fer_core_command(*arguments: str) -> list[str]:
    """``python -m fer_core …`` with this very Python."""
    return [sys.executable, "-m", "fer_core", *arguments]
