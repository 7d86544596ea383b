"""Faces as cameras and hands leave them, and as the filters of `faces.restoration` find them."""

import numpy as np
from numpy.typing import NDArray

from fer_core.faces.corruptions import blur, jpeg, noise, small
from fer_core.faces.restoration import filtered
from fer_core.training.data.augmentation import place_of_cover, skewed

_CLEAR, _HIDDEN = 0.25, 0.45
"""Up to the first, a draw from 0 to 1 leaves a face as it is; up to the second it hides a part."""
_TWO, _ALSO_HIDDEN = 0.3, 0.08
"""Share of the others that are spoiled twice, and that are hidden in part as well."""


def spoiled(faces: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Some faces blurred, noisy, compressed, small or hidden in part, then filtered; some clear.

    Light is left alone: the filters bring it back, and nothing remains to be learned.

    Args:
        faces: (n, 48, 48) uint8 grey.
        rng: source of chance; the same state gives the same faces.

    Returns:
        (n, 48, 48) uint8: what `fer_core.faces.restorer` is given in use.
    """
    out = np.empty_like(faces)
    for row, face in enumerate(faces):
        out[row] = filtered(_spoiled(face, rng))
    return out


def _spoiled(face: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    draw = rng.random()
    if draw < _CLEAR:
        return face
    if draw < _HIDDEN:
        return _hidden(face, rng)
    for kind in rng.choice(len(_WAYS), 1 + (rng.random() < _TWO), replace=False):
        face = _WAYS[kind](face, rng)
    return _hidden(face, rng) if rng.random() < _ALSO_HIDDEN else face


_WAYS = (
    lambda face, rng: blur(face, rng.uniform(0.4, 3.4)),
    lambda face, rng: noise(face, skewed(3, 45, rng), rng),
    lambda face, rng: jpeg(face, 100 / skewed(1.6, 25, rng)),
    lambda face, rng: small(face, len(face) / skewed(1.2, 4.4, rng)),
)
"""Stronger ones, more often, than `augmentation.spoil` gives: a network that reads faces must first
of all read clear ones, and this one is only asked where something is wrong."""


def _hidden(face: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A rectangle over a part of a face, mostly of one grey, else of noise."""
    place = place_of_cover(len(face), rng)
    one_grey = rng.random() < 0.7
    hidden = face.copy()
    hidden[place] = rng.integers(0, 256, () if one_grey else face[place].shape)
    return hidden
