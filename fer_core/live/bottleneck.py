"""Which stage holds a live video back, from what was measured on it."""

from collections.abc import Mapping
from dataclasses import dataclass

ENOUGH = 0.8
"""Below this share of the camera's frames, what is read visibly lags behind."""

BUSY = 0.7
"""Where the stages fill less of the time than this, they are not what the video waits for."""

FEWEST_A_SECOND = 5.0
"""A camera in the dark, or a network, that sends less than this is the bottleneck itself."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Why fewer frames are read than come.

    Attributes:
        stage: the one that takes most of a frame's time; "" where all of them together leave the
            time unused, so that the machine is busy with something else.
        stage_ms: its median; 0 without a stage.
        total_ms: medians of all stages together, for one frame.
        arriving, read: frames a second.
    """

    stage: str
    stage_ms: float
    total_ms: float
    arriving: float
    read: float


def find_bottleneck(
    arriving: float, read: float, milliseconds: Mapping[str, float]
) -> Bottleneck | None:
    """Name what holds a video back.

    Args:
        arriving: frames a second that the camera sends.
        read: frames a second that were read.
        milliseconds: median of each stage, on the same seconds.

    Returns:
        None while enough is read, or too little is known.
    """
    if arriving < FEWEST_A_SECOND or read >= ENOUGH * arriving or not milliseconds or not read:
        return None
    total_ms = sum(milliseconds.values())
    if total_ms * read < BUSY * 1000:
        return Bottleneck("", 0.0, total_ms, arriving, read)
    stage = max(milliseconds, key=lambda name: milliseconds[name])
    return Bottleneck(stage, milliseconds[stage], total_ms, arriving, read)
