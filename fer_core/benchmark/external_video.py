"""An external package's speed on a video, measured in its own environment beside ours."""

import json
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, ValidationError

from fer_core.errors import MediaError, ModelError
from fer_core.evaluation.external.packages import FrameReader, get_package

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_S = 1800.0


class VideoSpeed(BaseModel):
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


def time_frames(reader: FrameReader, video: Path, frames: int, warm_up: int) -> VideoSpeed:
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
        faces = reader.read(frame)
        if number >= warm_up:
            times.append(perf_counter() - start)
            classified += bool(faces)
    if not times:
        raise MediaError(
            "the video cannot be read, or is too short",
            where=video,
            expected=f"more than {warm_up} frames",
            remedy="Name a longer video that a player opens.",
        )
    return VideoSpeed(
        version=reader.version,
        frames=len(times),
        frames_classified=classified,
        p50_ms=float(np.median(times)) * 1e3,
        frames_per_second=len(times) / sum(times),
    )


def run_external(name: str, python: Path, video: Path, frames: int, warm_up: int) -> VideoSpeed:
    """`time_frames` of a package in another environment, as a process of its own.

    Args:
        name: of a registered package whose way through frames is measured.
        python: interpreter of an environment with the package.
        video, frames, warm_up: as for `time_frames`.

    Raises:
        ModelError: the interpreter is missing, has no such package, or answers something else.
    """
    command = [
        str(python.absolute()), "-m", "fer_core", "external", name, "--json",
        "--video", str(video.absolute()), "--frames", str(frames), "--warm-up", str(warm_up),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, timeout=_LONGEST_S, check=False
        )
        # Packages print on their way; the answer is the last line.
        lines = done.stdout.strip().splitlines()
        return VideoSpeed.model_validate(json.loads(lines[-1] if lines else ""))
    except (OSError, subprocess.TimeoutExpired) as error:
        received = str(error)
    except (ValueError, ValidationError):
        received = done.stderr.strip()[-300:] or f"exit {done.returncode}"
    raise ModelError(
        "the external package did not answer",
        where=name,
        expected=f"its speed from {python}",
        received=received,
        remedy=f"{get_package(name).needs}. Then try there: python -m fer_core external {name}",
    )
