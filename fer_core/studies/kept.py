"""What was read of a part before, with other networks: only the further ones have to read it.

Faces and what each network said of them stand in rows that do not depend on the other networks.
What comes out is, to the byte, what reading everything anew would give: rows are only put beside
each other where all that they share is equal.
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from fer_core.errors import ContractError, StorageError
from fer_core.faces import LANDMARKS, Faces
from fer_core.pipeline.readings import Readings, from_parquet
from fer_core.studies.place import ReadingsPlace
from fer_core.studies.settings import NetworkSettings

_SHARED = ("frame", "time_s", "step_s", "face_row", "boxes", "scores", "landmarks", "quality")
# Fields of `Readings` that say nothing of a network.


class KeptPart(BaseModel):
    """A part that was read with other networks, the same detector, and the same frames.

    Attributes:
        file: its name in the place of readings.
        sha256: of the file.
        networks: that are wanted, of those that it has.
        frames, damaged: as in its answer, see `fer_core.studies.parts.PartAnswer`.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    networks: tuple[NetworkSettings, ...]
    frames: int
    damaged: int


def kept_readings(parts: Sequence[KeptPart], place: ReadingsPlace) -> Readings | None:
    """Rows of all wanted networks that read before; None where nothing sound is there.

    Args:
        parts: in any order; of a network that several have, the first one's rows are taken.
        place: where they lie.
    """
    found: Readings | None = None
    for part in parts:
        rows = _sound(part, place)
        if rows is None:
            continue
        if found is None:
            found = _chosen(rows, [network.slug for network in part.networks])
        else:
            found = beside(found, rows, [network.slug for network in part.networks]) or found
    return found


def _sound(part: KeptPart, place: ReadingsPlace) -> Readings | None:
    try:
        content = place.read(part.file)
        if content is None or hashlib.sha256(content).hexdigest() != part.sha256:
            return None
        return Readings.of_table(from_parquet(content))
    except (ContractError, StorageError):  # then it is read anew, and the place's own fault told
        return None


def beside(first: Readings, second: Readings, networks: Sequence[str]) -> Readings | None:
    """Rows of two readings of the same frames; None where they do not find the same faces.

    Args:
        first: all of its networks are kept.
        second: whose rows are put beside them.
        networks: which of its networks, where the first one has them not.
    """
    same = all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True)
        for name in _SHARED
    )
    further = [slug for slug in networks if slug not in first.networks]
    if not same:
        return None
    probabilities = [first.probabilities, _chosen(second, further).probabilities]
    return _with(first, (*first.networks, *further), np.concatenate(probabilities))


def _chosen(readings: Readings, networks: Sequence[str]) -> Readings:
    rows = [readings.networks.index(slug) for slug in networks]
    return _with(readings, tuple(networks), readings.probabilities[rows])


def in_order(readings: Readings, networks: Sequence[str]) -> Readings:
    """The same with its networks in this order, which is all of them."""
    return _chosen(readings, networks)


def _with(
    readings: Readings, networks: tuple[str, ...], probabilities: NDArray[np.float32]
) -> Readings:
    shared = {name: getattr(readings, name) for name in _SHARED}
    return Readings(networks=networks, probabilities=probabilities, **shared)


class KeptFaces:
    """Hands out faces that were found before, frame after frame; keeps the `Detector` protocol."""

    def __init__(self, readings: Readings, name: str) -> None:
        """Begin with the first frame.

        Args:
            readings: in pixels of the frames that will come.
            name: of the detector that found them.
        """
        self.name = name
        self._frames = _by_frame(readings)

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """Faces of the next frame, whatever is in the image."""
        return next(self._frames, Faces.none())


def _by_frame(readings: Readings) -> Iterator[Faces]:
    starts = np.flatnonzero(readings.face_row <= 0)
    for rows in np.split(np.arange(len(readings)), starts[1:]):
        faces = rows[readings.face_row[rows] >= 0]
        yield Faces(
            readings.boxes[faces],
            readings.scores[faces],
            readings.landmarks[faces].reshape(-1, LANDMARKS, 2),
        )
