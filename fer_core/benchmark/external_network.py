"""An external package's time for a face, taken in turns with ours: it waits in its own process.

It runs only when it is asked to, so that whatever else the machine does slows both alike.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self, TextIO

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.external.child import PATIENCE_S, Child
from fer_core.evaluation.external.packages import ExternalNetwork, TimesItself, get_package

_ROOT = Path(__file__).resolve().parents[2]


def serve_times(network: ExternalNetwork, asked: TextIO, answers: TextIO) -> None:
    """The child's part: time the network until there are no more questions.

    Args:
        network: the package's; its version is told before the first question.
        asked: lines ``{"faces": n, "runs": m}``.
        answers: gets a line ``{"ms": [m numbers]}`` for each.
    """
    rng = np.random.default_rng(0)
    print(json.dumps({"version": network.version}), file=answers, flush=True)
    for line in asked:
        question = json.loads(line)
        faces = rng.integers(0, 256, (question["faces"], 48, 48), np.uint8)
        times = [_milliseconds(network, faces) for _ in range(question["runs"])]
        print(json.dumps({"ms": times}), file=answers, flush=True)


def _milliseconds(network: ExternalNetwork, faces: NDArray[np.uint8]) -> float:
    if isinstance(network, TimesItself):
        return network.milliseconds(faces)
    start = perf_counter()
    network.probabilities(faces)
    return (perf_counter() - start) * 1e3


class ExternalTimer:
    """The parent's part: a package that times itself when told to.

    Attributes:
        name: of the package.
        version: of the package.
    """

    def __init__(
        self, name: str, python: Path | None = None, *, patience_s: float = PATIENCE_S
    ) -> None:
        """Start it and wait until its network is open.

        Args:
            name: of a registered package.
            python: interpreter of an environment with the package; None: the one that runs this,
                which is enough for a package that needs no Python of its own.
            patience_s: see `Child`.

        Raises:
            ModelError: the interpreter is missing, or has no such package.
        """
        self.name = name
        program = str(python.absolute()) if python else sys.executable
        self._child = Child(
            [program, "-m", "fer_core", "external", name, "--times"],
            name=name,
            remedy=f"{get_package(name).needs}. Then try: {program} -m fer_core external {name}",
            folder=_ROOT,
            patience_s=patience_s,
        )
        self.version = str(self._child.answer().get("version"))

    def times_ms(self, faces: int, runs: int) -> Sequence[float]:
        """Milliseconds of each of some calls with so many faces.

        Raises:
            ModelError: it has ended.
        """
        return [float(ms) for ms in self._child.ask({"faces": faces, "runs": runs})["ms"]]

    def close(self) -> None:
        """End it."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
