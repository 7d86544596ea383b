"""The honest-path self-test: does a face read live get the answer that it got in evaluation?

Accuracy is measured on FER2013's 48x48 pictures, but a person's face comes through a detector and a
crop. Here the same faces go both ways: directly, and pasted into larger pictures, found, cropped
and read by the very pipeline that the pages use. What the two differ by is what the way costs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.evaluation.evaluate import grey_logits
from fer_core.faces import Detector, Faces, pairwise_iou
from fer_core.metrics import Comparison, mcnemar_exact
from fer_core.pipeline.frame import Pipeline
from fer_core.zoo import Classifier

SIZES_PX = (64, 96, 160)
"""Widths of the pasted faces; on `CANVAS_PX` that is from across a room to close to the camera."""

CANVAS_PX = (240, 320)
"""Height and width of the pictures that faces are pasted into."""

FOUND_IOU = 0.3
"""A detected box counts as the pasted face where it overlaps its square at least so much. Low, so
that a bad frame counts against the accuracy instead of disappearing as "not found"."""

_BORDER = 0.35
# FER2013 cuts at hair and chin. Without some more of a head around it a face is a picture on a
# wall; its own edge is continued so far (a fraction of its width), blurred, and faded out.


@dataclass(frozen=True, slots=True, eq=False)
class Pasted:
    """A picture with one face.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        square: (4,) float32 x, y, width, height in pixels: where the FER2013 picture lies.
    """

    image: NDArray[np.uint8]
    square: NDArray[np.float32]


def textured_canvas(rng: np.random.Generator) -> NDArray[np.float32]:
    """A grey picture of soft blobs, a gradient and noise: `CANVAS_PX` float32, 0-255."""
    height, width = CANVAS_PX
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    columns = np.arange(width, dtype=np.float32)[None, :] / height
    angle = np.float32(rng.uniform(0, 2 * np.pi))
    canvas = 4 * rng.standard_normal(CANVAS_PX, dtype=np.float32)
    canvas += np.float32(rng.uniform(90, 160)) + 40 * np.cos(angle) * columns
    canvas += 40 * np.sin(angle) * rows
    for cells, strength in ((3, 50), (8, 25), (32, 12)):
        blobs = strength * rng.standard_normal((cells, cells), dtype=np.float32)
        canvas += cv2.resize(blobs, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(canvas.clip(0, 255), np.float32)


def paste_face(face: NDArray[np.uint8], size_px: int, rng: np.random.Generator) -> Pasted:
    """Put a face at a random place of a `textured_canvas`, without a hard edge.

    Args:
        face: (48, 48) uint8 grey.
        size_px: width of the face in the picture, at most the canvas's shorter side.
        rng: decides place and canvas.

    Returns:
        The picture and where the face's own 48x48 frame lies in it.

    Raises:
        ContractError: a face that does not fit the canvas.
    """
    height, width = CANVAS_PX
    if not 8 <= size_px <= min(CANVAS_PX):
        raise ContractError(
            "the face does not fit",
            where="paste_face",
            expected=f"8 to {min(CANVAS_PX)} px",
            received=size_px,
        )
    border = round(size_px * _BORDER)
    wide = cv2.copyMakeBorder(
        cv2.resize(face, (size_px, size_px), interpolation=cv2.INTER_CUBIC),
        border,
        border,
        border,
        border,
        cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    position = np.arange(size_px + 2 * border, dtype=np.float32)
    past = np.maximum(0, np.maximum(border - position, position - (size_px + border - 1))) / border
    # 0 on the face, 1 where its continuation ends, growing outwards in all directions.
    outside = np.minimum(1.0, np.sqrt(past[:, None] ** 2 + past[None, :] ** 2))
    blurred = cv2.GaussianBlur(wide, (0, 0), size_px * 0.08)
    softness = np.minimum(1.0, 4 * outside)
    wide = wide * (1 - softness) + blurred * softness
    opacity = 0.5 + 0.5 * np.cos(np.pi * outside)

    canvas = np.pad(textured_canvas(rng), border, mode="edge")
    x = int(rng.integers(0, width - size_px + 1))
    y = int(rng.integers(0, height - size_px + 1))
    place = canvas[y : y + len(wide), x : x + len(wide)]
    place[:] = opacity * wide + (1 - opacity) * place
    grey = canvas[border : border + height, border : border + width].round().clip(0, 255)
    return Pasted(
        image=np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2),
        square=np.array([x, y, size_px, size_px], np.float32),
    )


def paste_faces(
    faces: NDArray[np.uint8], sizes_px: Sequence[int] = SIZES_PX, seed: int = 0
) -> Iterator[Pasted]:
    """Put each of (n, 48, 48) faces into a picture of its own; the sizes take turns."""
    rng = np.random.default_rng(seed)
    for row, face in enumerate(faces):
        yield paste_face(face, int(sizes_px[row % len(sizes_px)]), rng)


def find_pasted(faces: Faces, pasted: Pasted) -> int | None:
    """Row of the detected face that is the pasted one; None where it was not found."""
    overlap = pairwise_iou(faces.boxes, pasted.square[None])[:, 0]
    return int(overlap.argmax()) if overlap.max(initial=0.0) >= FOUND_IOU else None


class JitteredDetector:
    """Another detector whose boxes tremble, as they do from one live frame to the next."""

    def __init__(
        self, detector: Detector, *, shift: float = 0.05, scale: float = 0.10, seed: int = 0
    ) -> None:
        """Wrap a detector.

        Args:
            detector: finds the faces.
            shift: each box moves by this fraction of its longer side, in a random direction.
            scale: each box grows or shrinks by this fraction, at random.
            seed: decides both.
        """
        self._detector = detector
        self._shift = shift
        self._scale = scale
        self._rng = np.random.default_rng(seed)

    @property
    def name(self) -> str:
        """The wrapped detector's."""
        return self._detector.name

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """The wrapped detector's faces of an (h, w, 3) uint8 RGB image, boxes moved and scaled."""
        faces = self._detector.detect(image)
        boxes = faces.boxes.copy()
        angle = self._rng.uniform(0, 2 * np.pi, len(boxes))
        factor = np.where(self._rng.random(len(boxes)) < 0.5, 1 - self._scale, 1 + self._scale)
        centre = boxes[:, :2] + boxes[:, 2:] / 2
        longer = boxes[:, 2:].max(axis=1, keepdims=True, initial=0.0)
        centre += self._shift * longer * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        boxes[:, 2:] *= factor[:, None]
        boxes[:, :2] = centre - boxes[:, 2:] / 2
        return Faces(boxes, faces.scores, faces.landmarks)


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Both ways on the same faces. Accuracies are fractions, of the faces that were found.

    Attributes:
        n: faces pasted.
        found: of these, faces found.
        direct_accuracy: of the 48x48 pictures themselves, found ones only; NaN without any.
        path_accuracy: through detector and crop, on the same faces; NaN without any.
        agreement: fraction on which both ways name the same class, right or wrong.
        overlap: mean intersection over union of the crop's square and the FER2013 picture's.
    """

    n: int
    found: int
    direct_accuracy: float
    path_accuracy: float
    agreement: float
    overlap: float

    @property
    def found_fraction(self) -> float:
        """Found faces over pasted ones; NaN without any."""
        return self.found / self.n if self.n else float("nan")

    @property
    def difference(self) -> float:
        """Path minus direct accuracy: negative where detector and crop cost something."""
        return self.path_accuracy - self.direct_accuracy


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What `run_selftest` measured.

    Attributes:
        detector: the detector's name.
        slug: the network's.
        total: all faces together.
        by_size: the same for the faces of each width in pixels.
        comparison: the whole way (A) against directly (B), on the faces that were found; None
            without any.
    """

    detector: str
    slug: str
    total: PathFigures
    by_size: dict[int, PathFigures]
    comparison: Comparison | None


def run_selftest(
    faces: NDArray[np.uint8],
    labels: NDArray[np.integer],
    detector: Detector,
    classifier: Classifier,
    *,
    sizes_px: Sequence[int] = SIZES_PX,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SelfTest:
    """Read faces directly and through the whole way, and compare.

    Each face is pasted once; the sizes take turns.

    Args:
        faces: (n, 48, 48) uint8 grey, from PublicTest: never from PrivateTest, which is not to be
            looked at more than once for each network.
        labels: (n,) integers in the order of `Emotion`.
        detector: finds the pasted faces.
        classifier: reads them; its card says how to crop.
        sizes_px: widths of the pasted faces.
        seed: decides canvases and places.
        progress: called after each face with faces done and faces in all.

    Returns:
        Figures over all faces and for each size.

    Raises:
        ContractError: arrays of other shapes.
    """
    if faces.ndim != 3 or faces.dtype != np.uint8 or labels.shape != (len(faces),):
        raise ContractError(
            "wrong arrays",
            where="run_selftest",
            expected="(n, 48, 48) uint8 faces and (n,) labels",
            received=f"{faces.shape} {faces.dtype} and {labels.shape}",
        )
    pipeline = Pipeline(detector, classifier)
    margin = classifier.card.input.crop_margin
    n = len(faces)
    answers = np.full(n, -1)
    framing = np.zeros(n)
    size_of = np.resize(np.asarray(sizes_px, int), n)
    for row, pasted in enumerate(paste_faces(faces, sizes_px, seed)):
        result = pipeline(pasted.image)
        best = find_pasted(result.faces, pasted)
        if best is not None:
            answers[row] = result.predictions.emotions[best]
            square = _square_around(result.faces.boxes[best], margin)
            framing[row] = pairwise_iou(square[None], pasted.square[None])[0, 0]
        progress(row + 1, n)
    named = grey_logits(classifier, faces).argmax(axis=1)

    def figures(rows: NDArray[np.bool_]) -> PathFigures:
        found = rows & (answers >= 0)

        def mean(values: NDArray[Any]) -> float:
            return float(np.mean(values[found])) if found.any() else float("nan")

        return PathFigures(
            n=int(rows.sum()),
            found=int(found.sum()),
            direct_accuracy=mean(named == labels),
            path_accuracy=mean(answers == labels),
            agreement=mean(answers == named),
            overlap=mean(framing),
        )

    found = answers >= 0
    return SelfTest(
        detector=detector.name,
        slug=classifier.card.slug,
        total=figures(np.ones(n, bool)),
        by_size={int(size): figures(size_of == size) for size in dict.fromkeys(sizes_px)},
        comparison=mcnemar_exact((answers == labels)[found], (named == labels)[found])
        if found.any()
        else None,
    )


def _square_around(box: NDArray[np.float32], margin: float) -> NDArray[np.float32]:
    """The square that `crop_square` cuts, before rounding: (4,) x, y, w, h."""
    side = box[2:].max() * (1 + 2 * margin)
    centre = box[:2] + box[2:] / 2
    return np.array([*(centre - side / 2), side, side], np.float32)
