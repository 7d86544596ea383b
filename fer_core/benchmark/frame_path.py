"""How fast a frame goes through the live path on this machine: in milliseconds and reference times.

The very function that the video thread calls is timed, decoded frame in, planar frame out.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from time import perf_counter

import av
import numpy as np
from pydantic import BaseModel, ConfigDict

from fer_core.benchmark.external_video import VideoSpeed, run_external
from fer_core.benchmark.reference import reference_ms
from fer_core.errors import MediaError
from fer_core.faces import Detector
from fer_core.live.callback import process_frames
from fer_core.live.session import LiveSession
from fer_core.media.containers import opened
from fer_core.pipeline.frame import Pipeline
from fer_core.storage.machine import processor_name
from fer_core.synthetic.face import demo_frame
from fer_core.synthetic.scenes import crowd, drawn_heads
from fer_core.zoo import Classifier

FRAMES = 300
WARM_UP = 10


class Percentiles(BaseModel):
    """Milliseconds within which half of the frames, 95 and 99 of a hundred were done."""

    model_config = ConfigDict(frozen=True)

    p50_ms: float
    p95_ms: float
    p99_ms: float


class FrameInReferenceTimes(BaseModel):
    """The whole frame's median and 99th percentile over `BenchReport.yardstick_ms`."""

    model_config = ConfigDict(frozen=True)

    median: float
    p99: float


class BenchExternal(VideoSpeed):
    """An external package on the same frames; ``times_faster``: our frames a second over its."""

    times_faster: float


class BenchReport(BaseModel):
    """The object that ``bench --json`` prints.

    Attributes:
        processor, threads: of the machine.
        model, detector: what read.
        frames, frames_classified: measured, and of these with a face that was read.
        faces_per_frame: mean.
        width, height: of a frame, pixels.
        yardstick_ms: the reference time in milliseconds, see `benchmark.reference`.
        frame_in_yardsticks: the whole frame in reference times.
        stages: of each stage of a frame by name, and of the whole one as ``frame``.
        frames_per_second: through the whole path, one after the other.
        faces_per_second: through cropping and classifying alone; 0 without a face.
        peak_megabytes: of this process; None where the system does not tell.
        peers: external packages by name. Ours is of the whole path, decoded frame in, planar frame
            out; a package's of its reading alone.
    """

    model_config = ConfigDict(frozen=True)

    processor: str
    threads: int | None
    model: str
    detector: str
    frames: int
    frames_classified: int
    faces_per_frame: float
    width: int
    height: int
    yardstick_ms: float
    frame_in_yardsticks: FrameInReferenceTimes
    stages: dict[str, Percentiles]
    frames_per_second: float
    faces_per_second: float
    peak_megabytes: float | None
    peers: dict[str, BenchExternal]


def run_bench(
    make_detector: Callable[[], Detector],
    classifier: Classifier,
    video: Path | None = None,
    *,
    faces: int = 1,
    external_python: Path | None = None,
) -> BenchReport:
    """Measure the live path on drawn frames or a video's first.

    Args:
        make_detector: gives a new detector.
        classifier: the network.
        video: a file; None for drawn faces at 640x480.
        faces: how many are drawn; without a meaning for a video.
        external_python: interpreter of an environment with ``requirements-external.txt``, in which
            the package `fer` reads the same frames of ``video`` right after.

    Raises:
        MediaError: the video cannot be read or has no frame.
        ModelError: the package does not answer.
    """
    session = LiveSession()
    session.use("bench", lambda: Pipeline(make_detector(), classifier))
    measured = _measure(session, _video_frames(video) if video else _drawn_frames(faces), video)
    stages = {name: _percentiles(values) for name, values in measured.stages.items()}
    frames_per_second = measured.frames / (sum(measured.stages["frame"]) / 1e3)
    classify_s = (sum(measured.stages["crop"]) + sum(measured.stages["classify"])) / 1e3
    reference = reference_ms(make_detector(), classifier)
    return BenchReport(
        processor=processor_name(),
        threads=os.cpu_count(),
        model=classifier.card.slug,
        detector=make_detector().name,
        frames=measured.frames,
        frames_classified=measured.classified,
        faces_per_frame=round(measured.faces / measured.frames, 2),
        width=measured.width,
        height=measured.height,
        yardstick_ms=round(reference, 3),
        frame_in_yardsticks=FrameInReferenceTimes(
            median=round(stages["frame"].p50_ms / reference, 2),
            p99=round(stages["frame"].p99_ms / reference, 2),
        ),
        stages=stages,
        frames_per_second=round(frames_per_second, 1),
        faces_per_second=round(measured.faces / classify_s, 1) if measured.faces else 0.0,
        peak_megabytes=_peak_megabytes(),
        peers=_external(external_python, video, frames_per_second),
    )


@dataclass(slots=True)
class _Measured:
    """What was counted; ``stages`` has each frame's milliseconds by stage."""

    stages: dict[str, list[float]] = field(default_factory=dict)
    frames: int = 0
    classified: int = 0
    faces: int = 0
    width: int = 0
    height: int = 0


def _measure(
    session: LiveSession, frames: Iterable[av.VideoFrame], video: Path | None
) -> _Measured:
    measured = _Measured()
    for number, frame in enumerate(islice(frames, FRAMES + WARM_UP)):
        start = perf_counter()
        process_frames(session, [frame])
        whole_ms = (perf_counter() - start) * 1e3
        newest = session.snapshot()
        if newest.frame is None:
            raise MediaError(
                "a frame could not be read",
                where=video,
                received=newest.trouble,
                remedy="Name another video, or none: faces are drawn then.",
            )
        if number < WARM_UP:
            continue
        for stage, milliseconds in (session.throughput.newest | {"frame": whole_ms}).items():
            measured.stages.setdefault(stage, []).append(milliseconds)
        result = newest.frame.raw
        measured.frames += 1
        measured.classified += bool(len(result.faces))
        measured.faces += len(result.faces)
        measured.width, measured.height = result.width, result.height
    if not measured.frames:
        raise MediaError(
            "the video is too short",
            where=video,
            expected=f"more than {WARM_UP} frames",
            remedy="Name a longer video, or none: faces are drawn then.",
        )
    return measured


def _drawn_frames(faces: int) -> Iterator[av.VideoFrame]:
    scene = crowd(drawn_heads(faces))
    for number in count():
        time_s = number / 30
        image = demo_frame(time_s) if faces == 1 else scene.frame(time_s).image
        yield av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")


def _video_frames(video: Path) -> Iterator[av.VideoFrame]:
    try:
        with opened(video) as container:
            if not container.streams.video:
                raise MediaError(
                    "the file has no video",
                    where=video,
                    remedy="Name a video, or none: faces are drawn then.",
                )
            yield from container.decode(video=0)
    except av.FFmpegError as error:
        raise MediaError(
            "the video cannot be read",
            where=video,
            received=error,
            remedy="Name a video that a player opens, or none: faces are drawn then.",
        ) from error


def _percentiles(values: list[float]) -> Percentiles:
    p50, p95, p99 = (round(float(value), 3) for value in np.percentile(values, (50, 95, 99)))
    return Percentiles(p50_ms=p50, p95_ms=p95, p99_ms=p99)


def _external(
    python: Path | None, video: Path | None, frames_per_second: float
) -> dict[str, BenchExternal]:
    if python is None or video is None:
        return {}
    speed = run_external("fer", python, video, FRAMES, WARM_UP)
    figures = speed.model_dump() | {
        "p50_ms": round(speed.p50_ms, 3),
        "frames_per_second": round(speed.frames_per_second, 1),
        "times_faster": round(frames_per_second / speed.frames_per_second, 1),
    }
    return {"fer": BenchExternal.model_validate(figures)}


def _peak_megabytes() -> float | None:
    if sys.platform == "win32":  # Windows does not tell without another package
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round((peak if sys.platform == "darwin" else peak * 1024) / 1e6, 1)
