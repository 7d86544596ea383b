"""What the commands share."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fer_core.faces import Detector

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Mien: reads the expression that a face shows.",
)
data_app = typer.Typer(no_args_is_help=True, help="Import, list and describe data sets.")
app.add_typer(data_app, name="data")

RUNS = Path("runs")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class DetectorChoice(StrEnum):
    """Face detectors on the command line; none takes the whole image as one face."""

    YUNET = "yunet"
    HAAR = "haar"
    NONE = "none"


class PeerChoice(StrEnum):
    """Outside packages that can be measured."""

    FER = "fer"
    DEEPFACE = "deepface"


class ExportFormat(StrEnum):
    """What `export` can write."""

    LITERT = "litert"
    SAVED_MODEL = "saved_model"
    ONNX = "onnx"


def print_json(value: Any) -> None:
    """For programs to read."""
    typer.echo(json.dumps(value, indent=2))


def open_detector(choice: DetectorChoice, *, photos: bool = False) -> "Detector":
    """The detector asked for, its weights fetched; where another one takes its place, says why."""
    from fer_core.faces import fallback_reason, make_detector

    detector = make_detector(choice.value, photos=photos, download=True)
    if reason := fallback_reason(choice.value, detector):
        typer.echo(reason, err=True)
    return detector


def prepare_outputs(*paths: Path | None) -> None:
    """Make the folders that results go into: hours of reading must not end at a missing one."""
    for path in paths:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)


def models_folder() -> Path:
    """Where the networks are."""
    from fer_core.zoo import models_root

    return models_root()
