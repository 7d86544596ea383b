"""Small pictures as a network sees them: pixel by pixel."""

from typing import Literal

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.media import offered_suffixes

ENDINGS = [suffix.removeprefix(".") for suffix in offered_suffixes()]
"""What drop zones for images accept."""


def show_png(
    pixels: NDArray[np.uint8],
    width: Literal["content", "stretch"] | int,
    *,
    alt: str,
    caption: str | None = None,
) -> None:
    """Show a small picture without loss: by itself Streamlit would send a JPEG, whose traces show.

    Args:
        pixels: (h, w) grey or (h, w, 3) or (h, w, 4), uint8.
        width: on the page.
        alt: what is to be seen, for people who do not see it.
        caption: under it.
    """
    st.image(pixels, caption, width=width, output_format="PNG", alt=alt)


def show_pixels(
    pixels: NDArray[np.uint8], side_px: int, *, alt: str, caption: str | None = None
) -> None:
    """Show a square picture enlarged to ``side_px``, each pixel a square of its own.

    Args:
        pixels: (h, w) grey or (h, w, 3) RGB, uint8.
        side_px: how wide and high it is on the page.
        alt: what is to be seen, for people who do not see it.
        caption: under it.
    """
    # Enlarged here: the browser would smooth.
    enlarged = cv2.resize(pixels, (side_px, side_px), interpolation=cv2.INTER_NEAREST)
    show_png(np.asarray(enlarged, np.uint8), side_px, alt=alt, caption=caption)
