"""Commands that measure: the way through the pipeline, speed, outside packages."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import (
    DetectorChoice,
    Json,
    PeerChoice,
    app,
    model_folder,
    model_slugs,
    models_folder,
    open_detector,
    print_json,
)
from fer_core.errors import MienError


@app.command()
def selftest(
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[DetectorChoice, typer.Option()] = DetectorChoice.YUNET,
    faces: Annotated[
        int, typer.Option(min=1, help="How many PublicTest faces, drawn by lot.")
    ] = 900,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="All PublicTest faces; the result replaces models/selftest.json."
        ),
    ] = False,
    jitter: Annotated[
        bool, typer.Option(help="Also shake each box by 5 % in place and 10 % in size.")
    ] = False,
    as_json: Json = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print how far it is as JSON lines.")
    ] = False,
) -> None:
    """Read PublicTest faces through detector and crop, and directly: what the way costs."""
    if every and jitter:
        raise typer.BadParameter("--all keeps its result, and that is without --jitter")
    from datetime import date

    import numpy as np

    from fer_core.dataset import Split, load_dataset
    from fer_core.evaluation.selftest import JitteredDetector, run_selftest
    from fer_core.evaluation.selftest_report import report_of, write_selftest
    from fer_core.faces import Detector
    from fer_core.zoo import load_classifier

    def tell(done: int, total: int) -> None:
        if progress and (done % 20 == 0 or done == total):
            print(json.dumps({"done": done, "total": total}), flush=True)

    network = load_classifier(model_folder(model))
    data = load_dataset()
    pixels, labels = data.part(Split.PUBLIC_TEST, without_blank=True)
    if not every:
        count = min(faces, len(labels))
        rows = np.random.default_rng(0).choice(len(labels), count, replace=False)
        pixels, labels = pixels[rows], labels[rows]
    finder: Detector = open_detector(detector)
    if every and finder.name != detector.value:
        raise typer.BadParameter("--all keeps its result, and that is of the detector asked for")
    if jitter:
        finder = JitteredDetector(finder, shift=0.05, scale=0.10)
    figures = run_selftest(pixels, labels, finder, network, progress=tell)
    if every:
        report = report_of(figures, network.card, data.fingerprint, date.today())
        path = write_selftest(models_folder(), report)
        typer.echo(f"Written: {path}", err=True)
    result = {
        "model": network.card.slug,
        "detector": finder.name,
        "n": figures.total.n,
        "found_fraction": figures.total.found_fraction,
        "direct_accuracy": figures.total.direct_accuracy,
        "path_accuracy": figures.total.path_accuracy,
        "difference": figures.total.difference,
        "found_by_size_px": {
            str(size): part.found_fraction for size, part in figures.by_size.items()
        },
    }
    if as_json:
        print_json(result)
    elif not progress:
        typer.echo(
            f"{result['model']}, {result['detector']}: {figures.total.found_fraction:.1%} of "
            f"{figures.total.n} faces found; on these {figures.total.path_accuracy:.1%} through "
            f"the pipeline, {figures.total.direct_accuracy:.1%} directly"
        )


@app.command()
def bench(
    video: Annotated[
        Path | None, typer.Option(help="A file to read; the drawn demo at 640x480 if not named.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[DetectorChoice, typer.Option()] = DetectorChoice.YUNET,
    faces: Annotated[int, typer.Option(min=1, max=8, help="How many faces are drawn.")] = 1,
    peer_python: Annotated[
        Path | None,
        typer.Option(
            help="Python of an environment with requirements-peers.txt: the package fer reads "
            "the same video in the same run, or with --models takes turns with our networks."
        ),
    ] = None,
    as_json: Json = False,
    every: Annotated[
        bool,
        typer.Option(
            "--models", help="Instead: the time each network takes for a face, into speed.json."
        ),
    ] = False,
) -> None:
    """Measure the live frame path on this machine, stage by stage; or all networks."""
    if every:
        if video or model:
            raise typer.BadParameter("--models measures all networks and no video")
        _bench_models(detector, peer_python, as_json=as_json)
        return
    if video and faces != 1:
        raise typer.BadParameter("--faces are drawn, a video brings its own")
    if peer_python and not video:
        raise typer.BadParameter("--peer-python needs a --video that both read")
    from fer_core.benchmark.frame_path import run_bench
    from fer_core.faces import make_detector
    from fer_core.zoo import load_classifier

    network = load_classifier(model_folder(model))
    open_detector(detector)  # fetches and tells, before anything is measured
    result = run_bench(
        lambda: make_detector(detector.value),
        network,
        video,
        faces=faces,
        peer_python=peer_python,
    )
    if as_json:
        print_json(result)
        return
    for stage, times in result["stages"].items():
        typer.echo(f"{stage:10}" + "".join(f"{n[:3]} {ms:8.2f} ms   " for n, ms in times.items()))
    typer.echo(
        f"{result['model']}, {result['detector']}, {result['frames']} frames of "
        f"{result['width']}x{result['height']}: {result['frames_per_second']} frames/s; a frame "
        f"takes {result['frame_in_yardsticks']['median']} yardsticks of "
        f"{result['yardstick_ms']} ms; {result['faces_per_frame']} faces a frame, "
        f"{result['frames_classified']} frames with one"
    )
    for name, peer in result["peers"].items():
        typer.echo(
            f"{name} {peer['version']} on the same frames: {peer['frames_per_second']} frames/s, "
            f"{peer['frames_classified']} of {peer['frames']} with a face; ours is "
            f"{peer['times_faster']} times as fast"
        )


def _bench_models(detector: DetectorChoice, peer_python: Path | None, *, as_json: bool) -> None:
    from contextlib import ExitStack

    from rich.progress import Progress

    from fer_core.benchmark.external_network import PeerTimer
    from fer_core.benchmark.frame_path import measure_models
    from fer_core.evaluation.speed import write_speed
    from fer_core.zoo import load_classifier

    networks, broken = {}, False
    for slug in model_slugs():
        try:
            networks[slug] = load_classifier(model_folder(slug))
        except MienError as error:
            typer.echo(str(error), err=True)
            broken = True
    reference = model_folder()
    finder = open_detector(detector)
    with ExitStack() as stack:
        peer = stack.enter_context(PeerTimer("fer", peer_python)) if peer_python else None
        bar = stack.enter_context(
            Progress(transient=True, disable=as_json or not sys.stdout.isatty())
        )
        task = bar.add_task("Measuring", total=None)
        result = measure_models(
            list(networks.values()),
            finder,
            networks.get(reference.name) or load_classifier(reference),
            peer=peer,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    path = write_speed(models_folder(), result)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        for slug, known in (result.models | result.peers).items():
            cells = "".join(
                f"{count:4} at once {ms:9.3f} ms {known.in_yardsticks[count]:7.3f}×"
                for count, ms in known.ms_per_face.items()
            )
            typer.echo(f"{slug:16}{cells}")
        typer.echo(
            f"A face, one thread, {result.processor}; × are yardsticks of {result.yardstick_ms} ms "
            f"({result.detector}, {result.yardstick_model}). Written: {path}"
        )
    raise typer.Exit(1 if broken else 0)


@app.command()
def peer(
    name: Annotated[PeerChoice, typer.Argument(help="Which package.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into instead of models/peers.")
    ] = None,
    quoted: Annotated[
        bool, typer.Option("--quoted", help="Do not measure: enter what the package states.")
    ] = False,
    video: Annotated[
        Path | None, typer.Option(help="Instead: how fast it reads this file's frames.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="With --video: at most so many.")] = 300,
    warm_up: Annotated[int, typer.Option(min=0, help="With --video: before these.")] = 10,
    times: Annotated[
        bool, typer.Option("--times", help="Instead: answer `bench --models --peer-python`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure an outside package on the same test images as our networks.

    Its environment is its own: requirements-peers.txt.
    """
    if video:
        _peer_video(name, video, frames, warm_up, as_json=as_json)
        return
    if times:
        _peer_times(name)
        return
    from rich.progress import Progress

    from fer_core.dataset import load_dataset
    from fer_core.evaluation.external import PEERS_FOLDER, measure_peer, quote_peer

    folder = out or models_folder() / PEERS_FOLDER
    if quoted:
        typer.echo(f"Written: {quote_peer(name.value, folder)}", err=as_json)
        return
    with Progress(transient=True, disable=as_json or not sys.stdout.isatty()) as bar:
        task = bar.add_task(name.value, total=None)
        report = measure_peer(
            name.value,
            load_dataset(),
            folder,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(report.model_dump(mode="json"))
    elif figures := report.metrics:
        typer.echo(
            f"{report.title} {report.version}: PrivateTest {figures.accuracy:.2%} "
            f"({figures.accuracy_low:.2%} to {figures.accuracy_high:.2%}), with flip "
            f"{figures.accuracy_flip:.2%}. Written: {folder / name.value}.json"
        )


def _peer_video(name: PeerChoice, video: Path, frames: int, warm_up: int, *, as_json: bool) -> None:
    from fer_core.benchmark.external_video import open_fer, time_frames

    if name is not PeerChoice.FER:
        raise typer.BadParameter("only fer is timed on a video")
    speed = time_frames(open_fer(), video, frames, warm_up)
    if as_json:
        typer.echo(speed.model_dump_json())  # one line: a package may have printed before it
        return
    typer.echo(
        f"{name.value} {speed.version}: {speed.frames_per_second:.1f} frames/s, "
        f"{speed.frames_classified} of {speed.frames} frames with a face"
    )


def _peer_times(name: PeerChoice) -> None:
    from contextlib import redirect_stdout

    from fer_core.benchmark.external_network import serve_times
    from fer_core.evaluation.external import PEERS, installed_version, open_peer

    answers = sys.stdout
    with redirect_stdout(sys.stderr):  # packages print on their way
        serve_times(open_peer(PEERS[name.value]), installed_version(name.value), sys.stdin, answers)
