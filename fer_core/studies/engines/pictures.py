"""Photos read by an existing Ray cluster, for `predict`: in input order, as on this machine.

As for studies, whoever asks the cluster is a process of its own: `fer_core.studies.engines.ray`.
"""

import base64
import json
import pickle
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from fer_core.errors import MienError, StudyError
from fer_core.faces import make_detector
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.images import Reading, predict_paths
from fer_core.studies.engines import worker_command
from fer_core.studies.engines.lines import GONE, Speaker
from fer_core.studies.engines.ray import RETRIES, connected, processors_of, require_ray
from fer_core.zoo import AnswersAs, find_folder, load_classifier, models_roots

CHUNK = 16
"""Photos in a task: a task's own costs are some milliseconds."""

_AHEAD = 3
# So many tasks for each processor wait for it: none of them is idle, and few answers are kept.

_READINGS = "readings"

_pipeline: tuple["PictureSettings", Pipeline] | None = None


class PictureSettings(BaseModel):
    """What photos are read with.

    Attributes:
        model: slug of the network.
        detector: name of the detector.
        views: see `fer_core.zoo.Classifier.views`.
        answers_as: see `fer_core.zoo.load_classifier`.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    detector: str
    views: int
    answers_as: AnswersAs


class PictureJob(BaseModel):
    """Photos to be read.

    Attributes:
        paths: of files, absolute; of a folder, that it has no photo.
        settings: with what.
    """

    paths: tuple[str, ...]
    settings: PictureSettings


def predict_on_cluster(
    paths: Sequence[Path], settings: PictureSettings, address: str, workers: int | None = None
) -> Iterator[Reading]:
    """Read photos by a cluster, which reaches them and the models under the same names.

    Args:
        paths: files.
        settings: with what.
        address: of the cluster, ``host:port`` or ``auto``.
        workers: how many tasks at the same time; None: as many as it has processors.

    Yields:
        One reading a file, without pixels, in input order; also for one that is no photo.

    Raises:
        StudyError: Ray is not installed, or the cluster cannot be reached any more.
    """
    require_ray()
    limit = () if workers is None else ("--workers", str(workers))
    job = PictureJob(paths=tuple(str(path.absolute()) for path in paths), settings=settings)
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            worker_command("--ray", address, "--pictures", *limit),
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        ) as driver,
    ):
        try:
            yield from _answers(driver, job, address)
        finally:
            driver.kill()


def _answers(driver: "subprocess.Popen[bytes]", job: PictureJob, address: str) -> Iterator[Reading]:
    assert driver.stdin is not None
    assert driver.stdout is not None
    driver.stdin.write(job.model_dump_json().encode() + b"\n")
    driver.stdin.flush()
    waiting = len(job.paths)
    for line in driver.stdout:
        said = json.loads(line)
        if GONE in said:
            raise _gone(address, str(said[GONE]))
        # Pickled by a process of ours, on a cluster that runs our code.
        readings = pickle.loads(base64.b64decode(said[_READINGS]))
        yield from readings
        waiting -= len(readings)
        if not waiting:
            return
    raise _gone(address, f"{waiting} photos were not read")


def _gone(address: str, received: str) -> StudyError:
    return StudyError(
        "the cluster does not read these photos",
        where=address,
        received=received,
        remedy="What was printed was read. Start the cluster, or read with --engine local.",
    )


def drive_pictures(address: str, workers: int | None) -> None:
    """Have a `PictureJob` from standard input read; a line for each chunk, in order."""
    speaker = Speaker()
    with connected(speaker, address) as ray:
        job = PictureJob.model_validate_json(sys.stdin.buffer.readline())
        read = ray.remote(num_cpus=1, max_retries=RETRIES)(read_pictures)
        most = workers or _AHEAD * processors_of(ray, None)
        pending: deque[Any] = deque()
        for start in range(0, len(job.paths), CHUNK):
            chunk = job.paths[start : start + CHUNK]
            pending.append(read.remote(chunk, job.settings.model_dump_json()))
            if len(pending) >= most:
                speaker.say(ray.get(pending.popleft()))
        while pending:
            speaker.say(ray.get(pending.popleft()))


def read_pictures(paths: Sequence[str], settings_json: str) -> str:
    """Read photos in a process of the cluster.

    Returns:
        Readings without pixels, or why nothing can be read there, as a line.
    """
    try:
        pipeline = _opened(PictureSettings.model_validate_json(settings_json))
    except MienError as error:
        return json.dumps({GONE: str(error)})
    readings = [reading.without_pixels() for reading in predict_paths(map(Path, paths), pipeline)]
    return json.dumps({_READINGS: base64.b64encode(pickle.dumps(readings)).decode()})


def _opened(settings: PictureSettings) -> Pipeline:
    global _pipeline  # a process of the cluster serves many tasks: what is open stays open
    if _pipeline is None or _pipeline[0] != settings:
        folder = find_folder(settings.model, *models_roots())
        network = load_classifier(folder, threads=1, answers_as=settings.answers_as)
        detector = make_detector(settings.detector, photos=True, download=True)
        _pipeline = settings, Pipeline(detector, network.with_views(settings.views))
    return _pipeline[1]
