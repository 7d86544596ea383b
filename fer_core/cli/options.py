"""Options that several commands have, each written once.

Choices are the files of a registry's package (see `fer_core.registry.file_names`), so that `--help`
lists them without OpenCV or Keras, and a new detector or format needs no change here.
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from fer_core.registry import file_names

RUNS = Path("runs")
"""Where trainings leave checkpoints and candidates."""

DEFAULT_DETECTOR = "yunet"


class RestorationName(StrEnum):
    """The values of `fer_core.faces.Restoration`, without OpenCV."""

    none = "none"
    camera = "camera"
    completed = "completed"


class AnswersName(StrEnum):
    """The values of `fer_core.zoo.AnswersAs`, likewise."""

    labels = "labels"
    voters = "voters"


if TYPE_CHECKING:  # to a type checker they are what their values are
    DetectorName: TypeAlias = str
    FormatName: TypeAlias = str
    PackageName: TypeAlias = str
else:

    def _choice(name: str, package: str) -> Any:
        return StrEnum(name, {word: word for word in file_names(package)})

    DetectorName = _choice("DetectorName", "fer_core.faces.detectors")
    FormatName = _choice("FormatName", "fer_core.training.export.formats")
    PackageName = _choice("PackageName", "fer_core.evaluation.external.packages")

Detector = Annotated[
    DetectorName,
    typer.Option("--detector", help="What finds the faces; none: the whole image is one face."),
]
Model = Annotated[str | None, typer.Option("--model", help="Which network; the best if not named.")]
NumberOfViews = Annotated[
    int,
    typer.Option(
        "--views",
        min=1,
        max=2,
        help="How often each face is looked at; 2: also as in a mirror, a little more often right.",
    ),
]
Answers = Annotated[
    AnswersName,
    typer.Option(
        "--answers",
        help="As FER+'s voters name faces, if the network has learned it, or as FER2013's labels.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Progress = Annotated[bool, typer.Option("--progress", help="Print how far it is as JSON lines.")]
ExternalPython = Annotated[
    Path | None,
    typer.Option(
        "--external-python",
        "--peer-python",
        help="Python of an environment with requirements-external.txt.",
    ),
]
EngineName = Annotated[
    str, typer.Option("--engine", help="Who reads: local, this machine; ray, a cluster.")
]
Address = Annotated[str, typer.Option("--address", help="Of the Ray cluster, HOST:PORT, or auto.")]
