"""The sign of the browser's tab is what the code draws."""

import numpy as np
from PIL import Image

from ui.icon import ICON, draw_icon


def test_the_file_is_what_the_code_draws() -> None:
    with Image.open(ICON) as shipped:
        kept = np.asarray(shipped.convert("RGBA"), int)
    drawn = np.asarray(draw_icon(), int)
    assert kept.shape == drawn.shape
    # Another Pillow may round an edge otherwise.
    assert np.abs(kept - drawn).mean() < 0.5
    assert kept[0, 0, 3] == 0
    assert (kept[64, 20] == [0x0F, 0x6B, 0x66, 0xFF]).all()
