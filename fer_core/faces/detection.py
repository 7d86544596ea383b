"""What every detector returns, and the interface that each keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces.boxes import areas

LANDMARKS = 5
"""Points per face: right eye, left eye, nose tip, right and left mouth corner (YuNet's order)."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The n faces of one image, in the detector's order; n may be 0.

    Attributes:
        boxes: (n, 4) float32, x, y, width, height in pixels of the image given; a box may reach
            over the image's edge.
        scores: (n,) float32 in [0, 1], the detector's confidence; 1 where it has none.
        landmarks: (n, 5, 2) float32 x, y in pixels; NaN where the detector finds none.

    Raises:
        ContractError: on construction, naming the field, what was expected and what came.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        for field, value, shape in (
            ("boxes", self.boxes, (n, 4)),
            ("scores", self.scores, (n,)),
            ("landmarks", self.landmarks, (n, LANDMARKS, 2)),
        ):
            if value.shape != shape or value.dtype != np.float32:
                raise ContractError(
                    "wrong array",
                    where=f"Faces.{field}",
                    expected=f"{shape} float32",
                    received=f"{value.shape} {value.dtype}",
                )
        if not (np.isfinite(self.boxes).all() and (self.boxes[:, 2:] > 0).all()):
            raise ContractError(
                "not a box",
                where="Faces.boxes",
                expected="finite numbers, width and height above 0",
                received=self.boxes.tolist(),
            )

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def from_boxes(
        cls,
        boxes: NDArray[np.generic],
        scores: NDArray[np.generic] | None = None,
        landmarks: NDArray[np.generic] | None = None,
    ) -> "Faces":
        """Faces from any numeric (n, 4) boxes; scores default to 1, landmarks to NaN."""
        rows = np.asarray(boxes, dtype=np.float32).reshape(-1, 4)
        n = len(rows)
        return cls(
            boxes=rows,
            scores=np.ones(n, np.float32) if scores is None else np.asarray(scores, np.float32),
            landmarks=(
                np.full((n, LANDMARKS, 2), np.nan, np.float32)
                if landmarks is None
                else np.asarray(landmarks, np.float32)
            ),
        )

    @classmethod
    def none(cls) -> "Faces":
        """No face: every array keeps its shape with n = 0."""
        return cls.from_boxes(np.empty((0, 4), np.float32))

    def largest_first(self) -> "Faces":
        """The same faces by falling area; equal ones stay in order."""
        return self.rows(np.argsort(-areas(self.boxes), kind="stable").tolist())

    def rows(self, rows: Sequence[int]) -> "Faces":
        """These faces only, in this order."""
        chosen = np.asarray(rows, np.intp)
        return Faces(self.boxes[chosen], self.scores[chosen], self.landmarks[chosen])


class Detector(Protocol):
    """Finds faces. An instance belongs to one thread: OpenCV's detectors keep state in a call."""

    @property
    def name(self) -> str:
        """The word used on pages and in `--detector`."""
        ...

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """Find all faces of an image.

        Args:
            image: (h, w, 3) uint8 RGB, any size from 1x1.

        Returns:
            The faces, boxes in pixels of ``image``, largest first.
        """
        ...
