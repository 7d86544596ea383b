"""How a face's seven probabilities look on a page: bars in the colours of the classes, words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS, Emotion, valence
from fer_core.metrics import DEFAULT_COVERAGE
from fer_core.zoo import Predictions


def class_bars(probabilities: Sequence[float], changes: Sequence[float] | None = None) -> str:
    """Seven thin bars in the colours of the classes, for `st.html`.

    Streamlit's own progress bar has one colour, and seven of them cost seven messages at every
    refresh of the live page.

    Args:
        probabilities: seven, 0 to 1, in the order of `Emotion`.
        changes: by how many percentage points each differs from this person's face at rest: a
            column of its own, and a line across each bar where it was at rest.
    """
    rows = "".join(
        _bar(emotion, share, None if changes is None else changes[emotion])
        for emotion, share in zip(Emotion, probabilities, strict=True)
    )
    return (
        "<div style='font-size:.875rem;line-height:1.55;font-variant-numeric:tabular-nums'>"
        f"{rows}</div>"
    )


def _bar(emotion: Emotion, share: float, change: float | None) -> str:
    edge = "inset 0 0 0 1px rgba(0,0,0,.28)" if share >= 0.01 else "none"
    rest = points = ""
    if change is not None:
        rest = (
            f"<div style='position:absolute;left:calc({100 * share - change:.0f}% - 1px);"
            "top:-.15em;width:2px;height:.92em;background:currentColor'></div>"
        )
        points = f"<div style='width:2.6em;text-align:right'>{signed_points(change)}</div>"
    return (
        "<div style='display:flex;align-items:center;gap:.6em'>"
        f"<div style='width:5.2em;text-align:right'>{emotion.label}</div>"
        "<div style='flex:1;position:relative;height:.62em;border-radius:4px;"
        "background:rgba(128,128,128,.18)'>"
        f"<div style='width:{100 * share:.0f}%;height:100%;border-radius:4px;"
        f"background:{emotion.style.colour};box-shadow:{edge}'></div>{rest}</div>"
        f"<div style='width:3em;text-align:right'>{share:.0%}</div>{points}</div>"
    )


def signed_points(change: float) -> str:
    """Percentage points with a sign, the minus a real one: ``+12``, ``−3``, ``0``."""
    return f"{round(change):+d}".replace("-", "−") if round(change) else "0"


def face_heading(emotion: Emotion, confidence: float, *, unsure: bool) -> str:
    """A face's expression in words, Markdown: ``😄 happy · 87 %``, or that it is unsure."""
    if unsure:
        return f"**? unsure** · perhaps {emotion.label}, {confidence:.0%}"
    return f"{emotion.style.emoji} **{emotion.label}** · {confidence:.0%}"


def worth_sentence(predictions: Predictions, row: int, expected_right: float | None) -> str:
    """What an answer is worth, Markdown for `st.caption`; "" where the network's card says nothing.

    Args:
        predictions: of all faces.
        row: of the face.
        expected_right: `Predictions.expected_right` of this face; None: not known.
    """
    parts = []
    if expected_right is not None:
        # No answer is certain, however a share is rounded.
        share = "over 99%" if expected_right >= 0.995 else f"{expected_right:.0%}"
        parts.append(f"expected right on a face like this: **{share}**")
    if members := predictions.set_members(row):
        names = " or ".join(emotion.label for emotion in members)
        if len(members) == len(LABELS):
            names = "any expression"
        parts.append(f"{DEFAULT_COVERAGE:.0%} sure: **{names}**")
    return " · ".join(parts)


def valence_words(probabilities: NDArray[np.float32]) -> str:
    """A face's valence, which is derived: ``valence +0.62``, see `fer_core.emotions.valence`."""
    value = float(valence(probabilities[None])[0])
    return f"valence {value:+.2f}".replace("-", "−")
