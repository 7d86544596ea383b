"""`deepface`: its emotion network, in Python."""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.external.packages import (
    ExternalNetwork,
    class_columns,
    external_package,
    installed_version,
)
from fer_core.zoo import Published


class _Network:
    """Through `DeepFace.analyze`, told that the picture is one face."""

    def __init__(self) -> None:
        self._deepface: Any = importlib.import_module("deepface").DeepFace

    @property
    def version(self) -> str:
        return installed_version("deepface")

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        rows = []
        for face in faces:
            found = self._deepface.analyze(
                np.repeat(face[:, :, None], 3, axis=2),
                actions=("emotion",),
                detector_backend="skip",
                enforce_detection=False,
                silent=True,
            )
            answer = (found[0] if isinstance(found, list) else found)["emotion"]
            columns = class_columns(dict(enumerate(answer)), "deepface")
            values = list(answer.values())
            rows.append([float(values[column]) / 100 for column in columns])
        return np.array(rows, np.float32)


@external_package(
    title="deepface (emotion)",
    source="github.com/serengil/deepface",
    quoted=Published(
        figure=57.43,
        split="FER2013, split not stated",
        classes=7,
        source="deepface's own documentation",
    ),
)
def deepface() -> ExternalNetwork:
    """Raises ImportError where it is not installed."""
    return _Network()
