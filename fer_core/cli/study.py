"""Studies: many recordings, read once, mended, and taken away as tables."""

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from fer_core.cli.common import app, open_detector, print_json, print_json_line
from fer_core.cli.options import (
    DEFAULT_DETECTOR,
    Address,
    Detector,
    EngineName,
    Json,
    Progress,
)
from fer_core.errors import StudyError

if TYPE_CHECKING:
    from fer_core.studies.engines import Engine
    from fer_core.studies.progress import RecordingProgress, StudyProgress

study_app = typer.Typer(no_args_is_help=True, help="Read many recordings, and take away tables.")
app.add_typer(study_app, name="study")

Name = Annotated[str, typer.Argument(help="The study's name.")]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", help="A model to read with; may be given several times."),
]


@study_app.command("new")
def new(
    name: Name,
    model: Models = None,
    detector: Detector = DEFAULT_DETECTOR,
    every: Annotated[int, typer.Option(min=1, max=30, help="Read every n-th frame only.")] = 1,
    readings: Annotated[
        str, typer.Option(help="Where readings go, if several machines read: a folder, s3://…")
    ] = "",
) -> None:
    """Make an empty study."""
    from fer_core.studies.catalogue import create_study
    from fer_core.studies.settings import choose_settings

    # Weights are fetched now, not in the middle of a night; without them it is read with what
    # takes their place, as is said.
    found_by = open_detector(detector).name
    study = create_study(
        name, choose_settings(model or (), detector=found_by, every=every), readings=readings
    )
    typer.echo(f"Made: {study.folder}")
    typer.echo(f"Add videos: python -m fer_core study add {json.dumps(name)} FILES OR FOLDERS")


@study_app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the studies."""
    from fer_core.studies.catalogue import list_studies, studies_folder

    names = list_studies()
    if as_json:
        print_json(list(names))
        return
    for name in names:
        typer.echo(name)
    if not names:
        typer.echo(f"There is no study in {studies_folder()} yet.", err=True)


@study_app.command("add")
def add(
    name: Name,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Videos, or folders of videos.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Who is in which file, under which condition (CSV).")
    ] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Take the videos into the study's folder.")
    ] = False,
) -> None:
    """Add videos, and a sheet; a bad file gets a sentence, the others are added."""
    from fer_core.storage.reading import read_bytes
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.cells import MOST_BYTES
    from fer_core.studies.sheet import read_sheet

    study = open_study(name)
    added = study.add(paths or [], copy=copy)
    for each in added:
        if each.recording is None:
            typer.echo(f"{each.path}: {each.error}", err=True)
        else:
            seconds = each.recording.seconds
            typer.echo(f"{each.path}: added as {each.recording.name}, {_clock(seconds)}")
            for note in each.recording.notes:
                typer.echo(f"  {note}")
    if paths and not added:
        raise StudyError(
            "there is no video in these folders",
            where=", ".join(str(path) for path in paths),
            remedy="Name a video, or a folder that holds some.",
        )
    if sheet is not None:
        entries = read_sheet(study, read_bytes(sheet, MOST_BYTES), sheet.name)
        typer.echo(f"{sheet}: {len(entries)} rows")
    raise typer.Exit(1 if any(each.error for each in added) else 0)


@study_app.command("remove")
def remove(name: Name, recordings: Annotated[list[str], typer.Argument(help="Names.")]) -> None:
    """Take recordings out, with what was read of them; videos outside of the study stay."""
    from fer_core.studies.catalogue import open_study

    study = open_study(name)
    for each in recordings:
        study.remove(study.recording(each))


@study_app.command("run")
def run(
    name: Name,
    engine: EngineName = "local",
    address: Address = "auto",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Parts at the same time; as many as cores.")
    ] = None,
    model: Models = None,
    progress: Progress = False,
) -> None:
    """Read everything that is missing; goes on where it ended, whatever ended it."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.lead import run_study
    from fer_core.studies.progress import progress_of
    from fer_core.studies.settings import choose_settings

    study = open_study(name)
    if model:
        old = study.settings
        new_ones = choose_settings(model, detector=old.detector, every=old.every)
        study.settings = new_ones.model_copy(update={"smoothed": old.smoothed})
    signal.signal(signal.SIGTERM, _end)
    shown = _Shown(progress)
    ended = run_study(study, _engine(engine, address, workers), tell=lambda: shown(study))
    now = progress_of(study)
    shown.last(now)
    failed = [each for each in now.recordings if each.failed or each.recording.error]
    for each in failed:
        for error in each.errors:
            typer.echo(f"{each.recording.name}: {error}", err=True)
    if ended.sentence:
        typer.echo(ended.sentence, err=True)
    elif ended.paused:
        typer.echo("Paused. It goes on with: study run", err=True)
    raise typer.Exit(1 if ended.sentence or failed else 0)


def _end(*_: object) -> NoReturn:
    sys.exit(143)


def _engine(name: str, address: str, workers: int | None) -> "Engine":
    from fer_core.studies.engines.local import local_engine
    from fer_core.studies.engines.ray import ray_engine

    if name == "local":
        return local_engine(workers)
    if name == "ray":
        return ray_engine(address, workers)
    raise typer.BadParameter(f"{name} is none of: local, ray", param_hint="--engine")


class _Shown:
    """How far it is, on a terminal or as JSON lines."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._told = ""

    def __call__(self, study: Any) -> None:
        from fer_core.studies.progress import progress_of

        if self._as_json:
            print_json_line(_progress_json(progress_of(study)))
        elif sys.stderr.isatty():
            typer.echo(f"\r\x1b[K{_sentence(progress_of(study))}", err=True, nl=False)

    def last(self, now: "StudyProgress") -> None:
        if self._as_json:
            print_json_line(_progress_json(now))
        else:
            end = "\r\x1b[K" if sys.stderr.isatty() else ""
            typer.echo(f"{end}{_sentence(now)}", err=True)


@study_app.command("status")
def status(name: Name, as_json: Json = False) -> None:
    """Say how far a study is, and how long the rest will take."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.progress import progress_of

    now = progress_of(open_study(name))
    if as_json:
        print_json(_progress_json(now))
        return
    typer.echo(_sentence(now))
    for each in now.recordings:
        typer.echo(f"  {each.recording.name}: {_recording_words(each)}")
        for words in (*each.recording.notes, *each.errors):
            typer.echo(f"    {words}")
    if now.sentence:
        typer.echo(now.sentence)


def _sentence(now: "StudyProgress") -> str:
    words = f"{_clock(now.seconds_done)} of {_clock(now.seconds)} read"
    if now.leader is not None:
        words += f" · {now.speed:.1f} times as fast as it plays" if now.speed else " · reading"
        if now.left_s is not None:
            words += f" · about {_clock(now.left_s)} left"
    elif now.paused:
        words += " · paused"
    return words


def _recording_words(each: "RecordingProgress") -> str:
    words = f"{each.state}, {each.done} of {each.parts} parts, {_clock(each.recording.seconds)}"
    if each.left_s is not None:
        words += f", about {_clock(each.left_s)} left"
    return words


def _progress_json(now: "StudyProgress") -> dict[str, Any]:
    return {
        "seconds": round(now.seconds, 3),
        "seconds_done": round(now.seconds_done, 3),
        "left_s": now.left_s,
        "speed": now.speed,
        "reading": now.leader is not None,
        "paused": now.paused,
        "sentence": now.sentence,
        "recordings": [
            {
                "name": each.recording.name,
                "path": str(each.recording.path),
                "state": each.state,
                "seconds": round(each.recording.seconds, 3),
                "parts": each.parts,
                "parts_done": each.done,
                "parts_failed": each.failed,
                "left_s": each.left_s,
                "notes": list(each.recording.notes),
                "errors": list(each.errors),
            }
            for each in now.recordings
        ],
    }


def _clock(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@study_app.command("pause")
def pause(name: Name) -> None:
    """Have the run that goes on end once the parts that are being read are."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.progress import pause as ask

    ask(open_study(name))


@study_app.command("retry")
def retry(
    name: Name, recording: Annotated[str | None, typer.Argument(help="Only this one.")] = None
) -> None:
    """Have the next run try again what could not be read."""
    from fer_core.studies.catalogue import open_study
    from fer_core.studies.progress import retry as ask

    study = open_study(name)
    parts = ask(study, study.recording(recording) if recording else None)
    typer.echo(f"{parts} parts will be tried again.")


@study_app.command("first")
def first(
    name: Name,
    recording: Annotated[str, typer.Argument(help="Its name.")],
    priority: Annotated[int, typer.Option(help="The highest is read first; others have 0.")] = 1,
) -> None:
    """Have a recording read before the others."""
    from fer_core.studies.catalogue import open_study

    study = open_study(name)
    study.prioritise(study.recording(recording), priority)


@study_app.command("delete")
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a study with all that it holds; videos outside of its folder stay."""
    from fer_core.studies.catalogue import delete_study, studies_folder

    if not yes:
        typer.confirm(f"Remove {studies_folder() / name} and all readings?", abort=True)
    delete_study(name)


@study_app.command("work", hidden=True)
def work(
    ray: Annotated[str, typer.Option(help="Address of a Ray cluster that does the work.")] = "",
    workers: Annotated[int | None, typer.Option(min=1, help="On the cluster, at most.")] = None,
    pictures: Annotated[bool, typer.Option("--pictures", help="Photos, for `predict`.")] = False,
) -> None:
    """Answer tasks on standard input; started by `run`."""
    from fer_core.studies.engines import local
    from fer_core.studies.engines import pictures as of_photos
    from fer_core.studies.engines import ray as cluster

    if pictures:
        of_photos.drive_pictures(ray, workers)
    elif ray:
        cluster.drive(ray, workers)
    else:
        local.work()
