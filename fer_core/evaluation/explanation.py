"""Why a network names a face as it does: activation maps, hidden parts, and pictures of both.

A face here is a square of grey or RGB pixels of any side: FER2013's own, 48 pixels wide, or a crop
as the network takes it (`faces.crop_faces`). Lengths are in pixels of a face 48 pixels wide.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces import corruptions, to_network_input
from fer_core.zoo import Classifier

FACE_PX = 48
"""Side of FER2013's faces, in whose pixels lengths are given."""

PATCH_PX, STEP_PX = 12, 4
"""Side of the grey patch that hides a part of a face, and by how much it moves."""

_FOR, _AGAINST = (47, 111, 196), (219, 133, 52)
_STRONGEST = 0.72
"""How much of the face the strongest colour covers."""


@dataclass(frozen=True, slots=True)
class Perturbation:
    """What is done to a face before it is read; the defaults do nothing.

    Attributes:
        blur_px: standard deviation of a Gaussian, pixels of a 48-pixel face.
        noise_levels: standard deviation, grey levels.
        light: share of the light that arrives, 0-1.
        degrees: rotation, counter-clockwise.
        covered: share of the picture under a grey square, 0-1.
        cover_y: where that lies, 0 top to 1 bottom.
    """

    blur_px: float = 0.0
    noise_levels: float = 0.0
    light: float = 1.0
    degrees: float = 0.0
    covered: float = 0.0
    cover_y: float = 0.5

    def apply(self, face: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A face as it arrives: turned and covered, then dark, blurred and noisy.

        Args:
            face: (s, s) or (s, s, 3) uint8; in colour, all three channels alike.

        Returns:
            Of the same shape.
        """
        if face.ndim == 3:
            return np.dstack([self.apply(face[..., channel].copy()) for channel in range(3)])
        out = corruptions.rotate(face, self.degrees) if self.degrees else face
        if self.covered:
            out = corruptions.cover(out, self.covered, 0.5, self.cover_y)
        if self.light < 1:
            out = corruptions.low_light(out, self.light)
        out = corruptions.blur(out, self.blur_px * len(face) / FACE_PX)
        if self.noise_levels:
            out = corruptions.noise(out, self.noise_levels, np.random.default_rng(0))
        return out


def read_face(classifier: Classifier, face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Calibrated probabilities (7,) of one (s, s) or (s, s, 3) uint8 face."""
    _check(face)
    return np.asarray(classifier.predict(_fitted([face], classifier)).probabilities[0], np.float32)


COVER_PLACES = {"forehead": 0.0, "eyes": 0.35, "nose": 0.6, "mouth": 1.0}
"""Parts of an upright face that fills its picture, and `Perturbation.cover_y` over each."""

COVERED = 0.2
"""Share of the picture that hides one of them."""


@dataclass(frozen=True, slots=True)
class TellingPart:
    """The part of a face without which its class loses most.

    Attributes:
        place: one of `COVER_PLACES`.
        emotion: the likeliest class of the whole face.
        whole, hidden: its probability without and with the part covered, 0-1.
        then: the likeliest class with the part covered.
    """

    place: str
    emotion: Emotion
    whole: float
    hidden: float
    then: Emotion


def telling_part(classifier: Classifier, face: NDArray[np.uint8]) -> TellingPart:
    """Cover forehead, eyes, nose and mouth in turn, and say what costs the likeliest class most.

    Args:
        classifier: the network.
        face: (s, s) or (s, s, 3) uint8.
    """
    whole = read_face(classifier, face)
    emotion = Emotion(int(whole.argmax()))
    read = {
        place: read_face(classifier, Perturbation(covered=COVERED, cover_y=down).apply(face))
        for place, down in COVER_PLACES.items()
    }
    place = min(read, key=lambda place: float(read[place][emotion]))
    return TellingPart(
        place,
        emotion,
        float(whole[emotion]),
        float(read[place][emotion]),
        Emotion(int(read[place].argmax())),
    )


def face_maps(classifier: Classifier, face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Activation maps (7, h, w) of one (s, s) or (s, s, 3) uint8 face; see `zoo.MAPS_NAME`."""
    _check(face)
    _, maps = classifier.activation_maps(_fitted([face], classifier))
    return np.asarray(maps[0], np.float32)


def occlusion_map(
    classifier: Classifier,
    face: NDArray[np.uint8],
    emotion: Emotion,
    *,
    patch_px: int = PATCH_PX,
    step_px: int = STEP_PX,
) -> NDArray[np.float32]:
    """How much a class loses when a middle grey patch hides a part of the face.

    Source: Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks"
    (arXiv:1311.2901), section 4.2.

    Args:
        classifier: the network.
        face: (s, s) or (s, s, 3) uint8.
        emotion: whose probability is watched.
        patch_px: side of the patch, where the face is 48 pixels wide.
        step_px: how far it moves at a time, likewise.

    Returns:
        (rows, columns) float32 in -1 to 1: probability without the patch minus with it, one value
        for each place of the patch, from top left.
    """
    _check(face)
    scale = len(face) / FACE_PX
    strips = [
        slice(round(place * scale), round((place + patch_px) * scale))
        for place in range(0, FACE_PX - patch_px + 1, step_px)
    ]
    hidden = np.repeat(face[None], len(strips) ** 2, axis=0)
    for row, down in enumerate(strips):
        for column, across in enumerate(strips):
            hidden[row * len(strips) + column, down, across] = 128
    shares = classifier.predict(_fitted(hidden, classifier)).probabilities[:, emotion]
    before = read_face(classifier, face)[emotion]
    return np.asarray(before - shares.reshape(len(strips), len(strips)), np.float32)


def occlusion_over_face(
    losses: NDArray[np.float32], *, patch_px: int = PATCH_PX
) -> NDArray[np.float32]:
    """An occlusion map spread over the face that it belongs to.

    Args:
        losses: (rows, rows), as `occlusion_map` gives them.
        patch_px: side of the patch.

    Returns:
        (48, 48) float32: at each pixel the mean loss over all places of the patch that hid it; 0
        where it never was hidden.
    """
    step = (FACE_PX - patch_px) // max(len(losses) - 1, 1)
    total, count = np.zeros((2, FACE_PX, FACE_PX), np.float32)
    for row, values in enumerate(losses):
        for column, loss in enumerate(values):
            area = np.s_[
                row * step : row * step + patch_px, column * step : column * step + patch_px
            ]
            total[area] += loss
            count[area] += 1
    return np.asarray(total / np.maximum(count, 1), np.float32)


def overlay(
    face: NDArray[np.uint8], values: NDArray[np.float32], scale: float, *, side_px: int = 192
) -> NDArray[np.uint8]:
    """A face with values drawn over it: blue above zero, orange below.

    Args:
        face: (s, s) or (s, s, 3) uint8; drawn in grey, so that the two colours stand out.
        values: (h, w) of any size, spread over the whole face.
        scale: the value, above 0, with the strongest colour.
        side_px: of the picture.

    Returns:
        (side, side, 3) uint8 RGB.
    """
    _check(face)
    if face.ndim == 3:
        face = np.asarray(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), np.uint8)
    size = (side_px, side_px)
    grey = cv2.resize(face, size, interpolation=cv2.INTER_CUBIC)[..., None].astype(np.float32)
    spread = cv2.resize(np.asarray(values, np.float32), size, interpolation=cv2.INTER_LINEAR)[
        ..., None
    ]
    share = np.clip(np.abs(spread) / max(scale, 1e-9), 0, 1) * _STRONGEST
    colour = np.where(spread >= 0, np.array(_FOR, np.float32), np.array(_AGAINST, np.float32))
    return np.asarray(np.rint((1 - share) * grey + share * colour), np.uint8)


def tiles(
    maps: NDArray[np.float32], *, tile_px: int, columns: int, gap_px: int = 4, signed: bool = False
) -> NDArray[np.uint8]:
    """Pictures of equal size side by side, each with its own contrast.

    Args:
        maps: (n, h, w), n >= 1.
        tile_px: side of each.
        columns: at most so many in a row.
        gap_px: transparent, so that the page's own colour shows, light or dark.
        signed: zero is middle grey; else the lowest value is black.

    Returns:
        (height, width, 4) uint8 RGBA.
    """
    columns = min(columns, len(maps))
    pitch = tile_px + gap_px
    rows = math.ceil(len(maps) / columns)
    out = np.zeros((rows * pitch - gap_px, columns * pitch - gap_px, 4), np.uint8)
    for index, values in enumerate(maps):
        if signed:
            low, high = -float(np.abs(values).max()), float(np.abs(values).max())
        else:
            low, high = float(values.min()), float(values.max())
        levels = np.asarray(255 * (values - low) / max(high - low, 1e-9), np.uint8)
        top, left = index // columns * pitch, index % columns * pitch
        tile = out[top : top + tile_px, left : left + tile_px]
        tile[..., :3] = cv2.resize(levels, (tile_px, tile_px), interpolation=cv2.INTER_NEAREST)[
            ..., None
        ]
        tile[..., 3] = 255
    return out


def _fitted(faces: Iterable[NDArray[np.uint8]], classifier: Classifier) -> NDArray[np.uint8]:
    return np.stack([to_network_input(face, classifier.card.input) for face in faces])


def _check(face: NDArray[np.uint8]) -> None:
    side = len(face)
    if face.shape not in ((side, side), (side, side, 3)) or face.dtype != np.uint8:
        raise ContractError(
            "not one face",
            where="evaluation.explanation",
            expected="(s, s) or (s, s, 3) uint8",
            received=f"{face.shape} {face.dtype}",
        )
