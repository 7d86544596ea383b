"""The data sets that a training can learn from, by name."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import (
    FER2013,
    SPLITS,
    Fer2013,
    Split,
    check_name,
    find_dataset,
    list_datasets,
    load_dataset,
    load_named,
)
from fer_core.dataset.learning import as_splits
from fer_core.synthetic.face import POSES, Pose, cropped_face
from fer_core.zoo import sha256_of

DRAWN = "drawn"
"""Name of the faces drawn by code, which need no file: to see how training goes."""

_DRAWN_FACES = 1400
_DRAWN_SHARES = (0.8, 0.1, 0.1)


def learning_names() -> tuple[str, ...]:
    """Names of all data sets that are here: FER2013 first, the drawn faces last."""
    challenge = (FER2013,) if find_dataset() else ()
    return (*challenge, *(name for name in list_datasets() if name != DRAWN), DRAWN)


def load_faces(name: str) -> Fer2013:
    """A data set as three splits: learned from, chosen on, kept back.

    Raises:
        DatasetError: there is none of that name, it is damaged, or too small.
    """
    if name == FER2013:
        return load_dataset()
    return drawn_faces() if name == DRAWN else as_splits(load_named(name))


def faces_digest(name: str) -> str:
    """SHA-256 of a data set's file, to tell whether it is still the same; "" for drawn faces.

    Raises:
        DatasetError: there is none of that name.
    """
    if name == DRAWN:
        return ""
    path = find_dataset(name if name == FER2013 else check_name(name))
    if path is None:
        load_faces(name)  # whose sentence says what to do
    assert path is not None
    return sha256_of(path)


def drawn_faces(n: int = _DRAWN_FACES) -> Fer2013:
    """Faces drawn by code, each a little otherwise: grey, 48x48 px, the same every time.

    Args:
        n: how many in all.
    """
    rng = np.random.default_rng(0)
    order = tuple(POSES)
    pixels, labels = np.empty((n, 48, 48), np.uint8), np.empty(n, np.int64)
    for row in range(n):
        emotion = order[row % len(order)]
        labels[row] = int(emotion)
        pixels[row] = _as_photographed(cropped_face(_near(POSES[emotion], rng)), rng)
    return Fer2013(pixels, labels, _drawn_splits(n))


def _drawn_splits(n: int) -> NDArray[np.uint8]:
    borders = np.cumsum([round(share * n) for share in _DRAWN_SHARES[:-1]])
    return np.searchsorted(borders, np.arange(n), side="right").astype(np.uint8)


def count_faces(name: str) -> tuple[int, int]:
    """How many faces of a data set are learned from, and how many are chosen on.

    Raises:
        DatasetError: see `load_faces`.
    """
    if name == DRAWN:  # drawing them takes seconds
        counts = np.bincount(_drawn_splits(_DRAWN_FACES), minlength=len(SPLITS))
        return int(counts[0]), int(counts[1])
    faces = load_faces(name)
    learned = faces.rows(Split.TRAINING, without_blank=True)
    return len(learned), len(faces.rows(Split.PUBLIC_TEST))


def has_votes() -> bool:
    """Whether FER2013 is here with FER+'s votes; the faces are not read."""
    path = find_dataset()
    if path is None:
        return False
    try:
        with np.load(path, allow_pickle=False) as file:
            return "votes" in file.files
    except Exception:  # whatever is wrong with it is said where it is read
        return False


def _near(pose: Pose, rng: np.random.Generator) -> Pose:
    """The expression as somebody else would show it: less or more, and not quite the same."""
    strength = rng.uniform(0.35, 1.1)
    values = (getattr(pose, name) for name in Pose.__slots__)
    return Pose(*(strength * value + rng.normal(0, 0.25) for value in values))


def _as_photographed(face: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turned, moved and lit a little, with a sensor's noise."""
    turn = cv2.getRotationMatrix2D((23.5, 23.5), rng.uniform(-12, 12), rng.uniform(0.85, 1.15))
    turn = turn + np.pad(rng.uniform(-3, 3, (2, 1)), ((0, 0), (2, 0)))
    moved = cv2.warpAffine(face, turn, (48, 48), borderMode=cv2.BORDER_REFLECT_101)
    lit = moved * rng.uniform(0.6, 1.2) + rng.normal(0, 9, moved.shape)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)
