"""`fer`: Mini-Xception at 64x64 pixels, in Python."""

import importlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.external.packages import (
    ExternalNetwork,
    FrameReader,
    class_columns,
    external_package,
    installed_version,
)


class _Network:
    """Through the method that the package's own detector ends in.

    Its public method rounds to two decimals and looks for faces first, which finds none in most
    of these pictures.
    """

    def __init__(self) -> None:
        self._detector: Any = importlib.import_module("fer.fer").FER()
        self._order = class_columns(self._detector._get_labels(), "fer")

    @property
    def version(self) -> str:
        return installed_version("fer")

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        large = np.stack([cv2.resize(face, (64, 64)) for face in faces]).astype(np.float32)
        answers = self._detector._classify_emotions((large / 255.0 - 0.5) * 2.0)
        return np.asarray(answers, np.float32)[:, self._order]


class _Reader:
    """With its default settings."""

    def __init__(self) -> None:
        self._detector: Any = importlib.import_module("fer.fer").FER()

    @property
    def version(self) -> str:
        return installed_version("fer")

    def read(self, image: NDArray[np.uint8]) -> list[Any]:
        found: list[Any] = self._detector.detect_emotions(image)
        return found


def _load_reader() -> FrameReader:
    return _Reader()


@external_package(
    title="fer (Mini-Xception)", source="github.com/justinshenk/fer", load_reader=_load_reader
)
def fer() -> ExternalNetwork:
    """Raises ImportError where it is not installed."""
    return _Network()
