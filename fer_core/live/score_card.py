"""A game's outcome as one picture to keep or to show around."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.live.game import Confusing, GameResult

SIZE = (1000, 560)
"""Width and height in pixels."""

_PAPER, _INK, _QUIET, _TRACK = "#FFFFFF", "#10181B", "#4F5B5F", "#E7ECEA"
_LEFT, _BARS, _FACE = 48, 376, 752
"""Where the three columns begin."""

_BAR_PX, _STEP_PX = 190, 46


def score_card(result: GameResult, network: str) -> bytes:
    """Turns read right, each expression's share, and the face that confused the network.

    Args:
        result: of a game in which a face was read.
        network: title of the network that read.

    Returns:
        A PNG of `SIZE`.

    Raises:
        ContractError: nothing was read.
    """
    if not len(result):
        raise ContractError(
            "nothing was read, so there is no score",
            where="score_card",
            expected="at least one reading",
            received=0,
        )
    card = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(card)
    pen.text((_LEFT, 40), "Show me surprise", _INK, _font(34))
    _draw_score(pen, result)
    _draw_shares(pen, result)
    if result.confusing is not None:
        _draw_face(card, pen, result.confusing)
    words = f"Mien, network {network}. How well the two understand each other, not what is felt."
    pen.text((_LEFT, SIZE[1] - 52), words, _QUIET, _font(18))
    stream = io.BytesIO()
    card.save(stream, "PNG")
    return stream.getvalue()


def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)


def _draw_score(pen: ImageDraw.ImageDraw, result: GameResult) -> None:
    pen.text((_LEFT, 120), f"{result.turns_right} of {len(result.order)}", _INK, _font(76))
    pen.text((_LEFT, 218), "turns read as asked", _QUIET, _font(22))
    pen.text((_LEFT, 270), f"{result.share:.0%}", _INK, _font(48))
    pen.text((_LEFT, 330), "of all readings", _QUIET, _font(22))


def _draw_shares(pen: ImageDraw.ImageDraw, result: GameResult) -> None:
    counts = result.counts
    for row, emotion in enumerate(Emotion):
        top = 120 + row * _STEP_PX
        asked = int(counts[emotion].sum())
        pen.text((_BARS, top), emotion.label, _INK, _font(20))
        left = _BARS + 92
        pen.rounded_rectangle((left, top + 5, left + _BAR_PX, top + 21), 8, _TRACK)
        if not asked:
            pen.text((left + _BAR_PX + 8, top), "-", _QUIET, _font(20))
            continue
        share = counts[emotion, emotion] / asked
        if share:
            right = left + max(16, round(_BAR_PX * share))
            pen.rounded_rectangle(
                (left, top + 5, right, top + 21), 8, emotion.style.colour, _QUIET, 1
            )
        pen.text((left + _BAR_PX + 8, top), f"{share:.0%}", _INK, _font(20))


def _draw_face(card: Image.Image, pen: ImageDraw.ImageDraw, confusing: Confusing) -> None:
    card.paste(Image.fromarray(np.ascontiguousarray(confusing.rgb)), (_FACE, 120))
    for line, words in enumerate(
        (
            "What confused it most:",
            f"asked for {confusing.asked.label},",
            f"read as {confusing.read.label} ({confusing.confidence:.0%})",
        )
    ):
        pen.text((_FACE, 336 + 28 * line), words, _INK if line else _QUIET, _font(20))
