"""How fast studies are, as ratios in one run.

    python -m benchmarks.studies reading [--width 640] [--before CHECKOUT] [--only video]
        [--external-python PYTHON]
    python -m benchmarks.studies hour
    python -m benchmarks.studies many [--recordings 1000]

``reading`` reads a portrait video in turns: by `video` without and with annotating, by a study with
one worker, with one that is kept to one core, and with two, and, where a checkout of an earlier
version is named, by its `video`; the package fer reads its frames right after, where the
interpreter of an environment with it is named.
``hour`` assembles an hour of one face. ``many`` opens the page of a study of many recordings, and
finds what it shows. Readings of the last two are written by code. Prints JSON, with each ratio that
docs/performance.md states; all lies in a temporary folder.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

import av
import numpy as np

from fer_core.benchmark.external_video import run_external
from fer_core.emotions import Emotion
from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import create_study, delete_study
from fer_core.studies.engines.local import local_engine
from fer_core.studies.lead import run_study
from fer_core.studies.progress import progress_of
from fer_core.studies.queue import Queue
from fer_core.studies.results import find
from fer_core.studies.settings import choose_settings
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.studies.store import SUMS_FILE, Study
from tests.studies.written import Seen, write_parts

ROOT = Path(__file__).resolve().parents[1]
HOUR_S = 3600
HOUR_FPS = 30


def seconds(what: Callable[[], Any]) -> float:
    """How long it takes."""
    start = perf_counter()
    what()
    return perf_counter() - start


def timed(name: str, what: Callable[[], Any]) -> dict[str, float]:
    """How long it takes, on the wall and of the processor: other programs may be at work."""
    before = process_time()
    took = seconds(what)
    return {
        f"{name}_s": round(took, 2),
        f"{name}_processor_s": round(process_time() - before, 2),
    }


# --- reading ---


class Taken(NamedTuple):
    """What reading a video took: on the wall, and of the processor by all processes."""

    wall_s: float
    processor_s: float


def reading(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Frames a second by each way, in turns; start-up and end of each process are in it."""
    from benchmarks.portrait_video import FPS, write_portrait_video  # brings Streamlit along

    path = write_portrait_video(folder / "face.mp4", asked.seconds, asked.width)
    frames = round(asked.seconds * FPS)
    other = folder / "other.mp4"  # so that there is something for two workers
    write_portrait_video(other, asked.seconds + 0.1, asked.width)
    annotating = ("--out", str(folder / "out.mp4"))
    ways: dict[str, Callable[[], Taken]] = {
        "video": lambda: _video(ROOT, path, asked),
        "video annotating": lambda: _video(ROOT, path, asked, *annotating),
        "study, 1 worker": lambda: _study(asked, [path], 1),
        "study of two, 1 worker": lambda: _study(asked, [path, other], 1),
        "study of two, 1 worker on one core": lambda: _on_one_core(
            lambda: _study(asked, [path, other], 1)
        ),
        "study of two, 2 workers": lambda: _study(asked, [path, other], 2),
    }
    for checkout in asked.before:
        where = Path(checkout).absolute()
        ways[f"video of {where.name}"] = partial(_video, where, path, asked)
        ways[f"video annotating of {where.name}"] = partial(_video, where, path, asked, *annotating)
    ways = {name: way for name, way in ways.items() if asked.only in name}
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for _ in range(asked.rounds):
        for name, way in ways.items():
            taken[name].append(way())
    many = {name: frames * (2 if "of two" in name else 1) for name in ways}
    walls = {name: many[name] / median(each.wall_s for each in own) for name, own in taken.items()}
    fer = None
    if asked.external_python:
        fer = run_external("fer", Path(asked.external_python), path, asked.external_frames, 3)
        walls["fer, decoded already"] = fer.frames_per_second
    return {
        "frames": frames,
        "frames_per_second": _rounded(walls),
        "frames_per_processor_second": {
            name: round(many[name] / median(each.processor_s for each in own), 1)
            for name, own in taken.items()
        },
        "cores": {  # at work at the same time: one worker has threads that decode and classify
            name: round(median(each.processor_s / each.wall_s for each in own), 2)
            for name, own in taken.items()
        },
        "ratios": _ratios(walls),
        "fer": fer.model_dump() if fer else None,
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in values.items()}


def _ratios(walls: dict[str, float]) -> dict[str, float]:
    """What issue and docs ask for, of the ways that were gone in this run."""
    one = "study, 1 worker"
    pairs = [
        ("study of two, 2 workers", "study of two, 1 worker"),
        ("study of two, 2 workers", "study of two, 1 worker on one core"),
        *((one, name) for name in walls if name.startswith(("video", "fer"))),
        *(("video", name) for name in walls if name.startswith("video annotating of")),
    ]
    return {
        f"{first} / {second}": round(walls[first] / walls[second], 2)
        for first, second in pairs
        if first in walls and second in walls
    }


def _taken(what: Callable[[], Any]) -> Taken:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall_s = seconds(what)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Taken(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _video(checkout: Path, path: Path, asked: argparse.Namespace, *options: str) -> Taken:
    command = [
        *(sys.executable, "-m", "fer_core", "video", str(path), "--json"),
        *("--model", asked.model, "--detector", asked.detector, *options),
    ]
    return _taken(
        lambda: subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.DEVNULL)
    )


def _study(asked: argparse.Namespace, paths: list[Path], workers: int) -> Taken:
    """Reading alone, with the workers' start; a second run finds nothing left to be read."""
    settings = choose_settings((asked.model,), detector=asked.detector)
    study = create_study("reading", settings)
    study.add(paths)
    took = _taken(lambda: run_study(study, local_engine(workers)))
    assert progress_of(study).is_read
    assert run_study(study, local_engine(workers)).parts == 0
    delete_study(study.name)
    return took


@contextmanager
def _one_core() -> Iterator[None]:
    """For the processes that are started meanwhile, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _on_one_core(what: Callable[[], Taken]) -> Taken:
    with _one_core():
        return what()


# --- assembling ---


def _changing(time_s: float) -> list[Seen]:
    """One face that walks about and shows one expression after the other."""
    emotion = Emotion(int(time_s / 7) % 7)
    return [Seen(200 + 100 * float(np.sin(time_s / 3)), emotion, 0.6 + 0.3 * (time_s % 1))]


def hour(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Assembling an hour of one face at 30 frames a second."""
    study = create_study("hour", choose_settings((asked.model,), detector="none"))
    study.add([_write_blank(folder / "hour.mp4", HOUR_S)])
    (recording,) = study.recordings()
    write_parts(study, recording, _changing, fps=HOUR_FPS)
    Queue(study).recover()
    return {
        "rows": len(assemble(study, recording)),
        "parts": recording.parts,
        **_first(study),
        **timed("again", lambda: assemble(study, recording)),
    }


def _first(study: Study) -> dict[str, float]:
    """How long it takes where nothing of it was kept."""
    (recording,) = study.recordings()
    for kept in (study.folder / "assembled").iterdir():
        kept.unlink()
    return timed("first", lambda: assemble(study, recording))


def _write_blank(path: Path, length_s: int) -> Path:
    """A small video of a frame a second: only its length matters, and that no two are the same."""
    with av.open(str(path), "w") as out:
        out.metadata["title"] = path.stem
        stream = out.add_stream("libx264", rate=1, options={"g": "30", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        grey = np.full((48, 64, 3), 128, np.uint8)
        for _ in range(length_s):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        out.mux(stream.encode(None))
    return path


# --- many recordings ---


def many(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """A study of many recordings of a minute each: two conditions, two to a participant."""
    study = create_study("many", choose_settings((asked.model,), detector="none"))
    study.add([_write_blank(folder / f"{n:04d}.mp4", 60) for n in range(asked.recordings)])
    recordings = study.recordings()
    set_sheet(
        study,
        [
            Entry(each.name, f"P{n // 2:03d}", ("calm", "funny")[n % 2])
            for n, each in enumerate(recordings)
        ],
    )
    for each in recordings:
        write_parts(study, each, _changing)
    run_study(study, local_engine(1))  # finds that all is read, and assembles it
    return {
        "recordings": len(recordings),
        **timed("progress", lambda: progress_of(study)),
        **_first_findings(study),
        **timed("findings_kept", lambda: find(study)),
        **{
            name: value
            for section in ("sheet", "queue", "recordings", "findings")
            for name, value in timed(f"page_{section}", partial(_open_page, section)).items()
        },
    }


def _first_findings(study: Study) -> dict[str, float]:
    """As where nobody has looked: what each recording adds up to is not kept yet."""
    (study.folder / "assembled" / SUMS_FILE).unlink(missing_ok=True)
    return timed("findings_first", lambda: find(study))


def _open_page(section: str) -> None:
    """One of the study's pages, as the server makes it; what a browser then draws is not in it."""
    from streamlit.testing.v1 import AppTest  # brings Streamlit along

    page = AppTest.from_file(str(ROOT / "pages" / "7_Studies.py"), default_timeout=300)
    page.query_params["study"], page.query_params["section"] = "many", section
    page.run()
    assert not page.exception, page.exception


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("reading", "hour", "many"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--detector", default="yunet")
    parser.add_argument(
        "--before", action="append", default=[], help="A checkout of an earlier version."
    )
    parser.add_argument("--external-python", help="Of an environment with the package fer.")
    parser.add_argument("--external-frames", type=int, default=60)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--only", default="", help="Ways of reading with this in their name.")
    parser.add_argument("--recordings", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["MIEN_STUDIES"] = str(Path(place) / "studies")
        what = {"reading": reading, "hour": hour, "many": many}[asked.what]
        print(json.dumps(what(asked, Path(place)), indent=2))


if __name__ == "__main__":
    main()
