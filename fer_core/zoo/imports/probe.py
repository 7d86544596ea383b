"""Somebody else's network is run for the first time: in a process of its own, with limits.

A graph can ask for more memory or time than there is, and a fault of the runtime ends the process
that it is in. ``python -m fer_core.zoo.imports.probe GRAPH`` prints one line of JSON.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from fer_core.errors import ModelError
from fer_core.onnx_session import open_session
from fer_core.zoo.classifier import INPUT_NAME
from fer_core.zoo.graph import random_faces

LIMIT_S = 120.0
"""For loading it and reading a few faces."""

MEMORY_BYTES = 8_000_000_000
"""Beside what it is made of: a VGG-16 at 224 px takes half of one."""

SLOWEST_S = 3.0
"""For one face, on one core: nothing slower is of use on any page."""

_FACES = 3
_SMALLER = "Import a smaller one: a MobileNet answers in a fiftieth of a second."
_SAME = 1e-3


class Probe(BaseModel):
    """What a network did with a few drawn faces.

    Attributes:
        finite: all its scores are numbers.
        same_alone: several at once give what each gives alone.
        probabilities: every row of scores is between 0 and 1, and together 1.
        seconds: for one face.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    finite: bool
    same_alone: bool
    probabilities: bool
    seconds: float


def probe(model: onnx.ModelProto, name: str) -> Probe:
    """Run a graph of `adapter.prepared_network` for the first time.

    Args:
        model: the graph.
        name: of the file, for sentences.

    Raises:
        ModelError: it cannot be loaded or run, takes too much time or memory, answers with what is
            no number, or answers another way for several faces than for one.
    """
    with tempfile.TemporaryDirectory(prefix="mien-") as folder:
        graph = Path(folder) / "graph.onnx"
        onnx.save(model, graph)
        try:
            done = _in_its_own_process(graph)
        except subprocess.TimeoutExpired as error:
            raise ModelError(
                "the network takes too long",
                where=name,
                expected=f"an answer to {_FACES} faces within {LIMIT_S:.0f} s",
                remedy=_SMALLER,
            ) from error
    try:
        found = Probe.model_validate_json(done.stdout)
    except ValidationError as error:
        lines = done.stderr.strip().splitlines()
        raise ModelError(
            "the network cannot be run",
            where=name,
            received=lines[-1][:300] if lines and done.returncode >= 0 else "it ended at once",
            remedy="Perhaps it takes more memory than there is, or another picture size: --side.",
        ) from error
    _refuse(found, name)
    return found


def _in_its_own_process(graph: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", __name__, str(graph)],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=LIMIT_S,
        check=False,
    )


def _refuse(found: Probe, name: str) -> None:
    if not found.finite:
        raise ModelError(
            "the network answers with what is no number",
            where=name,
            expected="finite scores",
            received="NaN or infinity",
            remedy="Perhaps its training failed: take an earlier state of it.",
        )
    if not found.same_alone:
        raise ModelError(
            "the network reads one face at a time only",
            where=name,
            expected="the same answers to several faces at once",
            received="others",
            remedy="Write it with a free batch: torch.onnx.export(..., "
            "dynamic_shapes={'x': {0: 'n'}}).",
        )
    if found.seconds > SLOWEST_S:
        raise ModelError(
            "the network is too slow",
            where=name,
            expected=f"at most {SLOWEST_S:.0f} s for a face",
            received=f"{found.seconds:.1f} s",
            remedy=_SMALLER,
        )


def _limit_memory(graph: Path) -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the time limit holds there
        return
    most = MEMORY_BYTES + 6 * graph.stat().st_size
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _run(graph: Path) -> Probe:
    session = open_session(graph.read_bytes())
    faces = random_faces(session.get_inputs()[0].shape[1:], _FACES)
    outputs = session.get_outputs()[0].shape[1]
    alone = np.concatenate([_scores(session, faces[row : row + 1]) for row in range(_FACES)])
    if alone.shape != (_FACES, outputs):  # ONNX Runtime only warns
        raise ValueError(f"{outputs} scores for a face expected, {alone.shape[1:]} received")
    start = perf_counter()
    _scores(session, faces[:1])
    seconds = perf_counter() - start
    try:
        together = _scores(session, faces)
    except Exception:  # of the runtime: shapes that were made for one
        together = np.full_like(alone, np.inf)
    return Probe(
        finite=bool(np.isfinite(alone).all()),
        same_alone=together.shape == alone.shape
        and bool(np.abs(together - alone).max() <= _SAME * max(1.0, np.abs(alone).max())),
        probabilities=bool(alone.min() >= 0 and np.abs(alone.sum(axis=1) - 1).max() < _SAME),
        seconds=seconds,
    )


def _scores(
    session: onnxruntime.InferenceSession, faces: NDArray[np.float32]
) -> NDArray[np.float32]:
    return np.asarray(session.run(None, {INPUT_NAME: faces})[0], np.float32)


def main() -> None:
    """Run the graph that is named, and print what it did."""
    graph = Path(sys.argv[1])
    _limit_memory(graph)
    print(json.dumps(_run(graph).model_dump()))


if __name__ == "__main__":
    main()
