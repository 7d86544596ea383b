"""What filters cannot give back, completed by a network: hidden parts, few pixels, JPEG's blocks.

The network is asked only where something is wrong with a face, so that ordinary ones stay as they
are and cost little. ``python -m fer_core restorer`` trained it; what it is worth is measured by
``python -m benchmarks.restoration``.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from fer_core.errors import ModelError, in_one_line
from fer_core.faces.restoration import (
    NOISY_FROM,
    SOFT_BELOW,
    in_fair_light,
    noise_level,
    without_noise_and_blur,
)
from fer_core.onnx_session import open_session

RESTORER_FILE = Path(__file__).with_name("restorer.onnx")
"""(n, 48, 48, 1) float32 0-255 -> the same. Other weights are another `Restoration`."""

BLOCKY_FROM = 1.35
"""How much steeper steps between JPEG's blocks are than within them: of training faces one in a
hundred is above this, of those written with quality 15 nine in ten."""
HIDDEN_FROM = 0.05
"""Share of a face without any detail: one training face in thirty has as much; a tenth that
is covered by one grey counts .06."""
_DETAIL = np.ones((5, 5), np.uint8)


def restored(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A face as it likely was before camera, distance and hands.

    Args:
        face: (48, 48) uint8 grey.

    Returns:
        (48, 48) uint8; the array that was given where nothing is needed.

    Raises:
        ModelError: the network's file is missing or damaged.
    """
    lit = in_fair_light(face)
    level = noise_level(lit)
    clearer = without_noise_and_blur(lit, level)
    return clearer if _is_ordinary(lit, level) else completed(clearer)


def is_ordinary(face: NDArray[np.uint8]) -> bool:
    """Whether a (48, 48) uint8 face, in fair light, is sharp and has no noise, blocks or cover."""
    lit = in_fair_light(face)
    return _is_ordinary(lit, noise_level(lit))


def _is_ordinary(face: NDArray[np.uint8], level: float) -> bool:
    return (
        SOFT_BELOW <= level <= NOISY_FROM
        and blockiness(face) < BLOCKY_FROM
        and share_without_detail(face) < HIDDEN_FROM
    )


def blockiness(face: NDArray[np.uint8]) -> float:
    """Mean step between the 8x8 px blocks of a (h, w) uint8 picture over the mean step in them."""
    between, within = 0.0, 0.0
    for steps, axis in (
        (cv2.absdiff(face[1:], face[:-1]), 1),
        (cv2.absdiff(face[:, 1:], face[:, :-1]), 0),
    ):
        lines = steps.mean(axis=axis)
        edges = lines[7::8]
        between += float(edges.mean())
        within += float(lines.sum() - edges.sum()) / (len(lines) - len(edges))
    return between / (within + 1e-3)


def share_without_detail(face: NDArray[np.uint8]) -> float:
    """Share of the pixels of a (h, w) uint8 picture around which 5x5 px are one level apart."""
    spread = cv2.subtract(cv2.dilate(face, _DETAIL), cv2.erode(face, _DETAIL))[2:-2, 2:-2]
    return float(np.count_nonzero(spread <= 1)) / spread.size


def completed(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the network makes of a (48, 48) uint8 face, whatever it looks like.

    Raises:
        ModelError: its file is missing or damaged.
    """
    session = _session(RESTORER_FILE)
    faces = face[None, ..., None].astype(np.float32)
    whole = session.run(None, {session.get_inputs()[0].name: faces})[0][0, ..., 0]
    return np.asarray(np.clip(np.rint(whole), 0, 255), np.uint8)


@cache
def _session(path: Path) -> onnxruntime.InferenceSession:
    try:
        return open_session(path.read_bytes())
    except Exception as error:  # ONNX Runtime raises a dozen unrelated types here
        raise ModelError(
            "the network that restores faces cannot be loaded",
            where=path,
            received=in_one_line(error),
            remedy="Install Mien again: the file comes with it.",
        ) from error
