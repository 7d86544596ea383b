"""Every registered detector keeps one contract."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import DetectorError
from fer_core.faces import Detector, fallback_reason, known_detectors, make_detector
from fer_core.registry import file_names
from tests.faces.portrait import PORTRAIT_FACE, overlap


@pytest.fixture(scope="module", params=known_detectors())
def detector(request: pytest.FixtureRequest) -> Detector:
    """Each detector in turn."""
    return _detector(request, request.param)


@pytest.fixture(
    scope="module", params=[entry.name for entry in known_detectors().values() if entry.searches]
)
def searching(request: pytest.FixtureRequest) -> Detector:
    """Each detector that looks, in turn."""
    return _detector(request, request.param)


def _detector(request: pytest.FixtureRequest, name: str) -> Detector:
    if name == "yunet":
        request.getfixturevalue("yunet_cache")
    return make_detector(name)


def test_the_detector_asked_for_is_on(detector: Detector) -> None:
    assert detector.name in known_detectors()
    assert fallback_reason(detector.name, detector) == ""


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 20_000), (20_000, 1), (2, 3), (19, 23), (31, 400), (33, 33), (240, 320)]
)
def test_an_empty_image_of_any_size_gives_a_value(
    detector: Detector, shape: tuple[int, int]
) -> None:
    faces = detector.detect(np.full((*shape, 3), 127, np.uint8))
    if detector.name == "none":
        assert faces.boxes.tolist() == [[0, 0, shape[1], shape[0]]]
    else:
        assert len(faces) == 0
        assert faces.boxes.shape == (0, 4)
        assert faces.landmarks.shape == (0, 5, 2)


def test_the_answer_depends_on_the_image_alone(
    detector: Detector, portrait: NDArray[np.uint8]
) -> None:
    kept = portrait.copy()
    first = detector.detect(portrait)
    detector.detect(np.zeros((1, 700, 3), np.uint8))  # another size in between
    second = detector.detect(portrait)
    assert np.array_equal(first.boxes, second.boxes)
    assert np.array_equal(portrait, kept)


def test_a_view_that_is_not_contiguous_is_read(
    detector: Detector, portrait: NDArray[np.uint8]
) -> None:
    mirrored = portrait[:, ::-1]
    assert np.array_equal(detector.detect(mirrored).boxes, detector.detect(mirrored.copy()).boxes)


def test_the_portrait_has_one_face(searching: Detector, portrait: NDArray[np.uint8]) -> None:
    faces = searching.detect(portrait)
    assert len(faces) == 1
    # Both detectors draw the same box: one crop margin has to fit either.
    assert overlap(faces.boxes[0], PORTRAIT_FACE) > 0.75
    assert 0.5 < faces.scores[0] <= 1.0


@pytest.mark.parametrize("factor", [0.5, 2.0, 4.0])
def test_boxes_are_in_pixels_of_the_image_given(
    searching: Detector, portrait: NDArray[np.uint8], factor: float
) -> None:
    scaled = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    faces = searching.detect(np.asarray(scaled, np.uint8))
    assert len(faces) >= 1
    assert overlap(faces.boxes[0], PORTRAIT_FACE * factor) > 0.7


def test_the_largest_face_comes_first(searching: Detector, portrait: NDArray[np.uint8]) -> None:
    face = portrait[20:240, 110:330]
    picture = np.full((440, 640, 3), 120, np.uint8)
    picture[20:150, 20:150] = cv2.resize(face, (130, 130), interpolation=cv2.INTER_AREA)
    picture[100:420, 300:620] = cv2.resize(face, (320, 320))
    faces = searching.detect(picture)
    assert len(faces) == 2
    assert faces.boxes[0, 0] > 250
    assert faces.boxes[0, 3] > faces.boxes[1, 3]


def test_the_names_are_those_of_the_files() -> None:
    # The command line lists files, so that `--help` needs no OpenCV.
    assert sorted(known_detectors()) == list(file_names("fer_core.faces.detectors"))


def test_the_best_comes_first() -> None:
    assert next(iter(known_detectors())) == "yunet"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DetectorError, match="haar, none, yunet"):
        make_detector("mtcnn")
