"""What every page has in common: title, width, and bars in the colours of the classes."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from fer_core.emotions import Emotion

_ROOT = Path(__file__).resolve().parents[1]
_NAVIGATION = (
    ("app.py", "Home", ":material/home:"),
    ("pages/1_Live.py", "Live", ":material/videocam:"),
    ("pages/2_Photos.py", "Photos", ":material/photo_camera:"),
    ("pages/3_Videos.py", "Videos", ":material/movie:"),
    ("pages/4_Compare_models.py", "Compare models", ":material/leaderboard:"),
    ("pages/5_Look_inside.py", "Look inside", ":material/search_insights:"),
    ("pages/6_Data.py", "Data", ":material/dataset:"),
)


def open_page(title: str, *, wide: bool = True) -> None:
    """First line of a page: its name in the browser's tab, its layout, links to the others."""
    st.set_page_config(
        page_title=f"{title} · Mien" if title != "Mien" else "Mien",
        page_icon=":material/familiar_face_and_zone:",
        layout="wide" if wide else "centered",
    )
    # In place of Streamlit's own list, which calls the home page "app".
    with st.sidebar:
        for page, label, icon in _NAVIGATION:
            if (_ROOT / page).exists():
                # A page run by itself, as tests do, has no neighbours to link to.
                with suppress(StreamlitPageNotFoundError):
                    st.page_link(page, label=label, icon=icon, width="stretch")


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
