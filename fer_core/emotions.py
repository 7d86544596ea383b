"""The seven expression classes in FER2013's order, and how each is shown everywhere.

Source: FER2013 codes 0-6 (Goodfellow et al. 2013, arXiv:1307.0414). Sorting class folders by name
gives another order; that mix-up is the classic bug of the field, so the order has one owner, here.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Emotion(IntEnum):
    """One expression class; the value is its column in every array of seven."""

    ANGRY = 0
    DISGUST = 1
    FEAR = 2
    HAPPY = 3
    SAD = 4
    SURPRISE = 5
    NEUTRAL = 6

    @property
    def label(self) -> str:
        """The lower-case word used in cards, tables, CSV and JSON."""
        return self.name.lower()

    @property
    def style(self) -> "Style":
        """Colour, emoji, dash and marker of this class."""
        return _STYLES[self]


@dataclass(frozen=True, slots=True)
class Style:
    """How a class looks: the same in boxes, bars, charts and page text.

    Attributes:
        colour: background as ``#RRGGBB``, told apart under colour-blindness (tests hold distances).
        ink: text colour on that background, ``#FFFFFF`` or ``#000000``.
        emoji: for page text only; drawing functions of OpenCV know no emoji.
        dash: Plotly line dash, so that colour is never the only carrier.
        marker: Plotly marker symbol, likewise.
    """

    colour: str
    ink: str
    emoji: str
    dash: str
    marker: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as red, green and blue, 0-255."""
        return int(self.colour[1:3], 16), int(self.colour[3:5], 16), int(self.colour[5:7], 16)


_STYLES = {
    Emotion.ANGRY: Style("#BB3204", "#FFFFFF", "😠", "solid", "circle"),
    Emotion.DISGUST: Style("#83AF53", "#000000", "🤢", "dash", "square"),
    Emotion.FEAR: Style("#981DC7", "#FFFFFF", "😨", "dot", "diamond"),
    Emotion.HAPPY: Style("#EFD938", "#000000", "😄", "dashdot", "cross"),
    Emotion.SAD: Style("#648FC4", "#000000", "😢", "longdash", "x"),
    Emotion.SURPRISE: Style("#7CC4D5", "#000000", "😮", "longdashdot", "triangle-up"),
    Emotion.NEUTRAL: Style("#A59597", "#000000", "😐", "5px,2px", "star"),
}

UNSURE = "unsure"
"""The word shown instead of a class where the network's confidence is under its threshold."""

LABELS: tuple[str, ...] = tuple(emotion.label for emotion in Emotion)
"""The seven labels in column order."""

_NEGATIVE = [Emotion.ANGRY, Emotion.DISGUST, Emotion.FEAR, Emotion.SAD]


def valence(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Happy less the strongest of angry, disgust, fear and sad, -1 to 1; surprise does not count.

    Derived from the seven probabilities, not measured by itself. Source: FaceReader's definition
    (Loijens & Krips, FaceReader Methodology Note, Noldus Information Technology).

    Args:
        probabilities: (m, 7) in the order of `Emotion`; rows of NaN stay NaN.
    """
    rows = np.asarray(probabilities, np.float64)
    return np.asarray(rows[:, Emotion.HAPPY] - rows[:, _NEGATIVE].max(axis=1))
