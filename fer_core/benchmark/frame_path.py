"""How fast the frame path is on this machine, in milliseconds and against a yardstick.

Milliseconds depend on the machine and on what else it does; the yardstick is measured in the same
run, so that ratios to it can be compared between machines.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from time import perf_counter
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.external_network import PeerTimer
from fer_core.benchmark.external_video import run_fer
from fer_core.errors import MediaError
from fer_core.evaluation.speed import BATCHES, ModelSpeed, SpeedReport
from fer_core.faces import Detector
from fer_core.live.session import LiveSession
from fer_core.media.videos import quarter_turns
from fer_core.pipeline.frame import Pipeline
from fer_core.storage.machine import processor_name
from fer_core.synthetic.face import demo_frame
from fer_core.synthetic.scenes import crowd, drawn_heads
from fer_core.zoo import GRAPH_FILE, Classifier

FRAMES = 300
_WARM_UP = 10
_YARDSTICK_RUNS = 100
ROUNDS = 10
_RUNS_A_ROUND = 3


def _drawn_frames(faces: int) -> Iterator[av.VideoFrame]:
    scene = crowd(drawn_heads(faces))
    for number in count():
        time_s = number / 30
        image = demo_frame(time_s) if faces == 1 else scene.frame(time_s).image
        yield av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")


def _video_frames(video: Path) -> Iterator[av.VideoFrame]:
    try:
        with av.open(str(video)) as container:
            if not container.streams.video:
                raise MediaError("the file has no video", where=video)
            yield from container.decode(video=0)
    except (OSError, av.error.FFmpegError) as error:
        raise MediaError("the video cannot be read", where=video, received=error) from error


def _times_ms(action: Callable[[], object], runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        start = perf_counter()
        action()
        times.append((perf_counter() - start) * 1e3)
    return times


def _yardstick(detector: Detector, classifier: Classifier) -> Callable[[], None]:
    picture = np.ascontiguousarray(demo_frame(0.0)[::2, ::2])
    face = np.zeros((1, *classifier.card.input.shape), np.uint8)

    def once() -> None:
        detector.detect(picture)
        classifier.logits(face)

    return once


def yardstick_ms(detector: Detector, classifier: Classifier) -> float:
    """Median milliseconds of one detection on 320x240 and the network on one face."""
    times = _times_ms(_yardstick(detector, classifier), _YARDSTICK_RUNS)
    return float(np.median(times[_YARDSTICK_RUNS // 10 :]))


def _faces(classifier: Classifier, count: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, *classifier.card.input.shape), np.uint8)


def measure_models(
    classifiers: Sequence[Classifier],
    detector: Detector,
    yardstick: Classifier,
    *,
    peer: PeerTimer | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SpeedReport:
    """Median time for a face of each network, with `BATCHES` faces in one call.

    Networks and yardstick take turns, so that whatever else the machine does slows all of them
    alike and leaves the ratios.

    Args:
        classifiers: opened with one thread, as the dashboard opens them.
        detector: the yardstick's detector.
        yardstick: the yardstick's network.
        peer: an outside package that takes its turn, too.
        progress: is told how many of how many rounds are done.
    """
    reference = _yardstick(detector, yardstick)
    turns: dict[tuple[str, int], Callable[[int], Sequence[float]]] = {
        (network.card.slug, count): partial(
            _times_ms, partial(network.logits, _faces(network, count))
        )
        for network in classifiers
        for count in BATCHES
    }
    if peer:
        turns |= {(peer.name, count): partial(peer.times_ms, count) for count in BATCHES}
    reference()
    for turn in turns.values():
        turn(1)  # the first call of each shape plans its memory
    reference_times: list[float] = []
    times: dict[tuple[str, int], list[float]] = {key: [] for key in turns}
    for done in range(ROUNDS):
        for key, turn in turns.items():
            times[key] += turn(_RUNS_A_ROUND)
        reference_times += _times_ms(reference, 4 * _RUNS_A_ROUND)
        progress(done + 1, ROUNDS)
    unit = float(np.median(reference_times))

    graphs = {net.card.slug: net.card.files[GRAPH_FILE].sha256 for net in classifiers}

    def speed(name: str) -> ModelSpeed:
        ms = {count: float(np.median(times[name, count])) / count for count in BATCHES}
        return ModelSpeed(
            graph_sha256=graphs.get(name),
            ms_per_face={count: float(f"{value:.4g}") for count, value in ms.items()},
            in_yardsticks={count: float(f"{value / unit:.4g}") for count, value in ms.items()},
        )

    return SpeedReport(
        processor=processor_name(),
        threads=1,
        detector=detector.name,
        yardstick_model=yardstick.card.slug,
        yardstick_ms=float(f"{unit:.4g}"),
        models={network.card.slug: speed(network.card.slug) for network in classifiers},
        peers={peer.name: speed(peer.name)} if peer else {},
    )


def _percentiles(values: list[float]) -> dict[str, float]:
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return {"p50_ms": round(p50, 3), "p95_ms": round(p95, 3), "p99_ms": round(p99, 3)}


def run_bench(
    make_detector: Callable[[], Detector],
    classifier: Classifier,
    video: Path | None = None,
    *,
    faces: int = 1,
    peer_python: Path | None = None,
) -> dict[str, Any]:
    """Measure the path of decoded frames to drawn ones, on drawn frames or a video's first.

    Args:
        make_detector: gives a new detector.
        classifier: the network.
        video: a file; None for drawn faces at 640x480.
        faces: how many are drawn; without a meaning for a video.
        peer_python: interpreter of an environment with ``requirements-peers.txt``, in which the
            package `fer` reads the same frames of ``video`` right after.

    Returns:
        The object that ``bench --json`` prints: processor, threads, ``yardstick_ms``, percentiles
        of each stage and of the whole frame, frames and faces a second, peak memory; for each
        peer its own figures and ``times_faster``, our frames a second over the peer's. Ours are
        of the whole path, conversion to drawing; a peer's of its reading alone.

    Raises:
        MediaError: the video cannot be read or has no frame.
        ModelError: the peer does not answer.
    """
    session = LiveSession()
    session.use("bench", lambda: Pipeline(make_detector(), classifier))
    frames = _video_frames(video) if video else _drawn_frames(faces)
    stages: dict[str, list[float]] = {}
    found = counted = classified = 0
    width = height = 0
    for number, frame in enumerate(islice(frames, FRAMES + _WARM_UP)):
        start = perf_counter()
        upright = np.rot90(frame.to_ndarray(format="rgb24"), quarter_turns(frame))
        image = np.ascontiguousarray(upright, np.uint8)
        decoded = perf_counter()
        drawn = session.read(image, (decoded - start) * 1e3)
        read = perf_counter()
        av.VideoFrame.from_ndarray(drawn, format="rgb24")
        end = perf_counter()
        newest = session.snapshot()
        if newest.result is None:
            raise MediaError("a frame could not be read", where=video, received=newest.trouble)
        width, height = newest.result.width, newest.result.height
        if number < _WARM_UP:
            continue
        times = newest.result.milliseconds | {
            "encode": (end - read) * 1e3,
            "frame": (end - start) * 1e3,
        }
        for stage, milliseconds in times.items():
            stages.setdefault(stage, []).append(milliseconds)
        found += len(newest.result.faces)
        classified += bool(len(newest.result.faces))
        counted += 1
    if not counted:
        raise MediaError(
            "the video is too short",
            where=video,
            expected=f"more than {_WARM_UP} frames",
        )
    frames_per_second = counted / (sum(stages["frame"]) / 1e3)
    classify_s = (sum(stages["crop"]) + sum(stages["classify"])) / 1e3
    yardstick = yardstick_ms(make_detector(), classifier)
    whole = _percentiles(stages["frame"])
    return {
        "processor": processor_name(),
        "threads": os.cpu_count(),
        "model": classifier.card.slug,
        "detector": make_detector().name,
        "frames": counted,
        "frames_classified": classified,
        "faces_per_frame": round(found / counted, 2),
        "width": width,
        "height": height,
        "yardstick_ms": round(yardstick, 3),
        "frame_in_yardsticks": {
            "median": round(whole["p50_ms"] / yardstick, 2),
            "p99": round(whole["p99_ms"] / yardstick, 2),
        },
        "stages": {stage: _percentiles(values) for stage, values in stages.items()},
        "frames_per_second": round(frames_per_second, 1),
        "faces_per_second": round(found / classify_s, 1) if found else 0.0,
        "peak_megabytes": _peak_megabytes(),
        "peers": _peers(peer_python, video, frames_per_second),
    }


def _peers(
    python: Path | None, video: Path | None, frames_per_second: float
) -> dict[str, dict[str, Any]]:
    if python is None or video is None:
        return {}
    speed = run_fer(python, video, FRAMES, _WARM_UP)
    figures = speed.model_dump() | {
        "p50_ms": round(speed.p50_ms, 3),
        "frames_per_second": round(speed.frames_per_second, 1),
        "times_faster": round(frames_per_second / speed.frames_per_second, 1),
    }
    return {"fer": figures}


def _peak_megabytes() -> float | None:
    if sys.platform == "win32":  # Windows does not tell without another package
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round((peak if sys.platform == "darwin" else peak * 1024) / 1e6, 1)
