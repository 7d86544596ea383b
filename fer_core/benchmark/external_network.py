"""An outside package's time for a face, taken in turns with ours: it waits in its own environment.

The child answers one line of JSON for each line that it gets, so that it runs only when it is asked
to, and whatever else the machine does slows both alike.
"""

import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self, TextIO

import numpy as np

from fer_core.errors import ModelError
from fer_core.evaluation.external import PeerNetwork, silent_package

_ROOT = Path(__file__).resolve().parents[2]
_LAST_WORDS_S = 10.0


def serve_times(network: PeerNetwork, version: str, asked: TextIO, answers: TextIO) -> None:
    """The child's part: time the network until there are no more questions.

    Args:
        network: the package's.
        version: of the package; told before the first question.
        asked: lines ``{"faces": n, "runs": m}``.
        answers: gets a line ``{"ms": [m numbers]}`` for each.
    """
    rng = np.random.default_rng(0)
    print(json.dumps({"version": version}), file=answers, flush=True)
    for line in asked:
        question = json.loads(line)
        faces = rng.integers(0, 256, (question["faces"], 48, 48), np.uint8)
        times = []
        for _ in range(question["runs"]):
            start = perf_counter()
            network.probabilities(faces)
            times.append((perf_counter() - start) * 1e3)
        print(json.dumps({"ms": times}), file=answers, flush=True)


class PeerTimer:
    """The parent's part: a package in another environment that times itself when told to.

    Attributes:
        name: of the package.
        version: of the package.
    """

    def __init__(self, name: str, python: Path) -> None:
        """Start it and wait until its network is open.

        Args:
            name: of a package in `peers.PEERS`.
            python: interpreter of an environment with ``requirements-peers.txt``.

        Raises:
            ModelError: the interpreter is missing, or has no such package.
        """
        self.name, self._python = name, python
        command = [str(python.absolute()), "-m", "fer_core", "peer", name, "--times"]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError as error:
            raise self._silent(str(error)) from error
        self.version = str(self._answer("version"))

    def times_ms(self, faces: int, runs: int) -> Sequence[float]:
        """Milliseconds of each of some calls with so many faces.

        Raises:
            ModelError: it has ended.
        """
        with suppress(OSError):  # it has ended, which its answer tells
            print(json.dumps({"faces": faces, "runs": runs}), file=self._process.stdin, flush=True)
        return [float(ms) for ms in self._answer("ms")]

    def _answer(self, key: str) -> list[float]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        try:
            found: list[float] = json.loads(line)[key]
            return found
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise self._silent(line.strip()[:200] or "nothing") from error

    def _silent(self, received: str) -> ModelError:
        return silent_package(self._python, received, f"peer {self.name}")

    def close(self) -> None:
        """End it: it goes when there are no more questions."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()
        try:
            self._process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
