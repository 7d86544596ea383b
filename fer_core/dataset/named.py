"""A data set with a name: labelled pictures of anybody, checked, in one compact file.

A picture is kept as it came, with the box and landmarks of its face, and not as a crop: then each
network's crop is made by the very function that live video uses, for any side, channels, margin or
alignment, and a figure says exactly what `predict` would have said of that picture. As JPEG that
takes no more room than crops of 96 px would. A grey 48x48 crop lies beside it, for the checks, for
looking at, and for the many networks that take just that.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset.fer2013 import (
    BLANK_RANGE,
    FER2013,
    SIDE_PX,
    dataset_path,
    find_dataset,
)
from fer_core.dataset.pictures import SPLIT_NAMES
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError, in_one_line
from fer_core.media import Image, decode_image
from fer_core.storage.atomic import write_npz

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class LabelUse(BaseModel):
    """What became of one label.

    Attributes:
        word: as it stands in the data set.
        label: our class; None where its pictures were left out.
        known: whether the table has it; a word that is not known is left out.
        pictures: how many bear it.
    """

    model_config = _FROZEN

    word: str
    label: str | None
    known: bool
    pictures: int = Field(ge=0)


class RefusedPicture(BaseModel):
    """A picture that is not in the data set, and the sentence why."""

    model_config = _FROZEN

    path: str
    reason: str


class DatasetInfo(BaseModel):
    """Where a named data set comes from.

    Attributes:
        name: how commands call it.
        source: name of the file or folder that was imported.
        ready: whether the pictures were faces already; else a detector looked for the largest.
        detector: its name; "none" for ready ones.
        table: name of the table of labels.
        labels: what became of each label.
        refused: pictures that could not be taken.
        version: of this program.
    """

    model_config = _FROZEN

    name: str = Field(pattern=NAME_PATTERN)
    source: str
    ready: bool
    detector: str
    table: str
    labels: tuple[LabelUse, ...]
    refused: tuple[RefusedPicture, ...]
    version: str


@dataclass(frozen=True, eq=False)
class NamedDataset:
    """All pictures of a named data set, in its own order; n >= 1.

    A picture in which no face was found stays a row, without pixels: as an answer it is wrong.

    Attributes:
        info: where it comes from.
        labels: (n,) int64, columns of `Emotion`.
        splits: (n,) uint8, index into `SPLIT_NAMES`.
        groups, persons, paths: (n,) text; "" where nothing is said.
        digests: (n, 32) uint8 SHA-256 of each picture's file.
        found: (n,) bool: whether a face was found.
        scores: (n,) float32 of the detector, 0-1.
        boxes: (n, 4) float32 x, y, width, height in the kept picture; 0 without a face.
        landmarks: (n, 5, 2) float32, likewise; NaN where the detector finds none.
        face_px: (n,) float32 longer side of the box in the picture that came.
        faces: (n, 48, 48) uint8 grey, as FER2013's are; 0 without a face.
        encoded: (m,) uint8, all picture files one after the other.
        offsets: (n + 1,) int64: where each begins and ends.
    """

    info: DatasetInfo
    labels: NDArray[np.int64]
    splits: NDArray[np.uint8]
    groups: NDArray[np.str_]
    persons: NDArray[np.str_]
    paths: NDArray[np.str_]
    digests: NDArray[np.uint8]
    found: NDArray[np.bool_]
    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    face_px: NDArray[np.float32]
    faces: NDArray[np.uint8]
    encoded: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.labels)
        shapes = {
            name: (n, *rest)
            for name, rest in {
                "labels": (),
                "splits": (),
                "groups": (),
                "persons": (),
                "paths": (),
                "digests": (32,),
                "found": (),
                "scores": (),
                "boxes": (4,),
                "landmarks": (5, 2),
                "face_px": (),
                "faces": (SIDE_PX, SIDE_PX),
            }.items()
        } | {"offsets": (n + 1,)}
        wrong = [name for name, shape in shapes.items() if getattr(self, name).shape != shape]
        if (
            wrong
            or not n
            or self.labels.min() < 0
            or self.labels.max() >= len(LABELS)
            or self.splits.max() >= len(SPLIT_NAMES)
            or (np.diff(self.offsets) < 0).any()
            or self.offsets[-1] != len(self.encoded)
        ):
            raise DatasetError(
                "arrays do not belong together",
                where=f"data set {self.info.name}",
                expected="one row for each picture, labels 0 to 6",
                received=", ".join(wrong) or "a label, split or offset out of range",
                remedy="Import the pictures again: python -m fer_core data import PATH --name NAME",
            )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def name(self) -> str:
        """How commands call it."""
        return self.info.name

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """(n,) bool: faces of one grey level, give or take `BLANK_RANGE`, which show nothing."""
        flat = self.faces.reshape(len(self), -1).astype(np.int16)
        return np.asarray((flat.max(axis=1) - flat.min(axis=1) <= BLANK_RANGE) & self.found)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over picture files, labels, splits, groups, persons and how faces were found.

        Boxes are not in it: the last bits of a detector's differ between processors.
        """
        digest = hashlib.sha256(f"{self.info.ready} {self.info.detector}\n".encode())
        for array in (self.digests, self.labels.astype(np.uint8), self.splits, self.found):
            digest.update(np.ascontiguousarray(array).tobytes())
        for words in (self.groups, self.persons):
            digest.update(json.dumps(words.tolist()).encode())
        return digest.hexdigest()

    def rows(self, split: str | None = None) -> NDArray[np.int64]:
        """(k,) int64 rows of a split, one of `SPLIT_NAMES`, ascending; None: of all pictures."""
        if split is None:
            return np.arange(len(self))
        return np.flatnonzero(self.splits == SPLIT_NAMES.index(split))

    def class_counts(self, split: str | None = None) -> dict[str, int]:
        """Pictures of each class in a split; None: in all."""
        counts = np.bincount(self.labels[self.rows(split)], minlength=len(LABELS))
        return dict(zip(LABELS, counts.tolist(), strict=True))

    def picture(self, row: int) -> Image:
        """The picture of a row, upright RGB; its box and landmarks are in its pixels.

        Raises:
            MediaError: a damaged file, or a row without a face, which keeps no picture.
        """
        data = self.encoded[self.offsets[row] : self.offsets[row + 1]].tobytes()
        return decode_image(data, str(self.paths[row]))

    def save(self, path: Path) -> None:
        """Write the compact file in one step.

        Raises:
            StorageError: it cannot be written.
        """
        write_npz(path, _arrays(self), compressed=True)


def _arrays(data: NamedDataset) -> dict[str, NDArray[Any]]:
    arrays = {name: getattr(data, name) for name in _ARRAYS}
    arrays["labels"] = data.labels.astype(np.uint8)
    info = data.info.model_dump_json().encode()
    return {"info": np.frombuffer(info, np.uint8), **arrays}


_ARRAYS = (
    *("labels", "splits", "groups", "persons", "paths", "digests", "found", "scores", "boxes"),
    *("landmarks", "face_px", "faces", "encoded", "offsets"),
)


def check_name(name: str) -> str:
    """The name, where a data set may have it.

    Raises:
        DatasetError: another form, or FER2013's own.
    """
    if name == FER2013 or not re.fullmatch(NAME_PATTERN, name):
        raise DatasetError(
            "a data set cannot have this name",
            expected="small letters, digits, - and _, beginning with a letter, not fer2013",
            received=name,
            remedy="Choose another: --name my_pictures",
        )
    return name


def list_datasets() -> tuple[str, ...]:
    """Names of all named data sets that are there, sorted; without FER2013."""
    folder = dataset_path().parent
    names = (path.stem for path in folder.glob("*.npz"))
    return tuple(
        sorted(name for name in names if re.fullmatch(NAME_PATTERN, name) and name != FER2013)
    )


def read_info(name: str) -> tuple[DatasetInfo, int]:
    """Where a data set comes from, and its number of pictures, without reading these.

    Raises:
        DatasetError: see `load_named`.
    """
    with _open(name) as file:
        return _info(file, name), len(file["labels"])


def load_named(name: str) -> NamedDataset:
    """Load a named data set.

    Raises:
        DatasetError: there is none of that name, or its file is damaged.
    """
    with _open(name) as file:
        arrays = {key: file[key] for key in _ARRAYS}
        arrays["labels"] = arrays["labels"].astype(np.int64)
        return NamedDataset(info=_info(file, name), **arrays)


def _info(file: Any, name: str) -> DatasetInfo:
    info = DatasetInfo.model_validate_json(file["info"].tobytes())
    if info.name != name:
        raise DatasetError(
            "the file belongs to another data set",
            where=f"{name}.npz",
            expected=name,
            received=info.name,
            remedy="Give the file its own name.",
        )
    return info


@contextmanager
def _open(name: str) -> Iterator[Any]:
    path = find_dataset(check_name(name))
    if path is None:
        raise DatasetError(
            "there is no such data set",
            expected=", ".join(list_datasets()) or "one that was imported",
            received=name,
            remedy=f"Import it: python -m fer_core data import FOLDER --name {name}",
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            yield file
    except DatasetError:
        raise
    except Exception as error:  # zip, npy, key and validation errors have no common type
        raise DatasetError(
            "the data set cannot be read",
            where=path,
            received=in_one_line(error),
            remedy=f"Import it again: python -m fer_core data import FOLDER --name {name} --force",
        ) from error
