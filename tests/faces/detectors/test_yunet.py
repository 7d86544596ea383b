"""YuNet: landmarks, small and large faces, strange sizes and files."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import DetectorError
from fer_core.faces import PHOTO_PASSES, YuNetDetector, make_detector, yunet_weights
from fer_core.faces.yunet_network import YuNetNetwork
from tests.faces.portrait import overlap


def test_yunet_marks_eyes_nose_and_mouth(yunet_cache: Path, portrait: NDArray[np.uint8]) -> None:
    faces = make_detector("yunet").detect(portrait)
    right_eye, left_eye, nose, right_mouth, left_mouth = faces.landmarks[0]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
    x, y, width, height = faces.boxes[0]
    assert ((faces.landmarks[0] > [x, y]) & (faces.landmarks[0] < [x + width, y + height])).all()


def test_the_network_answers_as_opencvs_own_detector(
    yunet_cache: Path, portrait: NDArray[np.uint8]
) -> None:
    weights = yunet_weights()
    assert weights is not None
    network = YuNetNetwork(weights, score_threshold=0.6, overlap_threshold=0.3)
    rows = 0
    for height, width in ((160, 160), (240, 320), (333, 500), (720, 1280)):
        picture = cv2.cvtColor(cv2.resize(portrait, (width, height)), cv2.COLOR_RGB2BGR)
        twice = np.asarray(np.hstack([picture, picture[:, ::-1]]), np.uint8)
        theirs = cv2.FaceDetectorYN.create(
            str(weights), "", (2 * width, height), 0.6, 0.3, 5000
        ).detect(twice)[1]
        ours = network(twice)
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=0.01)
        rows += len(ours)
    assert rows >= 8


def test_yunet_finds_small_faces_in_a_large_photo_once(
    yunet_cache: Path, portrait: NDArray[np.uint8]
) -> None:
    face = cv2.resize(portrait[0:260, 90:350], (92, 92), interpolation=cv2.INTER_AREA)  # 40 px high
    photo = np.full((3000, 4000, 3), 128, np.uint8)
    places = [(y, x) for y in range(100, 2900, 900) for x in range(100, 3900, 900)]
    for y, x in places:
        photo[y : y + 92, x : x + 92] = face
    photo[1000:1800, 1450:2250] = cv2.resize(portrait[0:260, 90:350], (800, 800))
    places = [(y, x) for y, x in places if not (900 < y < 1800 and 1350 < x < 2250)]
    faces = make_detector("yunet", photos=True).detect(photo)
    assert len(faces) == len(places) + 1  # each once, though two passes see the large one
    assert 300 < faces.boxes[0, 3] < 400


def test_yunet_finds_a_face_that_fills_a_small_picture(
    yunet_cache: Path, portrait: NDArray[np.uint8]
) -> None:
    tight = cv2.resize(portrait[62:174, 169:281], (48, 48), interpolation=cv2.INTER_AREA)
    faces = make_detector("yunet").detect(np.asarray(tight, np.uint8))
    assert len(faces) == 1
    assert overlap(faces.boxes[0], np.array([0, 0, 48, 48], np.float32)) > 0.5


def test_yunet_invents_no_face_in_a_thin_strip(
    yunet_cache: Path, portrait: NDArray[np.uint8]
) -> None:
    weights = yunet_weights()
    assert weights is not None
    detector = YuNetDetector(weights, passes=PHOTO_PASSES)
    for shape in ((1, 1920), (8, 640), (30, 320), (700, 20)) * 3:
        detector.detect(portrait)
        assert len(detector.detect(np.zeros((*shape, 3), np.uint8))) == 0


@pytest.mark.parametrize("content", [None, b"", b"not a network" * 100])
def test_yunet_refuses_a_file_that_is_no_network(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DetectorError, match="cannot be loaded"):
        YuNetDetector(path)
