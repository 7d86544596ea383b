"""A drawn face that changes its expression: the live page for people without a camera.

Drawn by code, so that no picture of a person is in the project. It is shaded like a photograph,
because face detectors look for the light and dark of eyes, nose and mouth.
"""

import math
from dataclasses import astuple, dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion

WIDTH, HEIGHT = 640, 480
HOLD_S, CHANGE_S = 2.4, 0.5
"""How long an expression stays, and how long the change to the next one takes."""

_FACE_LEFT, _FACE_TOP, _FACE_SIDE = 165, 97, 300
"""The square in which YuNet finds the face of `draw_face`."""

_ROOM = 24  # pixels around the picture, into which the view sways
_FINE = 4  # fractional bits of OpenCV's coordinates
_SKIN, _LIPS, _HAIR = (224, 176, 144), (176, 84, 80), (58, 42, 34)


@dataclass(frozen=True, slots=True)
class Pose:
    """What an expression does to the drawn face; each value 0 at rest, about -1 to 1.

    Attributes:
        smile: corners of the mouth up, or down below 0.
        gape: mouth open.
        wide: mouth wider, or narrower below 0.
        brows: raised, or lowered below 0.
        frown: inner ends of the brows down, or up below 0.
        eyes: opened wide, or narrowed below 0.
        sneer: upper lip and wings of the nose raised.
    """

    smile: float = 0.0
    gape: float = 0.0
    wide: float = 0.0
    brows: float = 0.0
    frown: float = 0.0
    eyes: float = 0.0
    sneer: float = 0.0


POSES = {
    Emotion.NEUTRAL: Pose(wide=0.15, frown=0.3, eyes=-0.5),
    Emotion.HAPPY: Pose(smile=1.4, gape=0.8, wide=1.05, brows=0.9, frown=0.15, eyes=-0.7),
    Emotion.SURPRISE: Pose(gape=1.0, wide=-0.45, brows=1.0, eyes=0.9),
    Emotion.SAD: Pose(
        smile=-0.3, gape=-0.15, wide=0.35, brows=0.1, frown=-1.1, eyes=-1.1, sneer=0.3
    ),
    Emotion.ANGRY: Pose(
        smile=-0.6, gape=-0.2, wide=0.2, brows=-1.4, frown=1.25, eyes=-0.2, sneer=0.95
    ),
    Emotion.FEAR: Pose(smile=-0.35, gape=0.2, wide=1.0, brows=0.25, frown=-1.0, eyes=0.85),
    Emotion.DISGUST: Pose(smile=-1.1, gape=0.2, brows=-0.75, frown=0.35, eyes=-0.85, sneer=0.85),
}
"""The expressions in the order of the loop, and how each is drawn: so that a trained network reads
most of them as what they are meant to be."""

LOOP_S = len(POSES) * (HOLD_S + CHANGE_S)


def expression_at(time_s: float) -> Emotion:
    """The expression drawn (or being changed to) at a time; it repeats after `LOOP_S`."""
    return tuple(POSES)[int(time_s % LOOP_S / (HOLD_S + CHANGE_S))]


def pose_at(time_s: float) -> Pose:
    """The pose at a time: each expression glides in from the one before, then holds."""
    order = tuple(POSES)
    step, within_s = divmod(time_s % LOOP_S, HOLD_S + CHANGE_S)
    share = min(1.0, within_s / CHANGE_S)
    share = share * share * (3 - 2 * share)
    before, after = astuple(POSES[order[int(step) - 1]]), astuple(POSES[order[int(step)]])
    return Pose(*(old + share * (new - old) for old, new in zip(before, after, strict=True)))


def _points(rows: list[tuple[float, float]]) -> NDArray[np.int32]:
    return np.round(np.array(rows) * (1 << _FINE)).astype(np.int32).reshape(-1, 1, 2)


def _fill(
    image: NDArray[np.uint8], rows: list[tuple[float, float]], colour: tuple[int, int, int]
) -> None:
    cv2.fillPoly(image, [_points(rows)], colour, cv2.LINE_AA, _FINE)


def _stroke(
    image: NDArray[np.uint8],
    rows: list[tuple[float, float]],
    colour: tuple[int, int, int],
    thickness: int,
) -> None:
    cv2.polylines(image, [_points(rows)], False, colour, thickness, cv2.LINE_AA, _FINE)


def _arc(
    centre: tuple[float, float], radii: tuple[float, float], start: float, end: float, n: int = 24
) -> list[tuple[float, float]]:
    angles = np.linspace(start, end, n)
    return [
        (centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle))
        for angle in angles
    ]


@lru_cache(maxsize=1)
def _still() -> NDArray[np.uint8]:
    """What does not move: wall, shoulders, hair and the shaded head, with room to sway."""
    height, width = HEIGHT + 2 * _ROOM, WIDTH + 2 * _ROOM
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wall = 205 - 60 * ((x / width - 0.35) ** 2 + (y / height - 0.3) ** 2)[..., None]
    image = np.clip(wall * np.array([0.96, 1.0, 1.03], np.float32), 0, 255).astype(np.uint8)
    cx, cy = width / 2, height / 2 - 6
    _fill(image, _arc((cx, cy + 300), (235, 150), math.pi, 2 * math.pi), (62, 84, 112))
    neck = [(cx - 50, cy + 90), (cx + 50, cy + 90), (cx + 58, cy + 166), (cx - 58, cy + 166)]
    _fill(image, neck, (196, 148, 118))
    _fill(image, _arc((cx, cy + 165), (58, 24), 0, math.pi), (196, 148, 118))
    _fill(image, _arc((cx, cy - 38), (136, 152), 0, 2 * math.pi, 48), _HAIR)
    for side in (-1, 1):
        _fill(image, _arc((cx + side * 122, cy + 6), (17, 34), 0, 2 * math.pi), (206, 156, 126))
    head = np.zeros((height, width), np.uint8)
    _fill(head, _arc((cx, cy + 8), (120, 158), 0, 2 * math.pi, 64), 255)  # type: ignore[arg-type]
    # Light falls from above in front: forehead, cheeks and nose bright, temples and chin darker.
    light = 1.06 - 0.30 * ((x - cx) / 120) ** 2 - 0.16 * np.clip((y - cy) / 158, -1, 1) ** 2
    for px, py, sx, sy, gain in (
        (0, -8, 11, 46, 0.10),  # bridge of the nose
        (-62, 44, 34, 28, 0.07), (62, 44, 34, 28, 0.07),  # cheeks
        (-46, -38, 40, 20, -0.22), (46, -38, 40, 20, -0.22),  # eye sockets
        (0, 62, 30, 8, -0.14),  # under the nose
        (0, 118, 34, 8, -0.10),  # under the lip
    ):  # fmt: skip
        light += gain * np.exp(-(((x - cx - px) / sx) ** 2 + ((y - cy - py) / sy) ** 2))
    skin = np.clip(light[..., None] * np.array(_SKIN, np.float32), 0, 255)
    share = (cv2.GaussianBlur(head, (0, 0), 2).astype(np.float32) / 255)[..., None]
    image = (share * skin + (1 - share) * image).astype(np.uint8)
    _fill(
        image,
        [
            *_arc((cx, cy - 70), (122, 92), math.pi, 2 * math.pi),
            (cx + 96, cy - 88),
            (cx + 20, cy - 112),
            (cx - 70, cy - 100),
        ],
        _HAIR,
    )
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8)


def draw_face(pose: Pose, sway: tuple[int, int] = (0, 0)) -> NDArray[np.uint8]:
    """The drawn person in a pose.

    Args:
        pose: the expression.
        sway: how far the view is moved, pixels, each within 24.

    Returns:
        (480, 640, 3) uint8 RGB.
    """
    image = _still().copy()
    cx, cy = image.shape[1] / 2, image.shape[0] / 2 - 6
    for side in (-1, 1):
        _eye(image, cx + side * 47, cy - 26, side, pose)
    _nose(image, cx, cy, pose)
    _mouth(image, cx, cy + 88, pose)
    dx, dy = (int(np.clip(value, -_ROOM, _ROOM)) + _ROOM for value in sway)
    view = image[dy : dy + HEIGHT, dx : dx + WIDTH]
    return np.asarray(cv2.GaussianBlur(view, (3, 3), 0), np.uint8)


def _eye(image: NDArray[np.uint8], x: float, y: float, side: int, pose: Pose) -> None:
    up, down = 11 + 7 * pose.eyes, 8 + 3 * pose.eyes - 2 * max(pose.smile, 0)
    upper = _arc((x, y), (24, up), math.pi, 2 * math.pi)
    lower = _arc((x, y), (24, down), 0, math.pi)
    _fill(image, upper + lower, (238, 234, 230))
    iris = [
        (px, min(max(py, y - up + 1), y + down - 1))
        for px, py in _arc((x, y - 1), (10.5, 10.5), 0, 2 * math.pi)
    ]
    _fill(image, iris, (74, 56, 42))
    _fill(image, _arc((x, y - 1), (4.5, min(4.5, down)), 0, 2 * math.pi), (16, 12, 10))
    _fill(image, _arc((x + 3, y - 4), (2, 2), 0, 2 * math.pi, 8), (250, 250, 250))
    _stroke(image, upper, (48, 32, 26), 4)
    _stroke(image, lower, (150, 108, 88), 2)
    # The brow runs from its inner to its outer end.
    brow_y = y - 30 - 13 * pose.brows
    inner, outer = brow_y + 11 * pose.frown, brow_y + 3 - 5 * pose.frown
    near, far = x - side * 27, x + side * 32
    rows = [(near, inner), (x - side * 4, (inner + outer) / 2 - 6), (far, outer + 5)]
    _stroke(image, rows, _HAIR, 8)
    if pose.frown > 0.2:
        _stroke(
            image, [(near - side * 9, inner - 8), (near - side * 8, inner + 6)], (150, 104, 82), 2
        )


def _nose(image: NDArray[np.uint8], cx: float, cy: float, pose: Pose) -> None:
    lift = 5 * pose.sneer
    for side in (-1, 1):
        _fill(
            image,
            _arc((cx + side * 11, cy + 46 - lift), (6.5, 4), 0, 2 * math.pi, 14),
            (116, 70, 58),
        )
        _stroke(
            image,
            _arc(
                (cx + side * 17, cy + 42 - lift),
                (9, 10),
                -0.4 * math.pi if side > 0 else 0.6 * math.pi,
                0.4 * math.pi if side > 0 else 1.4 * math.pi,
                10,
            ),
            (172, 122, 98),
            3,
        )
        if pose.sneer > 0.2 or pose.smile > 0.3:
            depth = int(190 - 40 * max(pose.sneer, pose.smile))
            _stroke(
                image,
                [(cx + side * 28, cy + 44), (cx + side * 50, cy + 68), (cx + side * 54, cy + 84)],
                (depth, depth - 50, depth - 74),
                3,
            )
    if pose.sneer > 0.2:
        for row in range(3):
            _stroke(
                image,
                [(cx - 9, cy - 16 + 8 * row), (cx + 9, cy - 16 + 8 * row)],
                (176, 126, 102),
                2,
            )


def _mouth(image: NDArray[np.uint8], x: float, y: float, pose: Pose) -> None:
    half = 38 + 14 * pose.wide
    corner = y - 15 * pose.smile
    gap = 30 * pose.gape
    middle = y + 5 * pose.smile - 7 * pose.sneer
    share = np.linspace(-1, 1, 25)

    def line(at: float, bulge: float) -> list[tuple[float, float]]:
        # A parabola through both corners of the mouth and a point on its middle axis.
        return [(x + half * s, corner + (at + bulge - corner) * (1 - s * s)) for s in share]

    top = line(middle - gap * 0.35, -9)
    inner_top = line(middle - gap * 0.35, 0)
    inner_bottom = line(middle + gap, 1.5)
    bottom = line(middle + gap, 12)
    _fill(image, top + inner_top[::-1], _LIPS)
    _fill(image, inner_bottom + bottom[::-1], (192, 100, 94))
    if pose.gape > 0.05:
        _fill(image, inner_top + inner_bottom[::-1], (58, 22, 24))
        if pose.smile > 0 or pose.sneer > 0 or pose.wide > 0.3:
            teeth = line(middle - gap * 0.35, min(12.0, gap * 0.7))
            _fill(image, inner_top + teeth[::-1], (240, 236, 228))
    else:
        _stroke(image, inner_top, (96, 44, 44), 3)


def demo_frame(time_s: float) -> NDArray[np.uint8]:
    """The demo's picture at a time.

    Returns:
        (480, 640, 3) uint8 RGB.
    """
    sway = round(14 * math.sin(0.9 * time_s)), round(8 * math.sin(1.3 * time_s + 1))
    return draw_face(pose_at(time_s), sway)


def cropped_face(pose: Pose) -> NDArray[np.uint8]:
    """The drawn face alone, as FER2013 has faces: (48, 48) uint8 grey, filled by the face."""
    view = draw_face(pose)[_FACE_TOP : _FACE_TOP + _FACE_SIDE, _FACE_LEFT : _FACE_LEFT + _FACE_SIDE]
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (48, 48), interpolation=cv2.INTER_AREA), np.uint8)
