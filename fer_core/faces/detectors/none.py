"""The detector for pictures that are one face already, such as FER2013's."""

import numpy as np
from numpy.typing import NDArray

from fer_core.faces.detection import Faces
from fer_core.faces.detectors import detector


class WholeImage:
    """Takes the whole image as one face; nothing is searched, so nothing can be missed."""

    @property
    def name(self) -> str:
        """The word used in `--detector`."""
        return "none"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """One face as large as the image, score 1.

        Args:
            image: (h, w, 3) uint8 RGB, any size from 1x1.
        """
        return Faces.from_boxes(np.array([[0, 0, image.shape[1], image.shape[0]]], np.float32))


@detector(title="None", hint="the whole image is one face", rank=9, searches=False)
def none(*, photos: bool, download: bool) -> WholeImage:
    """The same for live video and photos."""
    return WholeImage()
