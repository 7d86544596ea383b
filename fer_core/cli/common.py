"""What the commands share: the command line itself, and what most of them open or write."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.errors import DetectorError, MienError

if TYPE_CHECKING:
    from fer_core.faces import Detector
    from fer_core.zoo import Classifier

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Mien: reads the expression that a face shows.",
)
data_app = typer.Typer(no_args_is_help=True, help="Import, list and describe data sets.")
app.add_typer(data_app, name="data")
models_app = typer.Typer(help="List networks; import, measure and remove others' networks.")
app.add_typer(models_app, name="models")

Told = Callable[[int, int], None]
"""Called with how much is done, and how much there is."""


def print_json(value: Any) -> None:
    """For programs to read."""
    typer.echo(json.dumps(value, indent=2))


def print_json_line(value: Any) -> None:
    """One line, at once: for a program that waits for it."""
    print(json.dumps(value), flush=True)


@contextmanager
def telling(progress: bool, as_json: bool) -> Iterator[Told]:
    """How far it is: JSON lines where asked for, a bar on a terminal, else nothing."""
    if progress:
        from time import monotonic

        told_s = [0.0]

        def tell(done: int, total: int) -> None:
            if done == total or monotonic() - told_s[0] > 0.25:
                told_s[0] = monotonic()
                print_json_line({"done": done, "total": total})

        yield tell
        return
    from rich.console import Console
    from rich.progress import Progress as ProgressBar

    quiet = as_json or not sys.stderr.isatty()
    with ProgressBar(console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("Reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def open_detector(name: str, *, photos: bool = False) -> "Detector":
    """The detector asked for, its weights fetched; where another one takes its place, says why."""
    from fer_core.faces import fallback_reason, make_detector

    detector = make_detector(name, photos=photos, download=True)
    if reason := fallback_reason(name, detector):
        typer.echo(reason, err=True)
    return detector


def chosen_detector(name: str) -> "Detector":
    """The detector that was asked for, or none: the card would name another, which nobody chose."""
    from fer_core.faces import fallback_reason

    finder = open_detector(name)
    if finder.name != name:
        raise DetectorError(
            "the face detector cannot be opened",
            where=name,
            received=fallback_reason(name, finder),
            remedy="Connect to the internet once, or choose another with --detector.",
        )
    return finder


def open_network(
    slug: str | None, *, threads: int = 1, views: int = 1, answers: str = "labels"
) -> "Classifier":
    """A network by its slug, the best where none is named.

    Args:
        slug: of the model.
        threads: 0 for one for each core.
        views: see `Classifier.views`.
        answers: a value of `fer_core.zoo.AnswersAs`.
    """
    from fer_core.zoo import AnswersAs, load_classifier

    folder, answers_as = model_folder(slug), AnswersAs(answers)
    return load_classifier(folder, threads=threads, answers_as=answers_as).with_views(views)


def prepare_outputs(*paths: Path | None) -> None:
    """Make the folders that results go into: hours of reading must not end at a missing one."""
    for path in paths:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)


def refuse_overwriting(inputs: Iterable[Path], outputs: Iterable[Path | None]) -> None:
    """End with a sentence where a result would replace an input, be it through a link."""
    sources = {identity: path for path in inputs if (identity := _identity(path))}
    for output in outputs:
        identity = _identity(output) if output is not None else None
        if output is not None and identity in sources:
            source = sources[identity]
            problem = MienError(
                "this is an input, and would be overwritten",
                where=output,
                expected="a new file, or one that is not read",
                received="the same file" if source == output else f"the same file as {source}",
                remedy="Choose another name or folder for the result.",
            )
            typer.echo(str(problem), err=True)
            raise typer.Exit(2)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, by whatever name; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino)


def models_folder() -> Path:
    """Where the shipped networks are, and what was measured of networks."""
    from fer_core.zoo import models_root

    return models_root()


def model_folder(slug: str | None = None) -> Path:
    """The folder of a network, in any of the folders of models; the best one if none is named."""
    from fer_core.zoo import default_slug, find_folder, models_roots

    return find_folder(slug or default_slug(*models_roots()), *models_roots())


def model_slugs() -> tuple[str, ...]:
    """Names of all networks; says what is wrong with the folders of models."""
    from fer_core.zoo import find_folders, models_roots

    folders, errors = find_folders(*models_roots())
    for error in errors:
        typer.echo(str(error), err=True)
    return tuple(folders)
