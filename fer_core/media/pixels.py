"""A picture opened by Pillow -> RGB pixels, strip by strip so that few copies are in memory."""

import numpy as np
import PIL.Image
from numpy.typing import NDArray

_STRIP_ROWS = 256


def to_rgb(picture: PIL.Image.Image) -> tuple[NDArray[np.uint8], str]:
    """The pixels as they lie in the file, in 8 bits.

    Transparency is laid on white. Deep grey is scaled: Pillow's own conversion clips it, and most
    of the picture becomes white.

    Args:
        picture: loaded, of any mode.

    Returns:
        (h, w, 3) uint8 RGB, and a note where its values had to be interpreted, else empty.
    """
    grey, note = _deep_grey(picture) if picture.mode.startswith(("I", "F")) else (None, "")
    rgb = np.empty((picture.height, picture.width, 3), np.uint8)
    for top in range(0, picture.height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, picture.height)
        strip = picture.crop((0, top, picture.width, bottom))
        rgb[top:bottom] = np.asarray(_flat(strip)) if grey is None else grey.scaled(strip)
    return rgb, note


def _flat(strip: PIL.Image.Image) -> PIL.Image.Image:
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    # A transparent pixel's hidden colour is anything, often black: show what a page shows.
    layer = strip.convert("RGBA")
    white = PIL.Image.new("RGBA", layer.size, "white")
    return PIL.Image.alpha_composite(white, layer).convert("RGB")


class _Levels:
    """Where black and white are in a picture of deep grey."""

    def __init__(self, black: float, white: float) -> None:
        self._black, self._span = black, max(white - black, 1e-12)

    def scaled(self, strip: PIL.Image.Image) -> NDArray[np.uint8]:
        """(h, w, 1) uint8, which stands for all three colours."""
        grey = (_finite(strip) - np.float32(self._black)) * np.float32(255.0 / self._span)
        levels: NDArray[np.uint8] = np.rint(grey).astype(np.uint8)[..., None]
        return levels


def _finite(picture: PIL.Image.Image) -> NDArray[np.float32]:
    """(h, w) float32; NaN and infinity count as black."""
    values = np.asarray(picture).astype(np.float32)
    return np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def _deep_grey(picture: PIL.Image.Image) -> tuple[_Levels, str]:
    """Levels of integers or floats of any range: files do not say where white is, so it decides."""
    kind = np.asarray(picture.crop((0, 0, 1, 1))).dtype
    low, high = np.inf, -np.inf
    for top in range(0, picture.height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, picture.height)
        values = _finite(picture.crop((0, top, picture.width, bottom)))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    if low < 0.0 or high > 65535.0:
        return _Levels(low, high), "grey values stretched to the full range"
    if np.issubdtype(kind, np.floating) and high <= 1.0:
        return _Levels(0.0, 1.0), ""
    if kind.itemsize > 2 and high <= 255.0:
        return _Levels(0.0, 255.0), ""
    if high <= 4095.0:
        # Cameras of 12 bits fill a sixteenth of the range; left so, the picture is near black.
        return _Levels(0.0, 4095.0), "12-bit grey"
    return _Levels(0.0, 65535.0), "16-bit grey"
