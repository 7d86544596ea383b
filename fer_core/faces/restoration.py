"""What a poor camera did to a face, undone by filters: dim light, noise, blur.

A network that learned from pictures of fair light and sharpness is given such pictures again. Each
step first looks whether it is needed, so that faces as FER2013 has them stay as they are; what each
is worth is measured by ``python -m benchmarks.restoration``.

Sources: Immerkaer 1996, "Fast Noise Variance Estimation", for the level of noise; Tomasi and
Manduchi 1998, bilateral filtering; Wiener's filter, with the width of the blur fitted to the
spectrum that faces have on average (Field 1987: natural images share it).
"""

import math
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE_PX = 48
"""The only size of face that the measures below are made for."""

FLAT_BELOW = 20.0
"""Spread of the grey levels (standard deviation) below which a face lies in dim light or fog: one
in a hundred training faces is below 25."""
_SPREAD, _LEAST_MEAN = 55.0, 110.0
"""What such a face is given: the spread of an ordinary face, and at least its mean grey."""

NOISY_FROM = 8.0
"""Level of noise (grey levels) from which a face is smoothed; nineteen in twenty training faces are
below it, most of them at 4."""
_SMOOTHED_LEVELS, _SMOOTHED_PX = 2.5, 1.5
"""Width of the bilateral filter: in levels of noise, and in pixels."""

BLURRED_FROM = 0.6
"""Square of the width of a blur (px²) from which it is undone."""
SOFT_BELOW = 1.2
"""Level of noise above which a face has edges: its spectrum need not be looked at."""
_LARGEST_GAIN = 5.0
_LARGEST_REST = 1.6
"""By how much (logarithm of the energy) any of the highest frequencies may exceed what a blurred
face has there. An enlarged face exceeds it: its pixels' edges would be sharpened, not the face."""


def filtered(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A face with fair light, little noise and sharp edges, as far as it can be had.

    Args:
        face: (48, 48) uint8 grey.

    Returns:
        (48, 48) uint8; the array that was given where nothing is needed.
    """
    lit = in_fair_light(face)
    return without_noise_and_blur(lit, noise_level(lit))


def without_noise_and_blur(face: NDArray[np.uint8], level: float) -> NDArray[np.uint8]:
    """A (48, 48) uint8 face of fair light and a known `noise_level`, smoothed or sharpened."""
    if level > NOISY_FROM:
        return np.asarray(
            cv2.bilateralFilter(face, 5, _SMOOTHED_LEVELS * level, _SMOOTHED_PX), np.uint8
        )
    return _sharpened(face) if level < SOFT_BELOW else face


def noise_level(face: NDArray[np.uint8]) -> float:
    """Standard deviation of the noise in a picture, grey levels; edges count a little, too.

    Args:
        face: (h, w) uint8 grey, at least 3 px each way.
    """
    rest = cv2.filter2D(face, cv2.CV_16S, _SECOND_DIFFERENCES)[1:-1, 1:-1]
    mean = float(np.abs(rest).mean())
    return math.sqrt(math.pi / 2) * mean / 6


_SECOND_DIFFERENCES = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def in_fair_light(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A flat (48, 48) uint8 face with the spread of an ordinary one; any other as it is."""
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(face))
    if not 0.5 <= deviation < FLAT_BELOW:  # below a half there is nothing but rounding
        return face
    gain = _SPREAD / deviation
    grey = face.astype(np.float32)
    return _levels((grey - mean) * gain + max(mean, _LEAST_MEAN))


def _sharpened(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    waves = cv2.dct(face.astype(np.float32))
    energy = np.log(_RINGS @ np.square(waves).ravel() + 1e-3)
    width_squared, rest = _fitted_blur(energy)
    if width_squared < BLURRED_FROM or rest > _LARGEST_REST:
        return face
    kept = np.exp(-_DECAY / 2 * width_squared * _RADIUS**2)
    noise = 1 / (2 * _LARGEST_GAIN) ** 2
    gain = kept / (kept**2 + noise) * (1 + noise)
    gain[0, 0] = 1.0
    return _levels(cv2.idct((waves * gain).astype(np.float32)))


def _fitted_blur(energy: NDArray[Any]) -> tuple[float, float]:
    """The blur that explains a spectrum best.

    Args:
        energy: (rings,) logarithm of the mean energy in each ring.

    Returns:
        Square of its width, px²; 0 where too little is left to tell. And by how much the highest
        frequencies exceed what that blur leaves.
    """
    seen = _FITTED & (energy > _FITTED_FROM)
    if np.count_nonzero(seen) < 3:
        return 0.0, 0.0
    weights = 1 / _SPECTRUM_SPREAD[seen]
    terms = np.stack([np.ones(len(weights)), -_DECAY * _RING_RADIUS[seen] ** 2], axis=1)
    missing = (energy - _SPECTRUM)[seen] * weights
    contrast, width_squared = np.linalg.lstsq(terms * weights[:, None], missing, rcond=None)[0]
    left = _SPECTRUM + contrast - width_squared * _DECAY * _RING_RADIUS**2
    rest = energy - np.logaddexp(left, _ROUNDING)
    return float(width_squared), float(rest[_HIGHEST].max())


def _levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


_DECAY = (math.pi / SIDE_PX) ** 2
"""A blur of ``w`` px leaves exp(-_DECAY w² r²) of the energy of r half periods a face."""

_RADIUS = np.hypot(*np.indices((SIDE_PX, SIDE_PX)))
_EDGES = (0.5, 1.5, 2.5, 3.5, 4.5, 6, 8, 10, 12.5, 15.5, 19, 23, 28, 34, 41, 70)
_MEMBERS = np.stack(
    [((low <= _RADIUS) & (high > _RADIUS)).ravel() for low, high in pairwise(_EDGES)]
)
_RINGS = (_MEMBERS / _MEMBERS.sum(axis=1, keepdims=True)).astype(np.float32)
_RING_RADIUS = _RINGS @ _RADIUS.ravel().astype(np.float32)

_SPECTRUM = np.array(
    [12.56, 12.49, 11.28, 10.93, 10.46, 10.00, 9.25, 8.63, 7.97, 7.42, 6.88, 6.31, 5.64, 4.86, 3.67]
)
_SPECTRUM_SPREAD = np.array(
    [1.21, 1.07, 0.93, 0.77, 0.69, 0.63, 0.61, 0.57, 0.56, 0.56, 0.57, 0.58, 0.60, 0.63, 0.68]
)
"""Logarithm of the energy in each ring: mean and standard deviation over the training faces."""

_FITTED = (_RING_RADIUS > 4) & (_RING_RADIUS < 22)
_HIGHEST = _RING_RADIUS > 24
_FITTED_FROM, _ROUNDING = 0.0, math.log(0.15)
"""Logarithms of energy: what is fitted has to stand above what rounding to whole levels leaves."""
