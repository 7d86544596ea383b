"""An outside package's speed on a video, measured in its own environment beside ours."""

import json
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, ValidationError

from fer_core.errors import MediaError, ModelError
from fer_core.evaluation.external import installed_version, silent_package

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_S = 1800.0


class FrameReader(Protocol):
    """A package's own way through a frame: finds the faces and reads them."""

    def detect_emotions(self, image: NDArray[np.uint8]) -> list[Any]:
        """(h, w, 3) uint8 BGR to one entry a face."""


class PeerSpeed(BaseModel):
    """How fast a package went through a video.

    Attributes:
        version: of the package.
        frames: that were timed.
        frames_classified: of these, with at least one face that was read.
        p50_ms: median of one call.
        frames_per_second: through the package's call alone, frames already decoded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    frames: int = Field(ge=1)
    frames_classified: NonNegativeInt
    p50_ms: PositiveFloat
    frames_per_second: PositiveFloat


def open_fer() -> FrameReader:
    """The package `fer` with its default settings.

    Raises:
        ModelError: it is not installed here.
    """
    try:
        from fer.fer import FER  # type: ignore[import-not-found]
    except ImportError as error:
        raise ModelError(
            "the outside package is not installed here",
            where="fer",
            received=error,
            remedy="In an environment of its own: pip install -r requirements-peers.txt",
        ) from error
    reader: FrameReader = FER()
    return reader


def _frames(video: Path) -> Iterator[NDArray[np.uint8]]:
    # By OpenCV: the packages ask for it anyway, and decoding is not timed.
    capture = cv2.VideoCapture(str(video))
    try:
        while True:
            more, frame = capture.read()
            if not more:
                return
            yield np.asarray(frame, np.uint8)
    finally:
        capture.release()


def time_frames(reader: FrameReader, video: Path, frames: int, warm_up: int) -> PeerSpeed:
    """Let a package read a video's frames one after the other.

    Args:
        reader: the package.
        video: a file.
        frames: at most so many are timed.
        warm_up: so many come before and are not timed.

    Raises:
        MediaError: the video cannot be read or has no frame after the warm-up.
    """
    times, classified = [], 0
    for number, frame in enumerate(islice(_frames(video), warm_up + frames)):
        start = perf_counter()
        faces = reader.detect_emotions(frame)
        if number >= warm_up:
            times.append(perf_counter() - start)
            classified += bool(faces)
    if not times:
        raise MediaError(
            "the video cannot be read, or is too short",
            where=video,
            expected=f"more than {warm_up} frames",
        )
    return PeerSpeed(
        version=installed_version("fer"),
        frames=len(times),
        frames_classified=classified,
        p50_ms=float(np.median(times)) * 1e3,
        frames_per_second=len(times) / sum(times),
    )


def run_fer(python: Path, video: Path, frames: int, warm_up: int) -> PeerSpeed:
    """`time_frames` of `fer` in another environment, as a process of its own.

    Args:
        python: interpreter of an environment with ``requirements-peers.txt``.
        video, frames, warm_up: as for `time_frames`.

    Raises:
        ModelError: the interpreter is missing, has no `fer`, or answers something else.
    """
    command = [
        str(python.absolute()), "-m", "fer_core", "peer", "fer", "--json",
        "--video", str(video.resolve()), "--frames", str(frames), "--warm-up", str(warm_up),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, timeout=_LONGEST_S, check=False
        )
        # Packages print on their way; the answer is the last line.
        lines = done.stdout.strip().splitlines()
        return PeerSpeed.model_validate(json.loads(lines[-1] if lines else ""))
    except (OSError, subprocess.TimeoutExpired) as error:
        received = str(error)
    except (ValueError, ValidationError):
        received = done.stderr.strip()[-300:] or f"exit {done.returncode}"
    raise silent_package(python, received, "peer fer --video FILE")
