"""What of a study is shown to others: its report, and recordings without faces."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import prepare_outputs, print_json_line, refuse_overwriting
from fer_core.cli.options import Progress
from fer_core.cli.study import Name, study_app
from fer_core.errors import StudyError

FACES = ("blurred", "drawn", "boxed")
"""What may become of faces in a video."""


@study_app.command("report")
def report(
    name: Name,
    out: Annotated[Path, typer.Option(help="The HTML file to write; it needs no other.")],
) -> None:
    """Write the findings as one HTML file: charts, tables, sentences, and how it was done."""
    from fer_core.report import study_report
    from fer_core.storage.atomic import write_text
    from fer_core.studies import open_study

    prepare_outputs(out)
    write_text(out, study_report(open_study(name)))


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
    progress: Progress = False,
) -> None:
    """Write a recording with its faces boxed and named, or with every one of them covered."""
    from fer_core.pipeline.annotated_video import annotate_video
    from fer_core.pipeline.anonymised_video import anonymise_video
    from fer_core.studies import assemble, open_study

    if faces not in FACES:
        raise typer.BadParameter(f"{faces} is none of: {', '.join(FACES)}", param_hint="--faces")
    study = open_study(name)
    source = study.recording(recording)
    mended = assemble(study, source)
    if mended.waiting or mended.failed:
        raise StudyError(
            "only a recording that is read to its end can be written so",
            where=recording,
            received=f"{mended.waiting + mended.failed} of {source.parts} parts are not read",
            remedy="Let the study be read to its end first.",
        )
    refuse_overwriting([source.path], [out])
    prepare_outputs(out)
    index, threshold = study.index_of(source), study.settings.networks[0].unsure_threshold
    if faces == "boxed":
        notes = annotate_video(
            source.path, index, [mended.assembled], out, unsure_threshold=threshold
        )
    else:
        notes = anonymise_video(
            source.path,
            index,
            mended.assembled,
            out,
            cover="drawn" if faces == "drawn" else "blur",
            sound=sound,
            unsure_threshold=threshold,
            tell=_tell if progress else None,
        )
    for note in notes:
        typer.echo(note, err=True)


def _tell(share: float) -> None:
    print_json_line({"share": round(share, 4)})
