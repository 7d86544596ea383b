"""Words on an image: in OpenCV's own letters, and in a font of this machine where those lack any.

OpenCV's font has ASCII alone, and is drawn on every frame of live video. Names that people give may
be in any writing; which fonts there are is the machine's own.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONTS = (
    *("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf"),  # Linux
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf", "wqy-microhei.ttc"),
    *("Arial Unicode.ttf", "Arial.ttf", "PingFang.ttc", "AppleSDGothicNeo.ttc"),  # macOS
    *("segoeui.ttf", "arial.ttf", "msyh.ttc", "meiryo.ttc", "malgun.ttf"),  # Windows
    "seguisym.ttf",
)
"""Fonts that systems bring, by their files' names; the first one that has all letters is taken."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CAPITAL_PX = 21.0
# Height of capital letters of OpenCV's font at scale 1.
_CAPITAL_SHARE = 0.72
# And of most fonts, as a share of their size.
_NO_LETTER = "\U0010ffff"


class Extent(NamedTuple):
    """Width of words, and how far they reach above and below their line, pixels."""

    width: int
    above: int
    below: int


def measure(words: str, text_px: float) -> Extent:
    """How much room words take.

    Args:
        words: a letter that nothing here can draw becomes "?"; see `writable`.
        text_px: height of capital letters.
    """
    if words.isascii():
        (width, above), below = cv2.getTextSize(words, _FONT, *_scale(text_px))
        return Extent(width, above, below)
    if (font := _font(words, text_px)) is None:
        return measure(_without(words), text_px)
    left, top, right, bottom = font.getbbox(words, anchor="ls")
    return Extent(round(right - min(left, 0)), round(-top), max(0, round(bottom)))


def write(
    canvas: NDArray[np.uint8],
    words: str,
    at: tuple[int, int],
    text_px: float,
    ink: tuple[int, int, int],
) -> None:
    """Draw words, in place.

    Args:
        canvas: (h, w, 3) uint8 RGB.
        words, text_px: as for `measure`.
        at: left end of their line, pixels; what lies beyond the canvas is left out.
        ink: RGB.
    """
    if words.isascii():
        scale, stroke = _scale(text_px)
        cv2.putText(canvas, words, at, _FONT, scale, ink, stroke, cv2.LINE_AA)
        return
    if (font := _font(words, text_px)) is None:
        write(canvas, _without(words), at, text_px, ink)
        return
    room, (left, line) = measure(words, text_px), at
    rows = slice(max(0, line - room.above - 1), max(0, line + room.below + 1))
    if not canvas[rows].size:
        return
    strip = Image.fromarray(canvas[rows])  # not the whole frame, for each name on it
    ImageDraw.Draw(strip).text((left, line - rows.start), words, fill=ink, font=font, anchor="ls")
    canvas[rows] = np.asarray(strip)


def _scale(text_px: float) -> tuple[float, int]:
    """Scale and stroke of OpenCV's font."""
    # One pixel, smoothed, never reaches its full ink; two clot the smallest letters.
    return text_px / _CAPITAL_PX, max(2, round(text_px / 9)) if text_px > 12.5 else 1


def _font(words: str, text_px: float) -> ImageFont.FreeTypeFont | None:
    name = font_with(frozenset(words))
    return None if name is None else _opened(name, text_px / _CAPITAL_SHARE)


@lru_cache(maxsize=64)  # by size of text, which follows the faces'
def _opened(name: str, size_px: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(name, size_px)


def _without(words: str) -> str:
    return words.encode("ascii", "replace").decode()


def writable(words: str) -> bool:
    """Whether words can be drawn on this machine."""
    return words.isascii() or font_with(frozenset(words)) is not None


@cache
def font_with(letters: frozenset[str]) -> str | None:
    """The first of `FONTS` that is here and has these letters; None without one."""
    for name in FONTS:
        try:
            font = ImageFont.truetype(name, 20)
        except OSError:  # it is not here
            continue
        if _has(font, letters):
            return name
    return None


def _has(font: ImageFont.FreeTypeFont, letters: Iterable[str]) -> bool:
    nothing = bytes(font.getmask(_NO_LETTER))
    return all(each.isspace() or bytes(font.getmask(each)) != nothing for each in letters)
