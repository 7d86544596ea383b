"""An image with every face boxed and named; runs on each live frame, so OpenCV does the drawing.

Words are drawn, never emoji of ours; names in any letters that `lettering` has.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import UNSURE, Emotion
from fer_core.errors import ContractError
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.lettering import measure, write

UNSURE_RGB = (62, 66, 74)
"""Background of an unsure face's tag: none of the seven colours, because none is claimed."""

SNAPSHOT_RGB = (214, 28, 28)
"""Rectangles of a snapshot, whatever the class; white text on it has 5.2:1."""

_WHITE = (255, 255, 255)
_EDGE = (30, 30, 30)

_SMALLEST_TEXT_PX = 11
_TEXT_SHARE = 1 / 30
"""Height of a capital letter as a share of the image's shorter side."""

_WIDEST_TAG = 1.25
"""A tag wider than this many face widths gets smaller letters: it would cover a neighbour."""


class _Tag(NamedTuple):
    """Ground and ink of a tag, and the words on it."""

    rgb: tuple[int, int, int]
    ink: tuple[int, int, int]
    words: str


class _Sizes(NamedTuple):
    """Letter heights and width of outlines, pixels, for one image."""

    text: float
    smallest_text: float
    line: int


def draw(
    image: NDArray[np.uint8],
    result: FrameResult,
    *,
    labels: bool = True,
    boxes: bool = True,
    mirror: bool = False,
    numbers: tuple[int | str, ...] = (),
) -> NDArray[np.uint8]:
    """Box and name every face.

    A face in its class's colour with the word and the percentage on a tag, and before them its
    number or track id where it has one; an unsure face with a dashed outline and "?" and no class.
    Tags stay inside the image and go where they cover the least of other faces and tags. About
    0.1 ms a face at 640x480.

    Args:
        image: (h, w, 3) uint8 RGB; not changed.
        result: what was read from it; boxes may reach over the edge.
        labels: False draws the outlines only.
        boxes: False draws the tags only.
        mirror: the image as in a mirror, with tags that can be read.
        numbers: one for each face, or what it is called in letters that the font has; its track
            id, if there is one, by default.

    Returns:
        (h, w, 3) uint8 RGB, a new array, also without any face.

    Raises:
        ContractError: the image is not of the size that ``result`` was read from.
    """
    if image.shape != (result.height, result.width, 3) or image.dtype != np.uint8:
        raise ContractError(
            "the result belongs to another image",
            where="draw",
            expected=f"({result.height}, {result.width}, 3) uint8",
            received=f"{image.shape} {image.dtype}",
        )
    # Mirrored before anything is drawn: text would be backwards otherwise. One copy either way.
    canvas = (
        np.asarray(cv2.flip(image, 1), np.uint8)
        if mirror
        else np.array(image, dtype=np.uint8, order="C")
    )
    corners, tags = _corners(result, mirror=mirror), _tags(result, numbers)
    sizes = _sizes(result.width, result.height)
    if boxes:
        for corner, tag, unsure in zip(corners, tags, result.predictions.unsure, strict=True):
            _outline(canvas, corner, tag.rgb, sizes.line, dashed=bool(unsure))
    if labels:
        _draw_tags(canvas, corners, tags, sizes)
    return canvas


def draw_snapshot(
    image: NDArray[np.uint8],
    result: FrameResult,
    *,
    mirror: bool = False,
) -> NDArray[np.uint8]:
    """A still to keep: every face in a red rectangle, with its two likeliest classes.

    Args:
        image, result, mirror: as for `draw`.

    Returns:
        (h, w, 3) uint8 RGB, a new array.

    Raises:
        ContractError: as `draw`.
    """
    canvas = draw(image, result, boxes=False, labels=False, mirror=mirror)
    corners, sizes = _corners(result, mirror=mirror), _sizes(result.width, result.height)
    for corner in corners:
        _outline(canvas, corner, SNAPSHOT_RGB, sizes.line, dashed=False)
    words = _numbered(
        [
            two_likeliest(row, unsure=bool(unsure))
            for row, unsure in zip(
                result.predictions.probabilities, result.predictions.unsure, strict=True
            )
        ],
        result.track_ids,
    )
    _draw_tags(canvas, corners, [_Tag(SNAPSHOT_RGB, _WHITE, text) for text in words], sizes)
    return canvas


def two_likeliest(probabilities: NDArray[np.float32], *, unsure: bool) -> str:
    """A face in words: ``happy 87%, neutral 9%``, or ``unsure ? fear 34%, sad 29%``.

    Args:
        probabilities: (7,), in the order of `Emotion`.
        unsure: whether the first is below the network's threshold.
    """
    first, second = (
        Emotion(int(column)) for column in np.argsort(-probabilities, kind="stable")[:2]
    )
    text = f"{first.label} {probabilities[first]:.0%}, {second.label} {probabilities[second]:.0%}"
    return f"{UNSURE} ? {text}" if unsure else text


def _tags(result: FrameResult, numbers: tuple[int | str, ...]) -> list[_Tag]:
    """What stands at each face."""
    predictions = result.predictions
    words = _numbered(
        [
            f"{UNSURE} ?" if unsure else f"{emotion.label} {confidence:.0%}"
            for emotion, confidence, unsure in zip(
                predictions.emotions, predictions.confidences, predictions.unsure, strict=True
            )
        ],
        numbers or result.track_ids,
    )
    return [
        _Tag(UNSURE_RGB, _WHITE, text)
        if unsure
        else _Tag(emotion.style.rgb, _WHITE if emotion.style.ink == "#FFFFFF" else (0, 0, 0), text)
        for text, emotion, unsure in zip(
            words, predictions.emotions, predictions.unsure, strict=True
        )
    ]


def _numbered(words: list[str], numbers: Sequence[int | str]) -> list[str]:
    if not numbers:
        return words
    return [f"{number}: {text}" for number, text in zip(numbers, words, strict=True)]


def _corners(result: FrameResult, *, mirror: bool = False) -> NDArray[np.int32]:
    """(n, 4) int32 left, top, right, bottom; far-away boxes are cut to what OpenCV can count."""
    boxes = result.faces.boxes.astype(np.float64)
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    if mirror:
        corners[:, [0, 2]] = result.width - 1 - corners[:, [2, 0]]
    reach = 2 * max(result.width, result.height)
    pixels: NDArray[np.int32] = np.rint(corners.clip(-reach, reach)).astype(np.int32)
    return pixels


def _sizes(width: int, height: int) -> _Sizes:
    text = max(_SMALLEST_TEXT_PX, min(width, height) * _TEXT_SHARE)
    return _Sizes(
        text=text,
        smallest_text=max(_SMALLEST_TEXT_PX, text / 2),
        line=max(2, round(min(width, height) / 240)),
    )


def _outline(
    canvas: NDArray[np.uint8],
    corners: NDArray[np.int32],
    colour: tuple[int, int, int],
    line: int,
    *,
    dashed: bool,
) -> None:
    left, top, right, bottom = (int(value) for value in corners)
    # The dark edge keeps white dashes and the pale colours visible on pale images.
    cv2.rectangle(canvas, (left, top), (right, bottom), _EDGE, line + 2 * max(1, line // 4))
    if not dashed:
        cv2.rectangle(canvas, (left, top), (right, bottom), colour, line)
        return
    dash = 5 * line
    strokes = [
        np.array([[x, y], [min(x + dash, right), y]], np.int32)
        for y in (top, bottom)
        for x in range(left, right, 2 * dash)
    ] + [
        np.array([[x, y], [x, min(y + dash, bottom)]], np.int32)
        for x in (left, right)
        for y in range(top, bottom, 2 * dash)
    ]
    cv2.polylines(canvas, strokes, isClosed=False, color=_WHITE, thickness=line)


def _draw_tags(
    canvas: NDArray[np.uint8],
    corners: NDArray[np.int32],
    tags: list[_Tag],
    sizes: _Sizes,
) -> None:
    height, width = canvas.shape[:2]
    taken = corners.astype(np.float64)  # grows by each tag that is placed
    for row, (corner, (rgb, ink, words)) in enumerate(zip(corners, tags, strict=True)):
        text = _text_px(words, sizes, float(corner[2] - corner[0]))
        words_width, words_height, below = measure(words, text)
        pad = max(3, round(0.4 * words_height))
        tag_width, tag_height = words_width + 2 * pad, words_height + below + pad
        left, top = _place(corner, (tag_width, tag_height), (width, height), taken, row, sizes.line)
        cv2.rectangle(canvas, (left, top), (left + tag_width - 1, top + tag_height - 1), rgb, -1)
        write(canvas, words, (left + pad, top + words_height + pad // 2), text, ink)
        taken = np.vstack([taken, [left, top, left + tag_width, top + tag_height]])


def _text_px(words: str, sizes: _Sizes, face_width: float) -> float:
    """Letter height: as wanted, less where the tag would be far wider than its face."""
    rough_width = len(words) * sizes.text * 0.85
    fitting = sizes.text * _WIDEST_TAG * face_width / rough_width
    return max(sizes.smallest_text, min(sizes.text, fitting))


def _place(
    corner: NDArray[np.int32],
    tag: tuple[int, int],
    size: tuple[int, int],
    taken: NDArray[np.float64],
    own: int,
    line: int,
) -> tuple[int, int]:
    """Left and top of a tag: above its face, else below, beside or within it.

    Args:
        corner: (4,) the face's left, top, right, bottom.
        tag: width and height of the tag.
        size: width and height of the image.
        taken: (m, 4) corners of all faces, then of the tags placed so far.
        own: the face's row in ``taken``.
        line: width of outlines, pixels.
    """
    left, top, right, bottom = (int(value) for value in corner)
    above, below = top - tag[1] - line, bottom + line + 1
    candidates = np.array(
        [
            (left, above),
            (right - tag[0], above),
            (left, below),
            (right - tag[0], below),
            (right + line + 1, top),
            (left - tag[0] - line, top),
            (left, top),
        ],
        np.float64,
    )  # (k, 2)
    room = np.array([max(size[0] - tag[0], 0), max(size[1] - tag[1], 0)])
    candidates = candidates.clip(0, room)
    low = np.maximum(candidates[:, None], taken[None, :, :2])
    high = np.minimum(candidates[:, None] + tag, taken[None, :, 2:])
    covered = (high - low).clip(0).prod(axis=2)  # (k, m) pixels
    covered[:, own] *= 0.5  # its own face is the least bad to cover: nobody mistakes whose it is
    chosen = candidates[int(covered.sum(axis=1).argmin())]  # the first of equals: above, at left
    return int(chosen[0]), int(chosen[1])
