"""Reading the faces in a video."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.cli.common import (
    app,
    open_detector,
    open_network,
    prepare_outputs,
    print_json,
    print_json_line,
    refuse_overwriting,
)
from fer_core.cli.options import (
    DEFAULT_DETECTOR,
    Answers,
    AnswersName,
    Detector,
    Json,
    Model,
    NumberOfViews,
    Progress,
)
from fer_core.errors import MienError

if TYPE_CHECKING:
    from fer_core.pipeline.video import VideoProgress


@app.command()
def video(
    path: Annotated[
        Path | None, typer.Argument(metavar="IN", help="MP4, MOV, 3GP, WebM, MKV or AVI.")
    ] = None,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="In place of a file: a face drawn by code.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the video with its faces drawn in, as MP4.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write a table of readings, and beside it what its columns are."),
    ] = None,
    model: Model = None,
    detector: Detector = DEFAULT_DETECTOR,
    views: NumberOfViews = 1,
    answers: Answers = AnswersName.voters,
    every: Annotated[
        int,
        typer.Option(min=1, max=30, help="Read every n-th frame only; boxes hold in between."),
    ] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Write all readings into this folder, not rounded.")
    ] = None,
    as_json: Json = False,
    progress: Progress = False,
) -> None:
    """Read the expressions in a video: who showed what, when and for how long."""
    if (path is None) != drawn:
        raise typer.BadParameter("name one video, or --drawn")
    import tempfile

    from fer_core.media.videos import index_video
    from fer_core.pipeline.columns import write_table
    from fer_core.pipeline.frame import Pipeline
    from fer_core.pipeline.parts import wants_small_faces
    from fer_core.pipeline.video import read_video
    from fer_core.pipeline.video_export import (
        VIDEO_COLUMNS,
        failed_json,
        save_reading,
        video_csv,
        video_json,
    )
    from fer_core.synthetic.video import write_drawn_video

    if path is not None:
        _refuse_overwriting(path, csv, out, keep)
    prepare_outputs(csv, out)
    network = open_network(model, threads=0, views=views, answers=answers)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    # In that folder where there is one: who ends this command removes it with all that is in it.
    with tempfile.TemporaryDirectory(prefix="mien-", dir=keep) as folder:
        if path is None:
            path = Path(folder) / "drawn.mp4"
            write_drawn_video(path)
        try:
            index = index_video(path)
            finder = open_detector(detector, photos=wants_small_faces(index))
            reading = read_video(
                path,
                Pipeline(finder, network),
                index=index,
                every=every,
                annotated=out,
                stills=keep is not None,
                tell=_teller() if progress else None,
            )
        except MienError as error:
            if not as_json:
                raise
            print_json(failed_json(str(path), network.card.slug, str(error)))
            raise typer.Exit(1) from error
    if csv:
        write_table(csv, video_csv(reading), VIDEO_COLUMNS)
    if keep:
        save_reading(keep, reading)
    if as_json:
        print_json(video_json(reading))
    elif not progress:
        _tell_video(video_json(reading))


def _refuse_overwriting(path: Path, csv: Path | None, out: Path | None, keep: Path | None) -> None:
    from fer_core.pipeline.columns import table_files
    from fer_core.pipeline.video_export import READINGS, STILLS, SUMMARY

    kept = [keep / name for name in (SUMMARY, READINGS, STILLS)] if keep else []
    tables = table_files(csv) if csv else ()
    refuse_overwriting([path], [*tables, out, *kept])


def _teller() -> "Callable[[VideoProgress], None]":
    """Prints how far it is, at most four times a second."""
    from time import monotonic

    told_s = 0.0

    def tell(now: "VideoProgress") -> None:
        nonlocal told_s
        if monotonic() - told_s > 0.25:
            told_s = monotonic()
            line = {"seconds": now.seconds, "of_seconds": now.of_seconds, "frames": now.frames}
            print_json_line(line)

    return tell


def _tell_video(record: dict[str, Any]) -> None:
    typer.echo(
        f"{record['path']}: {record['seconds']:.1f} s, {record['width']} x {record['height']}, "
        f"{record['frames_read']:,} of {record['frames']:,} frames read by {record['model']}"
    )
    for number, face in record["faces"].items():
        longest_first = sorted(face["dwell_seconds"].items(), key=lambda item: -item[1])
        words = [f"{state} {seconds:.1f} s" for state, seconds in longest_first if seconds]
        typer.echo(f"  face {number}: {', '.join(words)}")
    if not record["faces"]:
        typer.echo("  no face found")
    for note in record["notes"]:
        typer.echo(f"  {note}")
