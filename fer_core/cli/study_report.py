"""What of a study is shown to others: its report, and recordings without faces."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import prepare_outputs, print_json_line, refuse_overwriting
from fer_core.cli.options import Progress
from fer_core.cli.study import Name, study_app

FACES = ("blurred", "drawn", "boxed")
"""What may become of faces in a video."""

LEFT_OUT = ("shown", "covered", "cut")
"""And of stretches that were left out: see `fer_core.pipeline.left_out`."""


@study_app.command("report")
def report(
    name: Name,
    out: Annotated[Path, typer.Option(help="The HTML file to write; it needs no other.")],
) -> None:
    """Write the findings as one HTML file: charts, tables, sentences, and how it was done."""
    from fer_core.report import study_report
    from fer_core.storage.atomic import write_text
    from fer_core.studies.catalogue import open_study

    prepare_outputs(out)
    write_text(out, study_report(open_study(name)))
    typer.echo(out)


@study_app.command("video")
def video(
    name: Name,
    recording: Annotated[str, typer.Argument(help="Its name.")],
    out: Annotated[Path, typer.Option(help="The MP4 to write.")],
    faces: Annotated[
        str, typer.Option(help="boxed, as the Videos page shows them; blurred; drawn over.")
    ] = "blurred",
    sound: Annotated[
        bool, typer.Option("--sound", help="Keep the sound; a voice is known as a face is.")
    ] = False,
    left_out: Annotated[
        str,
        typer.Option(help="Stretches that were left out: shown, covered (blurred whole) or cut."),
    ] = "shown",
    progress: Progress = False,
) -> None:
    """Write a recording with its faces boxed and named, or with every one of them covered."""
    from fer_core.studies.annotate import annotate_recording, anonymise_recording
    from fer_core.studies.catalogue import open_study

    if faces not in FACES:
        raise typer.BadParameter(f"{faces} is none of: {', '.join(FACES)}", param_hint="--faces")
    if left_out not in LEFT_OUT:
        words = ", ".join(LEFT_OUT)
        raise typer.BadParameter(f"{left_out} is none of: {words}", param_hint="--left-out")
    study = open_study(name)
    source = study.recording(recording)
    refuse_overwriting([source.path], [out])
    prepare_outputs(out)
    tell = _tell if progress else None
    if faces == "boxed":
        notes = annotate_recording(study, source, out, left_out=left_out, tell=tell)  # type: ignore[arg-type]
    else:
        notes = anonymise_recording(
            study,
            source,
            out,
            cover="drawn" if faces == "drawn" else "blur",
            sound=sound,
            left_out=left_out,  # type: ignore[arg-type]
            tell=tell,
        )
    for note in notes:
        typer.echo(note, err=True)
    if not progress:  # which is lines of JSON
        typer.echo(out)


def _tell(share: float) -> None:
    print_json_line({"share": round(share, 4)})
