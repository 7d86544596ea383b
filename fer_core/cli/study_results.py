"""Studies: the sheet, what was mended, and tables to take away."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.cli.common import print_json, refuse_overwriting
from fer_core.cli.options import Json
from fer_core.cli.study import Name, study_app
from fer_core.errors import StudyError

if TYPE_CHECKING:
    from fer_core.studies.edits import Edit
    from fer_core.studies.recordings import StudyRecording
    from fer_core.studies.store import Study

ReadAnew = Annotated[
    bool, typer.Option("--read", help="Also read every video anew; takes as long as it did.")
]


@study_app.command("sheet")
def sheet(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="Write it there instead.")] = None,
) -> None:
    """Print the sheet as CSV; recordings that are not in it yet have an empty row to fill in."""
    from fer_core.storage.atomic import write_bytes
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.sheet import sheet_csv

    study = open_study(name)
    content = sheet_csv(study)
    if out is None:
        typer.echo(content.decode(), nl=False)
        return
    refuse_overwriting([each.path for each in study.recordings()], [out])
    write_bytes(out, content)
    command = f"python -m fer_core study add {json.dumps(name)} --sheet {shlex.quote(str(out))}"
    typer.echo(f"{out}: fill it in, then: {command}")


@study_app.command("edit")
def edit(
    name: Name,
    recording: Annotated[str | None, typer.Option(help="Of this recording alone.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Enter edits (.json), events (.csv), or tiers of ELAN (.eaf)."),
    ] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(help="TIER=events, =excluded or =baseline; else tiers of these names."),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take an edit back.")] = False,
    redo: Annotated[bool, typer.Option("--redo", help="Enter one again.")] = False,
    edit_id: Annotated[
        int | None, typer.Option("--id", help="Which one; else the last or the next.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Mend what was read, or list faces and edits; readings are never changed."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.mend import enter_edits
    from fer_core.studies.mend import redo as enter_again
    from fer_core.studies.mend import undo as take_back

    study = open_study(name)
    if undo and redo:
        raise typer.BadParameter("either take back or enter again", param_hint="--undo")
    if file is not None:
        enter_edits(study, _edits_from(study, file, recording, tier or []))
    if undo or redo:
        if recording is None:
            raise typer.BadParameter("of which recording?", param_hint="--recording")
        change = take_back if undo else enter_again
        change(study, study.recording(recording), edit_id)
    wanted = [study.recording(recording)] if recording else list(study.recordings())
    if as_json:
        print_json([_recording_json(study, each) for each in wanted])
        return
    for each in wanted:
        _show(study, each)


def _edits_from(
    study: "Study", path: Path, recording: str | None, tiers: list[str]
) -> "dict[str, list[Edit]]":
    """By recording, what a file has, whichever kind of file it is."""
    from fer_core.storage.reading import read_bytes
    from fer_core.studies.elan import MOST_BYTES, read_elan
    from fer_core.studies.markings import read_edits, read_events, tier_edits

    content = read_bytes(path, MOST_BYTES)
    match path.suffix.lower():
        case ".json":
            return read_edits(content, path.name, recording)
        case ".csv":
            return read_events(study, content, path.name, recording)
        case ".eaf" if recording is not None:
            roles = dict(each.rsplit("=", 1) for each in tiers if "=" in each)
            return {recording: tier_edits(read_elan(content, path.name), roles or None)}
        case ".eaf":
            raise typer.BadParameter("of which recording is this file?", param_hint="--recording")
    raise StudyError(
        "edits cannot be taken from this kind of file",
        where=path,
        expected=".json, .csv or .eaf",
        received=path.suffix or "no ending",
        remedy="See docs/studies.md for what each has.",
    )


def _show(study: "Study", recording: "StudyRecording") -> None:
    told = _recording_json(study, recording)
    typer.echo(f"{told['recording']}: {told['note'] or ', '.join(map(_face_words, told['faces']))}")
    for each in told["edits"]:
        back = " (taken back)" if each["undone"] else ""
        typer.echo(f"  {each['id']}: {each['words']}{back}")
    for problem in told["problems"]:
        typer.echo(f"  {problem}", err=True)


def _face_words(face: dict[str, Any]) -> str:
    name = f" ({face['name']})" if face["name"] else ""
    ignored = ", does not count" if face["ignored"] else ""
    times = f"{face['from_s']:.1f} to {face['to_s']:.1f} s"
    return f"face {face['track_id']}{name} {times}, {face['seconds']:.1f} s{ignored}"


def _recording_json(study: "Study", recording: "StudyRecording") -> dict[str, Any]:
    """Faces and edits of a recording; ``note`` says why it has no faces yet."""
    from fer_core.studies.assemble import assemble
    from fer_core.studies.edits import edit_words
    from fer_core.studies.mend import edits_of

    told: dict[str, Any] = {"recording": recording.name, "faces": [], "note": "", "problems": []}
    try:
        mended = assemble(study, recording)
        told["faces"] = [
            {
                "track_id": face.track_id,
                "name": face.name,
                "from_s": round(face.from_s, 3),
                "to_s": round(face.to_s, 3),
                "seconds": round(face.seconds, 3),
                "ignored": face.ignored,
            }
            for face in mended.faces()
        ]
        told["problems"] = list(mended.problems)
        told["note"] = "" if told["faces"] else "no face"
    except StudyError as error:
        told["note"] = error.what
    told["edits"] = [
        {
            "id": each.id,
            "created_at": each.created_at,
            "undone": each.undone,
            "words": edit_words(each.edit),
            "edit": each.edit.model_dump(mode="json"),
        }
        for each in edits_of(study, recording)
    ]
    return told


@study_app.command("export")
def export(
    name: Name,
    out: Annotated[Path, typer.Option(help="The folder for them.")],
    form: Annotated[
        str, typer.Option("--format", help="csv, parquet, or elan: an .eaf for each recording.")
    ] = "csv",
) -> None:
    """Write tables of frames, segments, participants and annotations, and a receipt."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.elan import export_elan
    from fer_core.studies.receipt import export_with_receipt

    study = open_study(name)
    if form == "elan":
        exported = export_elan(study, out)
    elif form in ("csv", "parquet"):
        exported, receipt = export_with_receipt(study, out, form)  # type: ignore[arg-type]
        typer.echo(str(receipt))
    else:
        raise typer.BadParameter(f"{form} is none of: csv, parquet, elan", param_hint="--format")
    for path in exported.tables:
        typer.echo(str(path))
    for note in exported.notes:
        typer.echo(note, err=True)


@study_app.command("annotate")
def annotate(
    name: Name,
    recording: Annotated[str, typer.Argument(help="Its name.")],
    out: Annotated[Path, typer.Option(help="The MP4 to write.")],
    model: Annotated[
        str | None, typer.Option("--model", help="Whose answers; the first one's if not named.")
    ] = None,
) -> None:
    """Write a recording's video with the faces that count drawn in, as they were mended."""
    from fer_core.studies.annotate import annotate_recording
    from fer_core.studies.catalogue import open_study

    study = open_study(name)
    slugs = study.settings.slugs
    if model is not None and model not in slugs:
        raise typer.BadParameter(f"{model} is none of: {', '.join(slugs)}", param_hint="--model")
    refuse_overwriting([each.path for each in study.recordings()], [out])
    number = slugs.index(model) if model else 0
    for note in annotate_recording(study, study.recording(recording), out, network=number):
        typer.echo(note, err=True)
    typer.echo(str(out))


@study_app.command("settings")
def settings(
    name: Name,
    smoothed: Annotated[
        bool | None,
        typer.Option("--smoothed/--raw", help="What findings and tables are made from."),
    ] = None,
    unsure_below: Annotated[
        float | None, typer.Option(min=0, max=1, help="For all networks of the study.")
    ] = None,
) -> None:
    """Print what a study is read with, or change what needs no reading."""
    from fer_core.studies.catalogue import open_study

    study = open_study(name)
    wanted = study.settings
    if smoothed is not None:
        wanted = wanted.model_copy(update={"smoothed": smoothed})
    if unsure_below is not None:
        networks = tuple(
            each.model_copy(update={"unsure_threshold": unsure_below}) for each in wanted.networks
        )
        wanted = wanted.model_copy(update={"networks": networks})
    if wanted != study.settings:
        study.settings = wanted
    print_json(wanted.model_dump(mode="json"))


@study_app.command("verify")
def verify(
    name: Name,
    receipt: Annotated[Path, typer.Argument(help="receipt.json, as it lies beside its tables.")],
    read: ReadAnew = False,
    as_json: Json = False,
) -> None:
    """Make a receipt's tables anew, and say what differs."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.receipt import read_receipt
    from fer_core.studies.verify import verify as look

    study = open_study(name)
    verdict = look(
        study,
        read_receipt(receipt),
        receipt.parent,
        read=read,
        tell=None if as_json else lambda words: typer.echo(f"… {words}", err=True),
    )
    if as_json:
        print_json(
            {
                "differences": list(verdict.differences),
                "notes": list(verdict.notes),
                "tables": verdict.tables,
                "parts": verdict.parts,
            }
        )
    else:
        for words in (*verdict.differences, *verdict.notes):
            typer.echo(words)
        if not verdict.differences:
            read_words = f" {verdict.parts} parts were read anew to the same bytes." if read else ""
            typer.echo(f"The same: {verdict.tables} tables come out to the bit.{read_words}")
    raise typer.Exit(1 if verdict.differences else 0)
