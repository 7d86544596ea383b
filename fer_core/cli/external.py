"""External packages on the same images."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import app, models_folder, print_json
from fer_core.cli.options import Json, PackageName


@app.command("peer", hidden=True)  # its name until 0.2
@app.command()
def external(
    name: Annotated[PackageName, typer.Argument(help="Which package.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into instead of models/external.")
    ] = None,
    quoted: Annotated[
        bool, typer.Option("--quoted", help="Do not measure: enter what the package states.")
    ] = False,
    video: Annotated[
        Path | None, typer.Option(help="Instead: how fast it reads this file's frames.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="With --video: at most so many.")] = 300,
    warm_up: Annotated[int, typer.Option(min=0, help="With --video: before these.")] = 10,
    robustness: Annotated[
        bool,
        typer.Option(
            "--robustness",
            help="Instead: accuracy under blur, noise, low light and more, beside the results.",
        ),
    ] = False,
    times: Annotated[
        # What `bench` starts in the package's environment.
        bool, typer.Option("--times", hidden=True)
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure an external package on the same test images as our networks.

    None is installed with Mien: where one is missing, the command says how to get it.
    """
    if video:
        _read_video(name, video, frames, warm_up, as_json=as_json)
    elif robustness:
        _measure_robustness(name, as_json=as_json)
    elif times:
        _serve_times(name)
    elif quoted:
        from fer_core.evaluation.external import quote_external

        typer.echo(f"Written: {quote_external(name, _folder(out))}", err=as_json)
    else:
        _measure(name, _folder(out), as_json=as_json)


def _folder(out: Path | None) -> Path:
    from fer_core.evaluation.external import EXTERNAL_FOLDER

    return out or models_folder() / EXTERNAL_FOLDER


def _measure(name: str, folder: Path, *, as_json: bool) -> None:
    from rich.progress import Progress

    from fer_core.dataset import load_dataset
    from fer_core.evaluation.external import measure_external

    with Progress(transient=True, disable=as_json or not sys.stdout.isatty()) as bar:
        task = bar.add_task(name, total=None)
        report = measure_external(
            name,
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
            f"{figures.accuracy_flip:.2%}, calibration error {figures.ece_calibrated:.3f}. "
            f"Written: {folder / name}.json"
        )


def _measure_robustness(name: str, *, as_json: bool) -> None:
    from rich.progress import Progress

    from fer_core.dataset import load_dataset
    from fer_core.evaluation.external.robustness import (
        measure_external_robustness,
        write_external_robustness,
    )
    from fer_core.evaluation.robustness import AS_IT_IS

    with Progress(transient=True, disable=as_json or not sys.stdout.isatty()) as bar:
        task = bar.add_task(name, total=None)
        rows = measure_external_robustness(
            name,
            load_dataset(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    path = write_external_robustness(models_folder(), rows)
    if as_json:
        print_json([row.model_dump() for row in rows])
        return
    for row in rows:
        typer.echo(
            f"{row.condition:12}{row.severity:6g}{row.accuracy:8.1%} "
            f"({row.accuracy_low:.1%} to {row.accuracy_high:.1%}) of {row.n}, "
            f"macro-F1 {row.macro_f1:.3f}"
        )
    worse = [row.accuracy for row in rows if row.condition != AS_IT_IS]
    typer.echo(f"{name}, mean of {len(worse)}: {sum(worse) / len(worse):.1%}. Written: {path}")


def _read_video(name: str, video: Path, frames: int, warm_up: int, *, as_json: bool) -> None:
    from fer_core.benchmark.external_video import time_frames
    from fer_core.evaluation.external.packages import open_reader

    speed = time_frames(open_reader(name), video, frames, warm_up)
    if as_json:
        typer.echo(speed.model_dump_json())  # one line: a package may have printed before it
        return
    typer.echo(
        f"{name} {speed.version}: {speed.frames_per_second:.1f} frames/s, "
        f"{speed.frames_classified} of {speed.frames} frames with a face"
    )


def _serve_times(name: str) -> None:
    from contextlib import redirect_stdout

    from fer_core.benchmark.external_network import serve_times
    from fer_core.evaluation.external import open_package

    answers = sys.stdout
    with redirect_stdout(sys.stderr), open_package(name) as network:  # packages print on their way
        serve_times(network, sys.stdin, answers)
