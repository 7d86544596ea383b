"""Random changes of training faces, in numpy and OpenCV: the same on every Keras backend."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces.corruptions import blur, jpeg, low_light, noise, small
from fer_core.runs.recipe import Augmentation


def augment(
    faces: NDArray[np.uint8], settings: Augmentation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Turn, scale, shift, mirror and light each face at random.

    Args:
        faces: (n, s, s) uint8 grey.
        settings: how far each change may go.
        rng: source of chance; the same state gives the same faces.

    Returns:
        (n, s, s) uint8, a new array.
    """
    n, side = len(faces), faces.shape[1]
    angle = np.deg2rad(rng.uniform(-1, 1, n) * settings.rotation_degrees)
    size = 1 + rng.uniform(-1, 1, n) * settings.scale
    wider = np.exp(rng.uniform(-0.5, 0.5, n) * settings.aspect)
    stretch = np.stack([wider, 1 / wider], axis=1)
    shift = rng.uniform(-1, 1, (n, 2)) * settings.shift * side
    mirror = np.where(settings.flip & (rng.random(n) < 0.5), -1.0, 1.0)
    gain = 1 + rng.uniform(-1, 1, n) * settings.contrast
    lift = rng.uniform(-1, 1, n) * settings.brightness * 255
    out = np.empty_like(faces)
    centre = (side - 1) / 2
    for row in range(n):
        c, s = size[row] * np.cos(angle[row]), size[row] * np.sin(angle[row])
        linear = np.array([[c * mirror[row], -s], [s * mirror[row], c]]) * stretch[row]
        move = centre + shift[row] - linear @ (centre, centre)
        cv2.warpAffine(
            faces[row],
            np.column_stack([linear, move]),
            (side, side),
            dst=out[row],
            flags=cv2.INTER_LINEAR,
            # Black corners would tell the network how far a face was turned.
            borderMode=cv2.BORDER_REFLECT_101,
        )
    if settings.contrast or settings.brightness:
        mean = out.mean(axis=(1, 2))
        # A table of the 256 levels for each face: 2,304 pixels would be worked out one by one.
        light = (np.arange(256) - mean[:, None]) * gain[:, None] + (mean + lift)[:, None]
        tables = np.clip(light, 0, 255).astype(np.uint8)
        for row in range(n):
            cv2.LUT(out[row], tables[row], dst=out[row])
    return out


def spoil(
    faces: NDArray[np.uint8], settings: Augmentation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """What cameras, distance and hands do to some of the faces; the others stay as they are.

    Apart from `augment`, so that a teacher can read the same faces before it.

    Args:
        faces: (n, s, s) uint8 grey.
        settings: how many, and which changes.
        rng: source of chance; the same state gives the same faces.

    Returns:
        (n, s, s) uint8, a new array.
    """
    out = faces.copy()
    if settings.degraded:
        for row in np.flatnonzero(rng.random(len(out)) < settings.degraded):
            kinds = rng.choice(len(_DEGRADATIONS), 1 + (rng.random() < _TWO), replace=False)
            for kind in kinds:
                out[row] = _DEGRADATIONS[kind](out[row], rng)
    if settings.erasing:
        _erase(out, settings.erasing, rng)
    if settings.covered:
        _cover(out, settings.covered, rng)
    return out


_TWO = 0.35
"""Share of the degraded faces that are degraded in two ways at once."""


def skewed(low: float, high: float, rng: np.random.Generator) -> float:
    """Between two degrees, mild ones (near ``low``) more often: evenly in the logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


_DEGRADATIONS = (
    lambda face, rng: blur(face, skewed(0.3, 3.0, rng)),
    lambda face, rng: noise(face, skewed(2, 40, rng), rng),
    lambda face, rng: low_light(face, 1 / skewed(1.2, 12, rng)),
    lambda face, rng: jpeg(face, 100 / skewed(1.6, 25, rng)),
    lambda face, rng: small(face, len(face) / skewed(1.0, 4.0, rng)),
)
"""Blur, noise, dim light, JPEG, few pixels: to degrees that include those of `robustness`."""


def _erase(faces: NDArray[np.uint8], probability: float, rng: np.random.Generator) -> None:
    side = faces.shape[1]
    for row in np.flatnonzero(rng.random(len(faces)) < probability):
        place = random_rectangle(side, (0.02, 0.25), 1.0, rng)
        faces[row][place] = rng.integers(0, 256, faces[row][place].shape, np.uint8)


def _cover(faces: NDArray[np.uint8], probability: float, rng: np.random.Generator) -> None:
    side = faces.shape[1]
    for row in np.flatnonzero(rng.random(len(faces)) < probability):
        faces[row][place_of_cover(side, rng)] = rng.integers(0, 256)


def place_of_cover(side: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Rows and columns of what a hand, a mask or a phone hides: 3 to 35 % of a face."""
    return random_rectangle(side, (0.03, 0.35), 0.6, rng)


def random_rectangle(
    side: int, shares: tuple[float, float], stretch: float, rng: np.random.Generator
) -> tuple[slice, slice]:
    """Rows and columns of a rectangle somewhere in a square picture.

    Args:
        side: of the picture, pixels.
        shares: of its area, the least and the most.
        stretch: the logarithm of height over width is between minus this and this.
        rng: source of chance.
    """
    area, ratio = rng.uniform(*shares) * side**2, np.exp(rng.uniform(-stretch, stretch))
    height = int(np.clip(np.sqrt(area * ratio), 1, side - 1))
    width = int(np.clip(np.sqrt(area / ratio), 1, side - 1))
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    return slice(top, top + height), slice(left, left + width)


def mix(batch: NDArray[np.float32], share: float, other: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mixup: each row of a batch (n, ...) blended with the row that ``other`` (n,) names."""
    own = np.float32(share)
    return own * batch + (1 - own) * batch[other]
