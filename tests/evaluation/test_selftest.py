"""The self-test's own geometry and sums, on a drawn thing and made-up detectors."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.evaluation.selftest import (
    CANVAS_PX,
    SIZES_PX,
    JitteredDetector,
    paste_face,
    run_selftest,
)
from fer_core.faces import Detector, Faces, to_network_inputs
from fer_core.zoo import Classifier, load_classifier
from tests.tiny import write_tiny_folder

BRIGHT = 254


def drawn_faces(n: int) -> NDArray[np.uint8]:
    """(n, 48, 48): nearly white squares, which no canvas is; each with its own dark spot."""
    faces = np.full((n, 48, 48), BRIGHT, np.uint8)
    rng = np.random.default_rng(0)
    for face in faces:
        y, x = rng.integers(12, 30, 2)
        face[y : y + 6, x : x + 6] = 20
    return faces


class SquareFinder:
    """Knows where each face was pasted; finds it, or a box beside it, or nothing."""

    name = "known"

    def __init__(self, boxes: list[NDArray[np.float32] | None]) -> None:
        self._boxes = iter(boxes)

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        box = next(self._boxes)
        if box is None:
            return Faces.none()
        elsewhere = np.array([0, 0, 4, 4], np.float32)  # a false face must not be taken for it
        return Faces.from_boxes(np.stack([elsewhere, box]))


def squares(faces: NDArray[np.uint8], seed: int) -> list[NDArray[np.float32]]:
    """Where `run_selftest` will paste them."""
    rng = np.random.default_rng(seed)
    sizes = np.resize(SIZES_PX, len(faces))
    return [
        paste_face(face, int(size), rng).square for face, size in zip(faces, sizes, strict=True)
    ]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A network that reads something, wrongly."""
    return load_classifier(write_tiny_folder(tmp_path_factory.mktemp("models")))


@pytest.mark.parametrize("size", SIZES_PX)
def test_the_face_lies_where_the_square_says(size: int) -> None:
    face = np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8)
    big = np.kron(face[::12, ::12], np.ones((12, 12))).astype(np.uint8)  # 4x4 flat tiles
    pasted = paste_face(big, size, np.random.default_rng(2))
    x, y, width, height = pasted.square.astype(int)
    assert (width, height) == (size, size)
    assert pasted.image.shape == (*CANVAS_PX, 3)
    assert pasted.image.dtype == np.uint8
    assert 0 <= x <= CANVAS_PX[1] - size
    assert 0 <= y <= CANVAS_PX[0] - size
    step = size // 4
    middles = pasted.image[y + step // 2 : y + size : step, x + step // 2 : x + size : step, 0]
    assert np.abs(middles.astype(int) - big[6::12, 6::12]).max() <= 2


def test_the_paste_has_no_hard_edge() -> None:
    white = np.full((48, 48), BRIGHT, np.uint8)
    pasted = paste_face(white, 96, np.random.default_rng(5))
    grey = pasted.image[..., 0].astype(int)
    _, y, _, size = pasted.square.astype(int)
    line = grey[y + size // 2]
    assert np.abs(np.diff(line)).max() < 40  # noise and slope; a rectangle's edge would be over 80


def test_canvases_come_from_the_seed() -> None:
    face = drawn_faces(1)[0]
    one, same, other = (paste_face(face, 96, np.random.default_rng(s)) for s in (3, 3, 4))
    assert np.array_equal(one.image, same.image)
    assert not np.array_equal(one.image, other.image)


@pytest.mark.parametrize("size", [4, 241])
def test_a_face_that_does_not_fit_is_refused(size: int) -> None:
    with pytest.raises(ContractError, match="does not fit"):
        paste_face(drawn_faces(1)[0], size, np.random.default_rng(0))


def test_a_perfect_detector_costs_almost_nothing(classifier: Classifier) -> None:
    faces = drawn_faces(9)
    labels = classifier.predict(_inputs(classifier, faces)).probabilities.argmax(axis=1)
    result = run_selftest(faces, labels, SquareFinder([*squares(faces, 0)]), classifier)
    assert (result.detector, result.slug) == ("known", "tiny")
    assert result.total.n == result.total.found == 9
    assert result.total.direct_accuracy == 1.0
    assert result.total.path_accuracy == result.total.agreement >= 8 / 9
    assert result.total.overlap == pytest.approx(1.0)
    assert {size: figures.n for size, figures in result.by_size.items()} == dict.fromkeys(
        SIZES_PX, 3
    )


def test_what_is_not_found_is_counted_and_left_out(classifier: Classifier) -> None:
    faces = drawn_faces(6)
    found = squares(faces, 0)
    boxes: list[NDArray[np.float32] | None] = [*found]
    boxes[0] = None  # nothing at all
    boxes[1] = found[1] + np.array([300, 0, 0, 0], np.float32)  # something else
    labels = classifier.predict(_inputs(classifier, faces)).probabilities.argmax(axis=1)
    labels[:2] = (labels[:2] + 1) % 7  # wrong on those: must not matter
    result = run_selftest(faces, labels, SquareFinder(boxes), classifier)
    assert result.total.found == 4
    assert result.comparison is not None
    assert result.comparison.difference == pytest.approx(result.total.difference)
    assert result.total.found_fraction == pytest.approx(4 / 6)
    assert result.total.direct_accuracy == 1.0


def test_nothing_found_and_nothing_given_are_values(classifier: Classifier) -> None:
    faces = drawn_faces(2)
    blind = run_selftest(faces, np.zeros(2, int), SquareFinder([None, None]), classifier)
    assert blind.total.found_fraction == 0.0
    assert np.isnan(blind.total.difference)
    assert blind.comparison is None
    empty = run_selftest(faces[:0], np.zeros(0, int), SquareFinder([]), classifier)
    assert empty.total.n == 0
    assert np.isnan(empty.total.found_fraction)


def test_progress_reaches_the_last_face_also_where_none_is_found(classifier: Classifier) -> None:
    told: list[tuple[int, int]] = []
    run_selftest(
        drawn_faces(3),
        np.zeros(3, int),
        SquareFinder([None] * 3),
        classifier,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_wrong_arrays_are_refused(classifier: Classifier) -> None:
    with pytest.raises(ContractError, match="run_selftest"):
        run_selftest(drawn_faces(3), np.zeros(2, int), SquareFinder([]), classifier)


def test_jitter_moves_and_scales_as_much_as_it_says() -> None:
    boxes = np.tile(np.array([100, 50, 40, 60], np.float32), (500, 1))

    class Still:
        name = "still"

        def detect(self, image: NDArray[np.uint8]) -> Faces:
            return Faces.from_boxes(boxes)

    detector: Detector = JitteredDetector(Still(), shift=0.05, scale=0.10, seed=1)
    assert detector.name == "still"
    moved = detector.detect(np.zeros((1, 1, 3), np.uint8)).boxes
    centres = moved[:, :2] + moved[:, 2:] / 2 - np.array([120, 80])
    assert np.hypot(*centres.T) == pytest.approx(np.full(500, 3.0), abs=1e-3)
    assert centres.mean(axis=0) == pytest.approx([0, 0], abs=0.3)
    assert sorted({round(float(h), 2) for h in moved[:, 3]}) == [54.0, 66.0]
    assert np.array_equal(boxes[0], [100, 50, 40, 60])  # the wrapped detector's own are untouched


def _inputs(classifier: Classifier, faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return to_network_inputs(faces, classifier.card.input)
