"""Commands that read faces: in pictures, in a video, live."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.cli.common import (
    DetectorChoice,
    Json,
    app,
    models_folder,
    open_detector,
    prepare_outputs,
    print_json,
)
from fer_core.errors import MienError


@app.command()
def predict(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.")],
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[
        DetectorChoice, typer.Option(help="none: the whole image is one face.")
    ] = DetectorChoice.YUNET,
    csv: Annotated[Path | None, typer.Option(help="Write a table of faces.")] = None,
    annotate: Annotated[Path | None, typer.Option(help="Write annotated PNGs here.")] = None,
    as_json: Json = False,
) -> None:
    """Read the expressions in pictures; a bad file gets a sentence, the others go on."""
    from fer_core.pipeline.export import annotated_name, annotated_png, faces_csv, reading_json
    from fer_core.pipeline.frame import Pipeline
    from fer_core.pipeline.images import predict_paths
    from fer_core.zoo import default_slug, load_classifier

    prepare_outputs(csv)
    slug = model or default_slug(models_folder())
    finder = open_detector(detector, photos=True)
    pipeline = Pipeline(finder, load_classifier(models_folder() / slug, threads=0))
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
    readings, used = [], set[str]()
    for reading in predict_paths(paths, pipeline):
        if as_json:
            print(json.dumps(reading_json(reading)), flush=True)
        else:
            typer.echo(_sentence(reading))
        if annotate and reading.result is not None:
            name = annotated_name(reading.path, used)
            (annotate / name).write_bytes(annotated_png(reading))
        readings.append(reading.without_pixels())
    if csv:
        csv.write_bytes(faces_csv(readings))
    raise typer.Exit(1 if any(reading.error for reading in readings) else 0)


def _sentence(reading: Any) -> str:
    if reading.result is None:
        return f"{reading.path}: {reading.error}"
    found = reading.result.predictions
    words = [
        f"{'unsure, perhaps ' if unsure else ''}{emotion.label} {confidence:.0%}"
        for emotion, confidence, unsure in zip(
            found.emotions, found.confidences, found.unsure, strict=True
        )
    ]
    return f"{reading.path}: {', '.join(words) or 'no face found'}"


@app.command()
def video(
    path: Annotated[
        Path | None, typer.Argument(metavar="IN", help="MP4, MOV, WebM, MKV or AVI.")
    ] = None,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="In place of a file: a face drawn by code.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the video with its faces drawn in, as MP4.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a table of readings.")] = None,
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[
        DetectorChoice, typer.Option(help="none: the whole picture is one face.")
    ] = DetectorChoice.YUNET,
    every: Annotated[
        int,
        typer.Option(min=1, max=30, help="Read every n-th picture only; boxes hold in between."),
    ] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Write all readings into this folder, not rounded.")
    ] = None,
    as_json: Json = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print how far it is as JSON lines.")
    ] = False,
) -> None:
    """Read the expressions in a video: who showed what, when and for how long."""
    if (path is None) != drawn:
        raise typer.BadParameter("name one video, or --drawn")
    import tempfile
    from time import monotonic

    from fer_core.pipeline.frame import Pipeline
    from fer_core.pipeline.recording import recording_csv
    from fer_core.pipeline.video import (
        VideoProgress,
        failed_json,
        read_video,
        save_reading,
        video_json,
        write_drawn_video,
    )
    from fer_core.zoo import default_slug, load_classifier

    prepare_outputs(csv, out)
    slug = model or default_slug(models_folder())
    finder = open_detector(detector)
    pipeline = Pipeline(finder, load_classifier(models_folder() / slug, threads=0))
    told_s = 0.0

    def tell(now: VideoProgress) -> None:
        nonlocal told_s
        if progress and monotonic() - told_s > 0.25:
            told_s = monotonic()
            line = {"seconds": now.seconds, "of_seconds": now.of_seconds, "frames": now.frames}
            print(json.dumps(line), flush=True)

    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    # In that folder where there is one: who ends this command removes it with all that is in it.
    with tempfile.TemporaryDirectory(prefix="mien-", dir=keep) as folder:
        if path is None:
            path = Path(folder) / "drawn.mp4"
            write_drawn_video(path)
        try:
            reading = read_video(path, pipeline, every=every, annotated=out, tell=tell)
        except MienError as error:
            if not as_json:
                raise
            print_json(failed_json(str(path), slug, str(error)))
            raise typer.Exit(1) from error
    if csv:
        csv.write_bytes(recording_csv(reading.recording))
    if keep:
        save_reading(keep, reading)
    if as_json:
        print_json(video_json(reading))
    elif not progress:
        _tell_video(video_json(reading))


def _tell_video(record: dict[str, Any]) -> None:
    typer.echo(
        f"{record['path']}: {record['seconds']:.1f} s, {record['width']} x {record['height']}, "
        f"{record['frames_read']:,} of {record['frames']:,} pictures read by {record['model']}"
    )
    for number, face in record["faces"].items():
        longest_first = sorted(face["dwell_seconds"].items(), key=lambda item: -item[1])
        words = [f"{state} {seconds:.1f} s" for state, seconds in longest_first if seconds]
        typer.echo(f"  face {number}: {', '.join(words)}")
    if not record["faces"]:
        typer.echo("  no face found")
    for note in record["notes"]:
        typer.echo(f"  {note}")


@app.command()
def live(
    lan: Annotated[
        bool,
        typer.Option(
            "--lan", help="For other machines of the local network too, by https: with the camera."
        ),
    ] = False,
    home: Annotated[
        bool, typer.Option("--home", help="Open the first page in place of Live.")
    ] = False,
    certificates: Annotated[
        Path | None,
        typer.Option(help="Folder of the certificate and its key; .certificates if not named."),
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="STREAMLIT_OPTION", help="After --: Streamlit's own, as --server.port 9000."
        ),
    ] = None,
) -> None:
    """Start the dashboard on its Live page."""
    from fer_core.serving.dashboard import serve

    status = serve(
        "" if home else "Live",
        lan=lan,
        certificates=certificates.resolve() if certificates else None,
        options=options or (),
        # The server runs in a folder of its own: what is named from here keeps its place.
        variables={"MIEN_MODELS": str(models_folder().resolve())},
        say=typer.echo,
    )
    raise typer.Exit(status)
