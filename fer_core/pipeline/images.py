"""Many pictures through one pipeline; one bad file never loses the rest."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fer_core.errors import ContractError, MediaError, MienError
from fer_core.faces import Faces
from fer_core.faces.quality import face_qualities
from fer_core.media import SUFFIXES, Image, decode_image, display_name, read_image
from fer_core.pipeline.frame import FrameResult, Pipeline

ANNOTATED_SUFFIX = "_expressions"
"""What the names of annotated pictures end in, before their ending."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read from one picture file, or why nothing was.

    Attributes:
        path: the file as it was given, folders included.
        model: slug of the network that read it.
        result: faces from left to right and their predictions, boxes in the file's own pixels;
            None where the file could not be read.
        error: one sentence for a person; None where the file could be read.
        notes: what a reader should know of the picture, such as "first frame of 5".
        detector: name of what found the faces.
        sha256: of the file; "" where it could not be read.
        taken_at: when the picture was taken, as its file says; see `fer_core.media.Image`.
        image: the pixels, for drawing; None in a reading that was made to be kept.

    Raises:
        ContractError: on construction, unless exactly one of ``result`` and ``error`` is given.
    """

    path: str
    model: str
    result: FrameResult | None = None
    error: str | None = None
    notes: tuple[str, ...] = ()
    detector: str = ""
    sha256: str = ""
    taken_at: str = ""
    image: Image | None = None

    def __post_init__(self) -> None:
        if (self.result is None) == (self.error is None):
            raise ContractError(
                "a reading is either a result or an error",
                where=f"Reading {self.path}",
                expected="exactly one of result and error",
                received=f"result {self.result}, error {self.error}",
            )

    @property
    def name(self) -> str:
        """The file's name, fit to be shown once it is escaped; see `media.display_name`."""
        return display_name(self.path)

    @property
    def note(self) -> str:
        """All notes in one line; empty in the usual case."""
        return ", ".join(self.notes)

    def without_pixels(self) -> "Reading":
        """The same without ``image``: a few hundred bytes, to keep thousands of."""
        return replace(self, image=None)


def predict_bytes(data: bytes, name: str, pipeline: Pipeline) -> Reading:
    """Read one picture that is in memory; never raises for what is in it.

    Args:
        data: the whole file.
        name: what the file is called.
        pipeline: detector and network.
    """
    return _read(name, lambda: decode_image(data, name), pipeline)


def predict_path(path: Path, pipeline: Pipeline) -> Reading:
    """Read one picture file; never raises for what is in it."""
    return _read(str(path), lambda: read_image(path), pipeline)


def predict_paths(
    paths: Iterable[Path], pipeline: Pipeline, *, annotated: Path | None = None
) -> Iterator[Reading]:
    """Read pictures one after the other, each when it is asked for.

    Args:
        paths: files, and folders that stand for all pictures in them and below, sorted by path,
            as they are at the beginning.
        pipeline: detector and network.
        annotated: the folder that annotated pictures are written to; those of an earlier run are
            not read where a folder is.

    Yields:
        One reading a file, in input order; also for a file that is missing or no picture, and for
        a folder without any picture.
    """
    listed = [(path, pictures_in(path, annotated) if path.is_dir() else [path]) for path in paths]
    for path, files in listed:
        if not files:
            error = MediaError(
                "there is no picture in this folder",
                where=display_name(str(path)),
                expected=f"files that end in {', '.join(SUFFIXES)}",
                remedy="Name a folder with pictures, or the files themselves.",
            )
            yield Reading(str(path), pipeline.classifier.card.slug, error=str(error))
        for file in files:
            yield predict_path(file, pipeline)


def pictures_in(folder: Path, annotated: Path | None = None) -> list[Path]:
    """Pictures by their ending in a folder and below, sorted; hidden ones are left out.

    So are those in the folder ``annotated`` that are named like annotated pictures.
    """
    ours = os.path.realpath(annotated) if annotated is not None else None
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
        and not (path.stem.endswith(ANNOTATED_SUFFIX) and os.path.realpath(path.parent) == ours)
    )


def resized(result: FrameResult, factor: float, size: tuple[int, int]) -> FrameResult:
    """A result on the same image ``factor`` times as large, of so many pixels (width, height)."""
    faces = Faces(
        result.faces.boxes * np.float32(factor),
        result.faces.scores,
        result.faces.landmarks * np.float32(factor),
    )
    return replace(result, width=size[0], height=size[1], faces=faces)


def _left_to_right(result: FrameResult) -> FrameResult:
    """A photo's faces as people count them: in video the largest comes first."""
    boxes = result.faces.boxes
    return result.rows(np.argsort(boxes[:, 0] + boxes[:, 2] / 2, kind="stable").tolist())


def _read(path: str, load: Callable[[], Image], pipeline: Pipeline) -> Reading:
    model, detector = pipeline.classifier.card.slug, pipeline.detector.name
    try:
        image = load()
        result = _left_to_right(pipeline(image.rgb))
        result = replace(result, qualities=face_qualities(image.rgb, result.faces))
        if image.reduction > 1:
            result = resized(result, image.reduction, image.size)
    except MienError as error:
        return Reading(path, model, error=str(error), detector=detector)
    except Exception as error:  # a bug of ours or of a library: hours of other files go on
        _log.exception("Reading a picture failed")
        sentence = MediaError(
            "reading this picture failed",
            where=display_name(path),
            received=f"{type(error).__name__}",
            remedy="Please report it with the program's output; the other pictures are not hurt.",
        )
        return Reading(path, model, error=str(sentence), detector=detector)
    return Reading(
        path,
        model,
        result=result,
        notes=image.notes,
        detector=detector,
        sha256=image.sha256,
        taken_at=image.taken_at,
        image=image,
    )
