"""How fast it is on this machine."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.cli.common import (
    app,
    model_slugs,
    models_folder,
    open_detector,
    open_network,
    print_json,
)
from fer_core.cli.options import (
    DEFAULT_DETECTOR,
    Detector,
    ExternalPython,
    Json,
    Model,
    PackageName,
)
from fer_core.errors import MienError

if TYPE_CHECKING:
    from fer_core.benchmark.frame_path import BenchReport
    from fer_core.evaluation.speed import SpeedReport
    from fer_core.zoo import Classifier


@app.command()
def bench(
    video: Annotated[
        Path | None, typer.Option(help="A file to read; the drawn demo at 640x480 if not named.")
    ] = None,
    model: Model = None,
    detector: Detector = DEFAULT_DETECTOR,
    faces: Annotated[int, typer.Option(min=1, max=8, help="How many faces are drawn.")] = 1,
    every: Annotated[
        bool,
        typer.Option(
            "--models", help="Instead: the time each network takes for a face, into speed.json."
        ),
    ] = False,
    external: Annotated[
        list[PackageName] | None,
        typer.Option(help="Instead, or with --models: the time an external package takes for one."),
    ] = None,
    external_python: ExternalPython = None,
    as_json: Json = False,
) -> None:
    """Measure the live frame path on this machine, stage by stage; or networks for a face each.

    With --external-python the package fer takes part: it reads the same --video right after, or
    takes turns with our --models.
    """
    if every or external:
        if video or model:
            raise typer.BadParameter("--models and --external measure networks and no video")
        names = external or (["fer"] if external_python else [])
        _bench_networks(detector, names, external_python, ours=every, as_json=as_json)
        return
    if video and faces != 1:
        raise typer.BadParameter("--faces are drawn, a video brings its own")
    if external_python and not video:
        raise typer.BadParameter("--external-python needs a --video that both read")
    from fer_core.benchmark.frame_path import run_bench
    from fer_core.faces import make_detector

    network = open_network(model)
    open_detector(detector)  # fetches and tells, before anything is measured
    result = run_bench(
        lambda: make_detector(detector),
        network,
        video,
        faces=faces,
        external_python=external_python,
    )
    if as_json:
        print_json(result.model_dump())
    else:
        _tell_frame_path(result)


def _tell_frame_path(result: "BenchReport") -> None:
    for stage, times in result.stages.items():
        columns = (f"{name[:3]} {ms:8.2f} ms   " for name, ms in times)
        typer.echo(f"{stage:10}" + "".join(columns))
    typer.echo(
        f"{result.model}, {result.detector}, {result.frames} frames of "
        f"{result.width}x{result.height}: {result.frames_per_second} frames/s; a frame takes "
        f"{result.frame_in_yardsticks.median} reference times of {result.yardstick_ms} ms; "
        f"{result.faces_per_frame} faces a frame, {result.frames_classified} frames with one"
    )
    for name, package in result.peers.items():
        typer.echo(
            f"{name} {package.version} on the same frames: {package.frames_per_second} frames/s, "
            f"{package.frames_classified} of {package.frames} with a face; ours is "
            f"{package.times_faster} times as fast"
        )


def _bench_networks(
    detector: str, external: Sequence[str], python: Path | None, *, ours: bool, as_json: bool
) -> None:
    from contextlib import ExitStack

    from rich.progress import Progress

    from fer_core.benchmark.external_network import ExternalTimer
    from fer_core.benchmark.models import measure_models
    from fer_core.evaluation.speed import write_speed

    networks, broken = _sound_networks() if ours else ({}, False)
    reference = open_network(None)
    finder = open_detector(detector)
    with ExitStack() as stack:
        timers = [stack.enter_context(ExternalTimer(name, python)) for name in external]
        bar = stack.enter_context(
            Progress(transient=True, disable=as_json or not sys.stdout.isatty())
        )
        task = bar.add_task("Measuring", total=None)
        result = measure_models(
            list(networks.values()),
            finder,
            networks.get(reference.card.slug, reference),
            external=timers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    path = write_speed(models_folder(), result)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        _tell_times(result, path)
    raise typer.Exit(1 if broken else 0)


def _sound_networks() -> "tuple[dict[str, Classifier], bool]":
    """All networks by slug, and whether one could not be opened; says which."""
    networks, broken = {}, False
    for slug in model_slugs():
        try:
            networks[slug] = open_network(slug)
        except MienError as error:
            typer.echo(str(error), err=True)
            broken = True
    return networks, broken


def _tell_times(result: "SpeedReport", path: Path) -> None:
    for slug, known in (result.models | result.external).items():
        cells = "".join(
            f"{count:4} at once {ms:9.3f} ms {known.in_yardsticks[count]:7.3f}×"
            for count, ms in known.ms_per_face.items()
        )
        typer.echo(f"{slug:16}{cells}")
    typer.echo(
        f"A face, one thread, {result.processor}; × are reference times of {result.yardstick_ms} "
        f"ms ({result.detector}, {result.yardstick_model}). Written: {path}"
    )
