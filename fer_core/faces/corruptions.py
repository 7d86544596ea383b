"""What can go wrong between a face and a network: blur, noise, darkness and the like, by degrees.

Source of the idea: Hendrycks & Dietterich 2019, "Benchmarking Neural Network Robustness to Common
Corruptions and Perturbations" (arXiv:1903.12261); conditions and degrees here are our own, for
faces of 48x48 pixels as FER2013 has them.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError

Face = NDArray[np.uint8]
"""(h, w) uint8 grey."""

_SEED = 0

SMALL = "small"
"""The condition whose severity is the pixels a side with which a face was seen."""


def blur(face: Face, sigma_px: float) -> Face:
    """Gaussian blur; ``sigma_px`` is its standard deviation in pixels, 0 changes nothing."""
    if sigma_px <= 0:
        return face.copy()
    return np.asarray(
        cv2.GaussianBlur(face, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def noise(face: Face, sigma_levels: float, rng: np.random.Generator) -> Face:
    """Gaussian noise, independent in each pixel, with a standard deviation in grey levels."""
    return _grey(face + rng.normal(0.0, sigma_levels, face.shape))


def low_light(face: Face, light: float) -> Face:
    """Only the share ``light`` (0-1) of the light arrives; grey levels stay whole numbers."""
    return _grey(face * np.float64(light))


def jpeg(face: Face, quality: float) -> Face:
    """Written as JPEG of a quality (1-100) and read again.

    Raises:
        ContractError: ``face`` is not (h, w) uint8.
    """
    done, encoded = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE) if done else None
    if decoded is None:
        raise ContractError(
            "a face that JPEG cannot hold",
            where="jpeg",
            expected="(h, w) uint8",
            received=f"{face.shape} {face.dtype}",
        )
    return np.asarray(decoded, np.uint8)


def small(face: Face, side_px: float) -> Face:
    """Seen with only ``side_px`` pixels a side, then enlarged again as network input is."""
    side = max(1, round(side_px))
    seen = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(seen, face.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def rotate(face: Face, degrees: float) -> Face:
    """Turned in its plane about the middle, counter-clockwise; the border is repeated."""
    height, width = face.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(face, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def shift(face: Face, right: float, down: float) -> Face:
    """Moved by fractions of width and height; the border is repeated."""
    height, width = face.shape
    rows = np.clip(np.arange(height) - round(down * height), 0, height - 1)
    columns = np.clip(np.arange(width) - round(right * width), 0, width - 1)
    return np.asarray(face[rows[:, None], columns], np.uint8)


def cover(face: Face, share: float, x: float, y: float) -> Face:
    """A square of middle grey over a share (0-1) of the picture.

    Args:
        face: (h, w) uint8.
        share: of the picture's area.
        x, y: where it lies between left (0) and right (1), top (0) and bottom (1); always whole.
    """
    height, width = face.shape
    tall, wide = (round(np.sqrt(share) * side) for side in (height, width))
    top, left = round(y * (height - tall)), round(x * (width - wide))
    covered = face.copy()
    covered[top : top + tall, left : left + wide] = 128
    return covered


def _grey(values: NDArray[np.floating]) -> Face:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _either_way(face: Face, degrees: float, rng: np.random.Generator) -> Face:
    return rotate(face, degrees if rng.random() < 0.5 else -degrees)


def _any_way(face: Face, distance: float, rng: np.random.Generator) -> Face:
    angle = rng.uniform(0.0, 2 * np.pi)
    return shift(face, distance * np.cos(angle), distance * np.sin(angle))


def _anywhere(face: Face, share: float, rng: np.random.Generator) -> Face:
    return cover(face, share, rng.random(), rng.random())


@dataclass(frozen=True, slots=True)
class Condition:
    """One way in which faces get hard to read.

    Attributes:
        name: in files.
        title: for people.
        severities: stated degrees, the mildest first.
        words: one degree in words; ``{}`` takes the number.
        factor: what the number is multiplied by for the words, 100 for per cent.
        apply: face, severity and a source of chance -> face of the same shape.
    """

    name: str
    title: str
    severities: tuple[float, ...]
    words: str
    apply: Callable[[Face, float, np.random.Generator], Face]
    factor: float = 1.0

    def label(self, severity: float) -> str:
        """A degree for people: ``σ 2 px``."""
        return self.words.format(f"{severity * self.factor:g}")

    def generator(self, severity: float) -> np.random.Generator:
        """The source of chance for one degree: the same in every run, whatever else is measured."""
        return np.random.default_rng([_SEED, zlib.crc32(f"{self.name} {severity:g}".encode())])


CONDITIONS = (
    Condition("blur", "Blur", (1, 2, 3), "σ {} px", lambda face, by, _: blur(face, by)),
    Condition("noise", "Noise", (10, 20, 40), "σ {} levels", noise),
    Condition(
        "low_light",
        "Low light",
        (0.5, 0.25, 0.1),
        "{} % of the light",
        lambda face, by, _: low_light(face, by),
        factor=100,
    ),
    Condition("jpeg", "JPEG", (30, 15, 5), "quality {}", lambda face, by, _: jpeg(face, by)),
    Condition(SMALL, "Small face", (24, 16, 12), "{} px", lambda face, by, _: small(face, by)),
    Condition("rotation", "Rotation", (10, 20, 30), "{}° either way", _either_way),
    Condition(
        "off_centre", "Off centre", (0.05, 0.1, 0.2), "by {} % of its side", _any_way, factor=100
    ),
    Condition("covered", "Covered", (0.1, 0.2, 0.3), "{} % covered", _anywhere, factor=100),
)
"""What `evaluation.robustness` measures. Severities are for faces of 48x48 pixels."""


def condition_of(name: str) -> Condition | None:
    """A condition by its name; None where there is none (any more)."""
    return next((condition for condition in CONDITIONS if condition.name == name), None)


def corrupt(faces: NDArray[np.uint8], condition: Condition, severity: float) -> NDArray[np.uint8]:
    """All faces under one condition, each with its own chance; the same in every run.

    Args:
        faces: (n, h, w) uint8 grey.
        condition: one of `CONDITIONS`.
        severity: in the condition's own unit.

    Returns:
        (n, h, w) uint8.

    Raises:
        ContractError: pictures of another shape or type.
    """
    if faces.ndim != 3 or faces.dtype != np.uint8:
        raise ContractError(
            "grey faces are corrupted, nothing else",
            where="corrupt",
            expected="(n, h, w) uint8",
            received=f"{faces.shape} {faces.dtype}",
        )
    rng = condition.generator(severity)
    out = np.empty_like(faces)
    for row, face in enumerate(faces):
        out[row] = condition.apply(face, severity, rng)
    return out
