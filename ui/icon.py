"""The sign in the browser's tab: a face in its box. ``python -m ui.icon`` draws the file anew.

A file and not one of Streamlit's signs, which the browser would fetch from Google.
"""

from pathlib import Path

from PIL import Image, ImageDraw

ICON = Path(__file__).with_name("icon.png")

_SIDE_PX = 128
_FINER = 8
"""Drawn larger and scaled down: Pillow draws hard edges."""

_ACCENT, _WHITE = "#0F6B66", "#FFFFFF"


def draw_icon() -> Image.Image:
    """A white face on the accent's colour, clear on light and dark tabs; RGBA, 128 px."""
    side = _SIDE_PX * _FINER
    picture = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(picture)

    def box(left: float, top: float, right: float, bottom: float) -> list[float]:
        return [side * share for share in (left, top, right, bottom)]

    pen.rounded_rectangle(box(0, 0, 1, 1), 0.22 * side, fill=_ACCENT)
    for left in (0.27, 0.61):
        pen.ellipse(box(left, 0.28, left + 0.12, 0.44), fill=_WHITE)
    pen.arc(box(0.22, 0.2, 0.78, 0.78), 25, 155, fill=_WHITE, width=round(0.09 * side))
    return picture.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw_icon().save(ICON, optimize=True)
