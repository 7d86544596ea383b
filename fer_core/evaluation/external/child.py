"""A process that is asked: a line of JSON for each line of JSON."""

import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fer_core.errors import ModelError

PATIENCE_S = 120.0
"""For one answer: the slowest takes seconds, ten times as long on a busy machine."""

_LAST_WORDS_S = 10.0


class Child:
    """Started at once, asked as often as one likes; to be used with `with`, or closed.

    It belongs to one thread.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        name: str,
        remedy: str,
        folder: Path | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Start it.

        Args:
            command: the program and its arguments.
            name: whose process it is, for an error.
            remedy: what a person does about one that does not answer.
            folder: it runs in.
            patience_s: for each answer, seconds; one that takes longer is ended.

        Raises:
            ModelError: the program cannot be started.
        """
        self._name, self._remedy, self._patience_s = name, remedy, patience_s
        self._program = command[0]
        # A file, since nobody reads along: a full pipe would stop it.
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            self._complaints.close()
            raise self._silent(str(error)) from error
        # Read in a thread of its own: a pipe cannot be read with a time limit everywhere.
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name=f"{name}-answers", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        with suppress(ValueError):  # closed under it
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put("")  # the end

    def answer(self) -> dict[str, Any]:
        """The next line that it says, without being asked: its greeting.

        Raises:
            ModelError: it ended, said something else, or said nothing for too long; it is closed.
        """
        try:
            line = self._lines.get(timeout=self._patience_s)
        except queue.Empty:
            self._process.kill()
            raise self._end(f"nothing for {self._patience_s:g} s") from None
        if not line:
            raise self._end("nothing: it has ended")
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._end(line.strip()[:200])
        if "error" in found:
            raise self._end(str(found["error"])[:300])
        return found

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer to a question.

        Raises:
            ModelError: as `answer`.
        """
        with suppress(OSError):  # it has ended, which its answer tells
            print(json.dumps(question), file=self._process.stdin, flush=True)
        return self.answer()

    def _end(self, received: str) -> ModelError:
        self._stop()
        self._complaints.seek(0)
        told = self._complaints.read().decode(errors="replace").strip().splitlines()
        self._complaints.close()
        return self._silent(f"{received}; {told[-1][:200]}" if told else received)

    def _silent(self, received: str) -> ModelError:
        return ModelError(
            "the external package did not answer",
            where=self._name,
            expected=f"a line of JSON from {self._program}",
            received=received,
            remedy=self._remedy,
        )

    def _stop(self) -> None:
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()  # it goes when there are no more questions
        try:
            self._process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    def close(self) -> None:
        """End it; may be called twice."""
        self._stop()
        self._complaints.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
