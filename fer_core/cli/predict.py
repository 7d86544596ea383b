"""Reading the faces in images."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.cli.common import (
    app,
    model_folder,
    open_detector,
    open_network,
    prepare_outputs,
    print_json_line,
    refuse_overwriting,
)
from fer_core.cli.options import (
    DEFAULT_DETECTOR,
    Address,
    Answers,
    AnswersName,
    Detector,
    EngineName,
    Json,
    Model,
    NumberOfViews,
)

if TYPE_CHECKING:
    from fer_core.pipeline.frame import FrameResult
    from fer_core.pipeline.images import Reading


@app.command()
def predict(
    paths: Annotated[list[Path], typer.Argument(help="Images, or folders of images.")],
    model: Model = None,
    detector: Detector = DEFAULT_DETECTOR,
    views: NumberOfViews = 2,
    answers: Answers = AnswersName.voters,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write a table of faces, and beside it what its columns are."),
    ] = None,
    annotate: Annotated[Path | None, typer.Option(help="Write annotated PNGs here.")] = None,
    as_json: Json = False,
    engine: EngineName = "local",
    address: Address = "auto",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Of the cluster, at most so many processors.")
    ] = None,
) -> None:
    """Read the expressions in images; a bad file gets a sentence, the others go on."""
    from fer_core.pipeline.columns import table_files, write_table
    from fer_core.pipeline.export import (
        CSV_COLUMNS,
        annotated_name,
        annotated_png,
        faces_csv,
        reading_json,
    )
    from fer_core.pipeline.images import ANNOTATED_SUFFIX, pictures_in
    from fer_core.storage.atomic import write_bytes

    if engine not in ("local", "ray"):
        raise typer.BadParameter(f"{engine} is none of: local, ray", param_hint="--engine")

    files = [pictures_in(path, annotate) if path.is_dir() else [path] for path in paths]
    earlier = annotate.glob(f"*{ANNOTATED_SUFFIX}.png") if annotate else ()
    tables = table_files(csv) if csv else ()
    refuse_overwriting(chain.from_iterable(files), [*tables, *earlier])
    prepare_outputs(csv)
    if engine == "ray":
        # A folder without any picture stands for itself: it gets its sentence.
        wanted = [f for path, own in zip(paths, files, strict=True) for f in own or [path]]
        found = _on_cluster(
            wanted, model, detector, views, answers, address, workers, annotate is not None
        )
    else:
        found = _here(paths, model, detector, views, answers, annotate)
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
    readings, used = [], set[str]()
    for number, reading in enumerate(found, start=1):
        if as_json:
            print_json_line(reading_json(reading, number))
        else:
            typer.echo(_sentence(reading))
        if annotate and reading.result is not None:
            name = annotated_name(reading.path, used)
            write_bytes(annotate / name, annotated_png(reading))
        readings.append(reading.without_pixels())
    if csv:
        write_table(csv, faces_csv(readings), CSV_COLUMNS)
    raise typer.Exit(1 if any(reading.error for reading in readings) else 0)


def _here(
    paths: list[Path],
    model: str | None,
    detector: str,
    views: int,
    answers: str,
    annotate: Path | None,
) -> "Iterator[Reading]":
    from fer_core.pipeline.frame import Pipeline
    from fer_core.pipeline.images import predict_paths

    network = open_network(model, threads=0, views=views, answers=answers)
    pipeline = Pipeline(open_detector(detector, photos=True), network)
    return predict_paths(paths, pipeline, annotated=annotate)


def _on_cluster(
    files: list[Path],
    model: str | None,
    detector: str,
    views: int,
    answers: str,
    address: str,
    workers: int | None,
    with_pixels: bool,
) -> "Iterator[Reading]":
    """The same by a cluster; a path is shown as it was given."""
    from fer_core.media import read_image
    from fer_core.studies.engines.pictures import PictureSettings, predict_on_cluster
    from fer_core.zoo import AnswersAs

    settings = PictureSettings(
        model=model_folder(model).name,
        # What takes the place of a detector here, does so there.
        detector=open_detector(detector, photos=True).name,
        views=views,
        answers_as=AnswersAs(answers),
    )
    readings = predict_on_cluster(files, settings, address, workers)
    for file, reading in zip(files, readings, strict=True):
        image = read_image(file) if with_pixels and reading.result is not None else None
        yield replace(reading, path=str(file), image=image)


def _sentence(reading: "Reading") -> str:
    if reading.result is None:
        return f"{reading.path}: {reading.error}"
    words = [_answer(reading.result, row) for row in range(len(reading.result.faces))]
    note = f" ({reading.note})" if reading.note else ""
    return f"{reading.path}: {', '.join(words) or 'no face found'}{note}"


def _answer(result: "FrameResult", row: int) -> str:
    found, expected = result.predictions, result.expected_right
    words = (
        f"{'unsure, perhaps ' if found.unsure[row] else ''}{found.emotions[row].label} "
        f"{found.confidences[row]:.0%}"
    )
    members = found.set_members(row)
    if members and len(members) > 1:
        words += f", {' or '.join(emotion.label for emotion in members)}"
    return words if expected is None else f"{words} ({expected[row]:.0%} right on such faces)"
