"""Composed pictures and videos of which it is known where every face is.

Heads are cut out of one picture and pasted into frames: moving, crossing, hidden by a bar, small,
turned, many. Tests and measurements compare what the engine finds with what was pasted. The heads
are the drawn face of `demo`; any other picture can be cut out as well.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.synthetic.face import HEIGHT, POSES, WIDTH, Pose, draw_face

_WALL = (196, 200, 206)
_BAR = (92, 78, 66)

# The drawn head in `draw_face`'s pixels: ellipses (centre x, y, radii) of hair, head and ears, and
# the face from the hairline to the chin (x, y, width, height).
_HEAD = ((320, 196, 136, 152), (320, 242, 120, 158), (198, 240, 17, 34), (442, 240, 17, 34))
_FACE = (200.0, 122.0, 240.0, 278.0)


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A head to be pasted.

    Attributes:
        picture: (h, w, 3) uint8 RGB.
        alpha: (h, w) float32, 1 where the head is.
        face: x, y, width, height of the face in the picture, pixels: hairline to chin.
    """

    picture: NDArray[np.uint8]
    alpha: NDArray[np.float32]
    face: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A head in a frame.

    Attributes:
        head: number of the cutout, which is also who it is.
        x, y: centre of the face, pixels.
        height: of the face, pixels.
        degrees: turned in the picture's plane, anticlockwise.
    """

    head: int
    x: float
    y: float
    height: float
    degrees: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A board in front of everybody: x, y, width, height in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """A frame and the truth about it.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        heads: who each of the n faces is.
        boxes: (n, 4) float32 x, y, width, height of each face, hidden parts included. A turned
            face's box is the one around its ellipse.
        visible: (n,) float32 in [0, 1], share of each face that nothing covers or cuts off.
    """

    image: NDArray[np.uint8]
    heads: tuple[int, ...]
    boxes: NDArray[np.float32]
    visible: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """A video of known truth.

    Attributes:
        heads: everybody in it.
        place: who is where at a time in seconds; later ones are in front.
        bars: boards in front of everybody.
        seconds: how long it lasts.
        width, height: of the frames, pixels.
    """

    heads: Sequence[Cutout]
    place: Callable[[float], Sequence[Placed]]
    bars: tuple[Bar, ...] = ()
    seconds: float = 3.0
    width: int = WIDTH
    height: int = HEIGHT

    def frame(self, time_s: float) -> Composed:
        """The picture at a time, and where its faces are."""
        placed = self.place(time_s)
        image = np.full((self.height, self.width, 3), _WALL, np.uint8)
        faces = []
        for one in placed:
            image, face = _paste(image, self.heads[one.head], one)
            faces.append(face)
        covered = np.zeros((self.height, self.width), bool)
        for bar in self.bars:
            rows, columns = _inside(bar.y, bar.height), _inside(bar.x, bar.width)
            image[rows, columns] = _BAR
            covered[rows, columns] = True
        visible = np.zeros(len(placed), np.float32)
        for row in reversed(range(len(placed))):
            face = faces[row]
            whole = math.pi / 4 * np.prod(_face_size(self.heads[placed[row].head], placed[row]))
            visible[row] = min(1.0, float(np.count_nonzero(face & ~covered) / whole))
            covered |= face
        boxes = [_truth(self.heads[one.head], one) for one in placed]
        return Composed(
            image,
            tuple(one.head for one in placed),
            np.array(boxes, np.float32).reshape(-1, 4),
            visible,
        )


def _inside(start: float, length: float) -> slice:
    return slice(max(0, round(start)), max(0, round(start + length)))


def _face_size(head: Cutout, placed: Placed) -> tuple[float, float]:
    return placed.height * head.face[2] / head.face[3], placed.height


def _truth(head: Cutout, placed: Placed) -> tuple[float, float, float, float]:
    half_w, half_h = (side / 2 for side in _face_size(head, placed))
    cos, sin = math.cos(math.radians(placed.degrees)), math.sin(math.radians(placed.degrees))
    reach_x, reach_y = (
        math.hypot(half_w * cos, half_h * sin),
        math.hypot(half_w * sin, half_h * cos),
    )
    return placed.x - reach_x, placed.y - reach_y, 2 * reach_x, 2 * reach_y


def _paste(
    image: NDArray[np.uint8], head: Cutout, placed: Placed
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The picture with the head on it, and a mask of the face's ellipse."""
    height, width = image.shape[:2]
    scale = placed.height / head.face[3]
    size = tuple(max(1, round(side * scale)) for side in head.picture.shape[1::-1])
    # Reduced by area first: the turning below would pick single pixels.
    small = cv2.resize(head.picture, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(head.alpha, size, interpolation=cv2.INTER_AREA)
    x, y, face_w, face_h = (value * scale for value in head.face)
    centre = x + face_w / 2, y + face_h / 2
    turn = np.asarray(cv2.getRotationMatrix2D(centre, placed.degrees, 1.0), np.float64)
    turn[:, 2] += np.array([placed.x, placed.y]) - centre
    colours = cv2.warpAffine(small, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(alpha, turn, (width, height))[..., None]
    mask = np.zeros((height, width), np.uint8)
    middle = round(placed.x), round(placed.y)
    axes = [round(side / 2) for side in _face_size(head, placed)]
    cv2.ellipse(mask, middle, axes, -placed.degrees, 0, 360, 1, cv2.FILLED)
    mixed = share * colours.astype(np.float32) + (1 - share) * image
    return mixed.astype(np.uint8), mask.astype(bool)


def drawn_heads(n: int) -> list[Cutout]:
    """The drawn face n times, each with another expression."""
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    for x, y, across, down in _HEAD:
        cv2.ellipse(alpha, (x, y), (across, down), 0, 0, 360, 1.0, cv2.FILLED, cv2.LINE_AA)
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2), np.float32)
    poses: list[Pose] = list(POSES.values())
    return [Cutout(draw_face(poses[row % len(poses)]), soft, _FACE) for row in range(n)]


def moving(heads: Sequence[Cutout], pixels_per_second: float = 300.0) -> Scene:
    """One face going round in the picture at a constant speed."""
    radius = 110.0

    def place(time_s: float) -> list[Placed]:
        angle = pixels_per_second / radius * time_s
        return [Placed(0, 320 + radius * math.cos(angle), 240 + radius * math.sin(angle), 170)]

    return Scene(heads, place)


def crossing(heads: Sequence[Cutout], pixels_per_second: float = 200.0) -> Scene:
    """Two faces that walk past each other, the second one in front."""

    def place(time_s: float) -> list[Placed]:
        way = pixels_per_second * time_s
        return [Placed(0, 70 + way, 240, 130), Placed(1, 570 - way, 250, 140)]

    return Scene(heads, place, seconds=500 / pixels_per_second)


def hidden_for(heads: Sequence[Cutout], seconds: float, pixels_per_second: float = 200.0) -> Scene:
    """A face that walks behind a bar and is wholly hidden for a time, while another one stays."""
    height = 110.0
    width = height * heads[0].face[2] / heads[0].face[3]
    board = Bar(280, 0, width + pixels_per_second * seconds, HEIGHT)

    def place(time_s: float) -> list[Placed]:
        return [
            Placed(0, 60 + pixels_per_second * time_s, 150, height),
            Placed(1, 120, 380, height),
        ]

    return Scene(heads, place, (board,), seconds=520 / pixels_per_second)


def crowd(heads: Sequence[Cutout]) -> Scene:
    """Everybody side by side in rows of up to four, each swaying a little."""
    columns = min(len(heads), 4) if len(heads) != 4 else 2
    rows = math.ceil(len(heads) / columns)
    wide, high = WIDTH / columns, HEIGHT / rows
    height = 0.6 * min(high, wide)

    def place(time_s: float) -> list[Placed]:
        return [
            Placed(
                head,
                wide * (head % columns + 0.5) + 6 * math.sin(2 * time_s + head),
                high * (head // columns + 0.5) + 4 * math.cos(1.7 * time_s + head),
                height,
            )
            for head in range(len(heads))
        ]

    return Scene(heads, place)


def still(heads: Sequence[Cutout], height: float = 200.0, degrees: float = 0.0) -> Scene:
    """One face in the middle that does not move."""
    return Scene(heads, lambda time_s: [Placed(0, 320, 240, height, degrees)])
