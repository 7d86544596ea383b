"""From pixels to network input: the only place where it happens.

Training, evaluation, photos and live video all come through `to_network_input`, so that a network
never meets pixels prepared in another way than those it learned from.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces.detection import Faces
from fer_core.faces.restoration import SIDE_PX, filtered
from fer_core.faces.restorer import restored

CROP_MARGIN = 0.0
"""The margin that networks are trained for: the square on a box's longer side, as it is.

Measured on PublicTest faces with YuNet and a half-trained compact network (63 % directly):
- The box is 0.98 times as high as a FER2013 picture is wide where the picture is all there is, and
  1.07 times where the face is pasted into a larger one; both centred on it to 1 % of its side, so
  a vertical offset gains nothing. FER2013's own framing varies by 16 % around that, and neither
  the box's width nor the landmarks predict it any better.
- Accuracy through detector and crop is flat from -0.06 to +0.06 (63.9 to 65.4 %) and falls outside
  (61.3 % at -0.10, 63.4 % at +0.10). Zero is the middle, so boxes that tremble cost least.
- With zero the whole picture as box is the direct path, pixel by pixel.

`evaluation.selftest` holds it, and a test holds that to the shipped network.
"""

Alignment = Literal["none", "roll"]
"""How a face is set right between box and network: ``"none"`` leaves the box as it is, ``"roll"``
sets it upright by the eyes, see `ROLL_FROM_DEGREES`."""

ALIGNMENT: Alignment = "roll"
"""The alignment that networks are trained for. FER2013's faces carry the tilt that they happen to
have, and training adds a little: 12 degrees and less, depending on the recipe."""

ROLL_FROM_DEGREES = 8.0
"""Faces whose eyes are tilted by more are set upright by ``"roll"``.

YuNet's eyes follow about a third of a tilt (8.8 degrees, median, of faces turned by 30). Accuracy
of `compact` on 1,500 PublicTest faces turned by 30 degrees rises by 5.0 points (3.1 to 7.0), by 20
degrees by 0.8 (-0.6 to 2.2), and of upright ones by -0.3 (-1.0 to 0.3), which are seldom concerned.
Turning by twice the eyes' tilt costs upright faces 0.8 points. ``python -m benchmarks.levelling``.
"""


class Restoration(StrEnum):
    """What is done to a face before it is read.

    ``camera`` undoes by filters what poor light, noise and blur did to it, see
    `fer_core.faces.restoration`; ``completed`` has a network complete what these leave, see
    `fer_core.faces.restorer`.
    """

    NONE = "none"
    CAMERA = "camera"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a network takes, as its card says.

    Attributes:
        side_px: width and height of the input, pixels.
        channels: 1 grey or 3 RGB.
        crop_margin: how far the square reaches past the detector's box on each side, as a
            fraction of the box's longer side; negative cuts into the box.
        alignment: what `crop_faces` does with a face that is tilted, see `Alignment`.
        restoration: what is done to a face that a camera saw badly, see `Restoration`.
    """

    side_px: int
    channels: int
    crop_margin: float
    alignment: Alignment = "none"
    restoration: Restoration = Restoration.NONE

    def __post_init__(self) -> None:
        if not (8 <= self.side_px <= 512 and self.channels in (1, 3)):
            raise ContractError(
                "impossible network input",
                where="InputSpec",
                expected="side_px 8 to 512, channels 1 or 3",
                received=f"side_px {self.side_px}, channels {self.channels}",
            )
        if not -0.4 <= self.crop_margin <= 1.0:
            raise ContractError(
                "impossible crop margin",
                where="InputSpec.crop_margin",
                expected="-0.4 to 1.0",
                received=self.crop_margin,
            )
        if self.alignment not in get_args(Alignment):
            raise ContractError(
                "unknown alignment",
                where="InputSpec.alignment",
                expected=" or ".join(get_args(Alignment)),
                received=self.alignment,
            )
        if self.restoration != Restoration.NONE and self.shape != (SIDE_PX, SIDE_PX, 1):
            raise ContractError(
                "faces of this size cannot be restored",
                where="InputSpec.restoration",
                expected=f"side_px {SIDE_PX}, channels 1",
                received=f"side_px {self.side_px}, channels {self.channels}",
                remedy="Set restoration to none, or take a network with such an input.",
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(side, side, channels)."""
        return self.side_px, self.side_px, self.channels


def trained_input(side_px: int, channels: int) -> InputSpec:
    """The input of a network that is trained here: this module's margin and alignment."""
    return InputSpec(side_px, channels, CROP_MARGIN, ALIGNMENT)


def to_network_input(patch: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.uint8]:
    """One face picture as network input.

    Args:
        patch: (h, w) grey or (h, w, 3) RGB uint8, a face filling the picture as in FER2013.
        spec: the network's input.

    Returns:
        (side, side, channels) uint8, 0-255; scaling to the network's range is inside its graph.
    """
    fitted: NDArray[Any] = patch
    # Colour is dropped before resizing: a third of the work.
    if spec.channels == 1 and patch.ndim == 3:
        fitted = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
    elif spec.channels == 3 and patch.ndim == 2:
        fitted = cv2.cvtColor(patch, cv2.COLOR_GRAY2RGB)
    if fitted.shape[:2] != (spec.side_px, spec.side_px):
        # Area averaging alone does not alias when a face shrinks; it cannot enlarge smoothly.
        shrinks = min(fitted.shape[:2]) >= spec.side_px
        fitted = cv2.resize(
            fitted,
            (spec.side_px, spec.side_px),
            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
        )
    if spec.restoration != Restoration.NONE:
        restore = restored if spec.restoration == Restoration.COMPLETED else filtered
        fitted = restore(np.asarray(fitted, np.uint8))
    return fitted.reshape(spec.shape)


def to_network_inputs(patches: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.uint8]:
    """`to_network_input` over (n, h, w) grey patches: (n, side, side, channels) uint8."""
    out = np.empty((len(patches), *spec.shape), np.uint8)
    for row, patch in enumerate(patches):
        out[row] = to_network_input(patch, spec)
    return out


def _square(box: NDArray[np.float32], margin: float) -> tuple[float, float, int]:
    """Centre x, y and side of the square around a box, pixels."""
    x, y, width, height = (float(value) for value in box)
    side = max(2, round(max(width, height) * (1.0 + 2.0 * margin)))
    return x + width / 2, y + height / 2, side


def crop_square(
    image: NDArray[np.uint8], box: NDArray[np.float32], margin: float
) -> NDArray[np.uint8]:
    """The square around a box, as pixels; past the image's edge its border is repeated.

    Args:
        image: (h, w, 3) uint8 RGB.
        box: (4,) float32 x, y, width, height in pixels.
        margin: see `InputSpec.crop_margin`.

    Returns:
        (s, s, 3) uint8 with s >= 2.
    """
    x, y, side = _square(box, margin)
    left, top = round(x - side / 2), round(y - side / 2)
    rows = np.clip(np.arange(top, top + side), 0, image.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, image.shape[1] - 1)
    if top >= 0 and left >= 0 and top + side <= image.shape[0] and left + side <= image.shape[1]:
        return image[top : top + side, left : left + side]  # the usual case, without a copy
    return image[rows[:, None], columns[None, :]]


def roll_degrees(landmarks: NDArray[np.float32]) -> float:
    """How far a face is tilted, by the line between its eyes.

    Args:
        landmarks: (5, 2) float32, see `Faces`; the eye on the picture's left comes first.

    Returns:
        Degrees clockwise as one sees it, -180 to 180; 0 where landmarks are NaN.
    """
    dx, dy = (float(value) for value in landmarks[1] - landmarks[0])
    return math.degrees(math.atan2(dy, dx)) if math.isfinite(dx + dy) else 0.0


def align_roll(
    image: NDArray[np.uint8], box: NDArray[np.float32], margin: float, roll: float
) -> NDArray[np.uint8]:
    """`crop_square` of a face set upright about its box's centre.

    Args:
        image, box, margin: as for `crop_square`.
        roll: how far the face is tilted, degrees clockwise.

    Returns:
        (s, s, 3) uint8 with s >= 2; what lies past the image's edge repeats its border.
    """
    x, y, side = _square(box, margin)
    turn = cv2.getRotationMatrix2D((x, y), roll, 1.0)
    turn[0, 2] += side / 2 - x
    turn[1, 2] += side / 2 - y
    return np.asarray(
        cv2.warpAffine(
            image, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def crop_faces(image: NDArray[np.uint8], faces: Faces, spec: InputSpec) -> NDArray[np.uint8]:
    """All faces of an image as one batch of network input, aligned as the network's card says.

    Args:
        image: (h, w, 3) uint8 RGB.
        faces: what a detector found in it.
        spec: the network's input.

    Returns:
        (n, side, side, channels) uint8 in the order of ``faces``; (0, side, side, channels)
        without faces.
    """
    out = np.empty((len(faces), *spec.shape), np.uint8)
    for row, box in enumerate(faces.boxes):
        roll = roll_degrees(faces.landmarks[row]) if spec.alignment == "roll" else 0.0
        if abs(roll) < ROLL_FROM_DEGREES:
            patch = crop_square(image, box, spec.crop_margin)
        else:
            patch = align_roll(image, box, spec.crop_margin, roll)
        out[row] = to_network_input(patch, spec)
    return out
