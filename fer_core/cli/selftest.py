"""What the way through detector and crop costs."""

from typing import Annotated

import typer

from fer_core.cli.common import (
    app,
    models_folder,
    open_detector,
    open_network,
    print_json,
    print_json_line,
)
from fer_core.cli.options import DEFAULT_DETECTOR, Detector, Json, Model, Progress


@app.command()
def selftest(
    model: Model = None,
    detector: Detector = DEFAULT_DETECTOR,
    faces: Annotated[
        int, typer.Option(min=1, help="How many PublicTest faces, chosen at random.")
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
    progress: Progress = False,
) -> None:
    """Read PublicTest faces through detector and crop, and directly: what the way costs."""
    if every and jitter:
        raise typer.BadParameter("--all keeps its result, and that is without --jitter")
    from datetime import date

    import numpy as np

    from fer_core.dataset import Split, load_dataset
    from fer_core.evaluation.selftest import JitteredDetector, run_selftest
    from fer_core.evaluation.selftest_report import report_of, write_selftest

    def tell(done: int, total: int) -> None:
        if progress and (done % 20 == 0 or done == total):
            print_json_line({"done": done, "total": total})

    network = open_network(model)
    data = load_dataset()
    pixels, labels = data.part(Split.PUBLIC_TEST, without_blank=True)
    if not every:
        count = min(faces, len(labels))
        rows = np.random.default_rng(0).choice(len(labels), count, replace=False)
        pixels, labels = pixels[rows], labels[rows]
    finder = open_detector(detector)
    if every and finder.name != detector:
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
