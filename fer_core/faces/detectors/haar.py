"""OpenCV's bundled Haar cascade: no weights to fetch, frontal faces only.

Source: Viola, Jones: "Rapid Object Detection using a Boosted Cascade of Simple Features", CVPR
2001, doi:10.1109/CVPR.2001.990517.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DetectorError
from fer_core.faces.detection import Faces
from fer_core.faces.detectors import detector
from fer_core.faces.scaling import fit_longer_side

CASCADE = "haarcascade_frontalface_alt2.xml"
"""Finds as many faces as the ``default`` cascade with a fifth of its false ones (8 to 41 on 600
pictures), for 2 ms more."""

LIVE_PX = 320
"""Longer side at which live frames are searched; see `HaarDetector`."""

PHOTO_PX = 1280
"""For photos: faces from about 1/50 of the longer side."""

_WINDOW_PX = 24
# The smallest face that the cascade knows is 20 px; at 24 textures are taken for one less often.
_SCALE_STEP = 1.1
_MIN_NEIGHBOURS = 4
# A cascade box is a square from brow to chin. These bring it to the box that YuNet draws around the
# same face, so that one crop margin fits both: medians over 430 faces that both found.
_WIDTH, _HEIGHT, _DOWN = 0.854, 1.12, 0.029


class HaarDetector:
    """Finds frontal faces with a Haar cascade; keeps the `Detector` protocol. One thread each."""

    def __init__(self, *, longer_px: int = LIVE_PX) -> None:
        """Load the cascade.

        Args:
            longer_px: images are reduced to this longer side before the search. Larger finds
                smaller faces and takes longer; the smallest face found is 24 px there.

        Raises:
            DetectorError: OpenCV was installed without its cascades (its version 5 is).
        """
        folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
        path = Path(folder) / CASCADE
        self._cascade = cv2.CascadeClassifier(str(path)) if path.is_file() else None
        if self._cascade is None or self._cascade.empty():
            raise DetectorError(
                "OpenCV's face cascade is missing",
                where=path,
                expected="opencv-python-headless 4",
                received=f"OpenCV {cv2.__version__}",
                remedy="Install the versions in requirements.txt.",
            )
        self._longer_px = longer_px

    @property
    def name(self) -> str:
        """``"haar"``."""
        return "haar"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """Find all frontal faces of an image.

        Args:
            image: (h, w, 3) uint8 RGB, any size from 1x1.

        Returns:
            The faces, boxes as YuNet would draw them in pixels of ``image``, largest first;
            scores are 1 and landmarks NaN, since a cascade has neither.
        """
        # Reduced before the colour is dropped: a fraction of the pixels to convert.
        small, back = fit_longer_side(image, self._longer_px)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        if min(grey.shape) < _WINDOW_PX:
            return Faces.none()
        assert self._cascade is not None
        squares = np.asarray(
            self._cascade.detectMultiScale(
                grey, _SCALE_STEP, _MIN_NEIGHBOURS, minSize=(_WINDOW_PX, _WINDOW_PX)
            ),
            np.float64,
        ).reshape(-1, 4)
        side = squares[:, 2]
        boxes = np.stack(
            [
                squares[:, 0] + side * (1 - _WIDTH) / 2,
                squares[:, 1] + side * ((1 - _HEIGHT) / 2 + _DOWN),
                side * _WIDTH,
                side * _HEIGHT,
            ],
            axis=1,
        )
        return Faces.from_boxes(boxes * np.tile(back, 2)).largest_first()


@detector(title="Haar", hint="OpenCV's own cascade, frontal faces", rank=1, sightings=3)
def haar(*, photos: bool, download: bool) -> HaarDetector:
    """OpenCV brings its weights, so there is nothing to download."""
    return HaarDetector(longer_px=PHOTO_PX if photos else LIVE_PX)
