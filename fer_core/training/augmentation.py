"""Random changes of training faces, in numpy and OpenCV: the same on every Keras backend."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.analysis.corruptions import blur, jpeg, noise, small
from fer_core.training.recipe import Augmentation


def augment(
    faces: NDArray[np.uint8], settings: Augmentation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Change each face at random.

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
    shift = rng.uniform(-1, 1, (n, 2)) * settings.shift * side
    mirror = np.where(settings.flip & (rng.random(n) < 0.5), -1.0, 1.0)
    gain = 1 + rng.uniform(-1, 1, n) * settings.contrast
    lift = rng.uniform(-1, 1, n) * settings.brightness * 255
    out = np.empty_like(faces)
    centre = (side - 1) / 2
    for row in range(n):
        c, s = size[row] * np.cos(angle[row]), size[row] * np.sin(angle[row])
        linear = np.array([[c * mirror[row], -s], [s * mirror[row], c]])
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
    if settings.degraded:
        for chosen in np.flatnonzero(rng.random(n) < settings.degraded):
            out[chosen] = _degrade(out[chosen], rng)
    if settings.erasing:
        _erase(out, settings.erasing, rng)
    return out


def _degrade(face: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """What cameras and distance do to a face: one of four, to a random degree."""
    match rng.integers(4):
        case 0:
            return blur(face, rng.uniform(0.3, 1.5))
        case 1:
            return noise(face, rng.uniform(2, 20), rng)
        case 2:
            return small(face, rng.uniform(len(face) / 3, len(face)))
        case _:
            return jpeg(face, rng.uniform(10, 60))


def _erase(faces: NDArray[np.uint8], probability: float, rng: np.random.Generator) -> None:
    side = faces.shape[1]
    for row in np.flatnonzero(rng.random(len(faces)) < probability):
        area, ratio = rng.uniform(0.02, 0.25) * side**2, np.exp(rng.uniform(-1, 1))
        height = int(np.clip(np.sqrt(area * ratio), 1, side - 1))
        width = int(np.clip(np.sqrt(area / ratio), 1, side - 1))
        top, left = rng.integers(0, side - height), rng.integers(0, side - width)
        faces[row, top : top + height, left : left + width] = rng.integers(
            0, 256, (height, width), np.uint8
        )


def mix(
    faces: NDArray[np.float32], targets: NDArray[np.float32], alpha: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mixup: each face (n, ...) and target (n, 7) blended with another of the batch."""
    share = np.float32(rng.beta(alpha, alpha))
    other = rng.permutation(len(faces))
    return (
        share * faces + (1 - share) * faces[other],
        share * targets + (1 - share) * targets[other],
    )
