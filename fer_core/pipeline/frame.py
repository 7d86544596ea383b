"""One way through: frame -> faces -> crops -> predictions.

The live page, photos, the command line and the tests call this and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import Detector, Faces, crop_faces
from fer_core.faces.quality import Quality
from fer_core.zoo import Classifier, Predictions


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """What was read from one image.

    Attributes:
        width, height: of the image, pixels.
        faces: n detected faces.
        predictions: n rows, in the same order.
        model: slug of the network that read them.
        milliseconds: wall-clock time of each stage: ``detect``, ``crop``, ``classify``; in a
            stream also ``smooth``.
        track_ids: n different numbers, in the same order, by which a face is known again in the
            next frame; () where nothing tracks, as in a photo.
        detector: name of what found the faces; "" where it is known elsewhere.
        qualities: of the n faces, in the same order; () where nobody measured, as in live video.

    Raises:
        ContractError: on construction, where faces and predictions differ in number, or faces and
            track ids or qualities, or a track id stands twice.
    """

    width: int
    height: int
    faces: Faces
    predictions: Predictions
    model: str
    milliseconds: dict[str, float]
    track_ids: tuple[int, ...] = ()
    detector: str = ""
    qualities: tuple[Quality, ...] = ()

    def __post_init__(self) -> None:
        if len(self.faces) != len(self.predictions):
            raise ContractError(
                "each face needs one prediction",
                where="FrameResult",
                expected=f"{len(self.faces)} predictions",
                received=len(self.predictions),
            )
        if self.track_ids and (
            len(self.track_ids) != len(self.faces)
            or len(set(self.track_ids)) != len(self.track_ids)
        ):
            raise ContractError(
                "each face needs a track id of its own",
                where="FrameResult",
                expected=f"{len(self.faces)} different ones, or none",
                received=self.track_ids,
            )
        if self.qualities and len(self.qualities) != len(self.faces):
            raise ContractError(
                "each face needs its quality",
                where="FrameResult",
                expected=f"{len(self.faces)}, or none",
                received=len(self.qualities),
            )

    @property
    def expected_right(self) -> NDArray[np.float32] | None:
        """How often the network is right on faces like these: (n,) float32, 0-1.

        None where its card does not say, or where the faces' qualities were not measured.
        """
        if len(self.qualities) != len(self.faces):
            return None
        return self.predictions.expected_right(self.qualities)

    def rows(self, rows: Sequence[int]) -> "FrameResult":
        """The same of these faces only, in this order."""
        return replace(
            self,
            faces=self.faces.rows(rows),
            predictions=self.predictions.rows(rows),
            track_ids=tuple(self.track_ids[row] for row in rows) if self.track_ids else (),
            qualities=tuple(self.qualities[row] for row in rows) if self.qualities else (),
        )


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A detector and a classifier; belongs to one thread, as its detector does."""

    detector: Detector
    classifier: Classifier

    def __call__(self, image: NDArray[np.uint8]) -> FrameResult:
        """Read every face of an image, all of them in one batch.

        Args:
            image: (h, w, 3) uint8 RGB.

        Raises:
            ContractError: the array is not such an image.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ContractError(
                "not an RGB image",
                where="Pipeline",
                expected="(h, w, 3) uint8",
                received=f"{image.shape} {image.dtype}",
            )
        start = perf_counter()
        faces = self.detector.detect(image)
        detected = perf_counter()
        crops = crop_faces(image, faces, self.classifier.card.input)
        cropped = perf_counter()
        predictions = self.classifier.predict(crops)
        classified = perf_counter()
        return FrameResult(
            width=image.shape[1],
            height=image.shape[0],
            faces=faces,
            predictions=predictions,
            model=self.classifier.card.slug,
            milliseconds={
                "detect": (detected - start) * 1e3,
                "crop": (cropped - detected) * 1e3,
                "classify": (classified - cropped) * 1e3,
            },
            detector=self.detector.name,
        )
