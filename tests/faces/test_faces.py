"""Every detector keeps one contract; crops are what the networks learned from."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from fer_core.errors import ContractError, DetectorError
from fer_core.faces import (
    CROP_MARGIN,
    DETECTORS,
    LANDMARKS,
    PHOTO_PASSES,
    Detector,
    Faces,
    HaarDetector,
    InputSpec,
    WholeImage,
    YuNetDetector,
    crop_faces,
    crop_square,
    fallback_reason,
    fit_face,
    fit_faces,
    make_detector,
    yunet_weights,
)
from fer_core.faces.crops import LEVEL_FROM_DEGREES, crop_levelled, eye_tilt_degrees

SEARCHING = ("yunet", "haar")
GREY = InputSpec(side_px=48, channels=1, crop_margin=CROP_MARGIN)
PORTRAIT_FACE = np.array([180, 62, 90, 112], np.float32)
"""Where the face of NASA's portrait of Eileen Collins is, in its 512x512 pixels."""


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    """(512, 512, 3) RGB: one frontal face."""
    return data.astronaut()


@pytest.fixture(scope="module", params=DETECTORS)
def detector(request: pytest.FixtureRequest) -> Detector:
    """Each detector in turn."""
    return _detector(request, request.param)


@pytest.fixture(scope="module", params=SEARCHING)
def searching(request: pytest.FixtureRequest) -> Detector:
    """Each detector that looks, in turn."""
    return _detector(request, request.param)


def _detector(request: pytest.FixtureRequest, name: str) -> Detector:
    if name == "yunet":
        request.getfixturevalue("yunet_cache")
    return make_detector(name)


def _iou(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    near = np.maximum(one[:2], other[:2])
    far = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    shared = (far - near).clip(min=0).prod()
    return float(shared / (one[2:].prod() + other[2:].prod() - shared))


# --- the contract ---


def test_the_detector_asked_for_is_on(detector: Detector) -> None:
    assert detector.name in DETECTORS
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
    assert _iou(faces.boxes[0], PORTRAIT_FACE) > 0.75
    assert 0.5 < faces.scores[0] <= 1.0


@pytest.mark.parametrize("factor", [0.5, 2.0, 4.0])
def test_boxes_are_in_pixels_of_the_image_given(
    searching: Detector, portrait: NDArray[np.uint8], factor: float
) -> None:
    scaled = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    faces = searching.detect(np.asarray(scaled, np.uint8))
    assert len(faces) >= 1
    assert _iou(faces.boxes[0], PORTRAIT_FACE * factor) > 0.7


def test_the_largest_face_comes_first(searching: Detector, portrait: NDArray[np.uint8]) -> None:
    face = portrait[20:240, 110:330]
    picture = np.full((440, 640, 3), 120, np.uint8)
    picture[20:150, 20:150] = cv2.resize(face, (130, 130), interpolation=cv2.INTER_AREA)
    picture[100:420, 300:620] = cv2.resize(face, (320, 320))
    faces = searching.detect(picture)
    assert len(faces) == 2
    assert faces.boxes[0, 0] > 250
    assert faces.boxes[0, 3] > faces.boxes[1, 3]


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DetectorError, match="yunet, haar, none"):
        make_detector("mtcnn")


# --- YuNet ---


def test_yunet_marks_eyes_nose_and_mouth(yunet_cache: Path, portrait: NDArray[np.uint8]) -> None:
    faces = make_detector("yunet").detect(portrait)
    right_eye, left_eye, nose, right_mouth, left_mouth = faces.landmarks[0]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
    x, y, width, height = faces.boxes[0]
    assert ((faces.landmarks[0] > [x, y]) & (faces.landmarks[0] < [x + width, y + height])).all()


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
    assert _iou(faces.boxes[0], np.array([0, 0, 48, 48], np.float32)) > 0.5


def test_yunet_invents_no_face_in_a_thin_strip(
    yunet_cache: Path, portrait: NDArray[np.uint8]
) -> None:
    # OpenCV 4.14 reads memory of earlier calls here: half of such strips gave a face somewhere.
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


# --- Haar ---


def test_haar_says_what_is_missing_without_its_cascade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fer_core.faces.haar.CASCADE", "gone.xml")
    with pytest.raises(DetectorError, match=r"requirements\.txt"):
        HaarDetector()


# --- faces as a value ---


def test_faces_refuse_wrong_arrays() -> None:
    with pytest.raises(ContractError, match=r"Faces\.scores"):
        Faces.from_boxes(np.ones((2, 4)), scores=np.ones(3))
    with pytest.raises(ContractError, match="not a box"):
        Faces.from_boxes(np.array([[0, 0, 0, 5]]))
    with pytest.raises(ContractError, match="not a box"):
        Faces.from_boxes(np.array([[0, 0, np.nan, 5]]))


def test_largest_first_moves_rows_together() -> None:
    faces = Faces.from_boxes(
        np.array([[0, 0, 2, 2], [5, 5, 9, 9], [1, 1, 4, 4]]), scores=np.array([0.1, 0.2, 0.3])
    ).largest_first()
    assert faces.boxes[:, 2].tolist() == [9, 4, 2]
    assert faces.scores.tolist() == pytest.approx([0.2, 0.3, 0.1])


# --- crops ---


def test_a_crop_is_the_square_on_the_longer_side() -> None:
    image = np.arange(100 * 120 * 3, dtype=np.uint32).astype(np.uint8).reshape(100, 120, 3)
    crop = crop_square(image, np.array([40, 30, 20, 30], np.float32), 0.0)
    assert np.array_equal(crop, image[30:60, 35:65])
    wider = crop_square(image, np.array([40, 30, 20, 30], np.float32), 0.1)
    assert np.array_equal(wider, image[27:63, 32:68])


@pytest.mark.parametrize(
    "box",
    [
        (-10, -10, 30, 30),
        (95, 80, 30, 30),
        (50, -29, 30, 30),
        (-500, -500, 30, 30),
        (-50, -50, 400, 400),
        (3, 3, 0.01, 0.01),
    ],
)
def test_past_the_edge_the_border_is_repeated(box: tuple[float, ...]) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (90, 110, 3), np.uint8)
    crop = crop_square(image, np.array(box, np.float32), 0.0)
    assert crop.shape[0] == crop.shape[1] == max(2, round(box[2]))
    padded = np.pad(image, ((600, 600), (600, 600), (0, 0)), mode="edge")
    left, top = (round(box[i] + box[2] / 2 - len(crop) / 2) + 600 for i in (0, 1))
    assert np.array_equal(crop, padded[top : top + len(crop), left : left + len(crop)])


def test_crops_keep_the_order_of_the_faces() -> None:
    image = np.zeros((100, 300, 3), np.uint8)
    for column, level in enumerate((50, 150, 250)):
        image[:, column * 100 : column * 100 + 100] = level
    boxes = np.array([[220, 20, 50, 50], [20, 20, 40, 40], [120, 20, 30, 30]])
    crops = crop_faces(image, Faces.from_boxes(boxes), GREY)
    assert crops.shape == (3, 48, 48, 1)
    assert crops.dtype == np.uint8
    assert [int(crop.mean()) for crop in crops] == [250, 50, 150]


@pytest.mark.parametrize("channels", [1, 3])
def test_no_faces_give_no_crops_of_the_right_shape(channels: int) -> None:
    spec = InputSpec(side_px=40, channels=channels, crop_margin=0.0)
    crops = crop_faces(np.zeros((10, 10, 3), np.uint8), Faces.none(), spec)
    assert crops.shape == (0, 40, 40, channels)


def test_a_whole_face_picture_arrives_as_in_training() -> None:
    # `--detector none` on a FER2013 picture must be the direct path, pixel by pixel.
    face = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    image = np.repeat(face[:, :, None], 3, axis=2)
    crops = crop_faces(image, WholeImage().detect(image), GREY)
    assert np.array_equal(crops, fit_faces(face[None], GREY))


@pytest.mark.parametrize("side", [30, 48, 96, 101])
def test_fit_face_commutes_with_mirroring(side: int) -> None:
    # A resize that shifts by half a pixel would not.
    patch = np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)
    mirrored = fit_face(np.ascontiguousarray(patch[:, ::-1]), GREY)
    assert np.abs(mirrored.astype(int) - fit_face(patch, GREY)[:, ::-1]).max() <= 1


def test_a_reduced_face_does_not_alias() -> None:
    checks = (np.indices((96, 96)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert np.ptp(fit_face(checks, GREY)) <= 1


@pytest.mark.parametrize(
    "fields",
    [
        {"side_px": 4},
        {"channels": 2},
        {"crop_margin": 2.0},
        {"crop_margin": float("nan")},
        {"alignment": "eyes"},
    ],
)
def test_an_impossible_input_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ContractError, match="InputSpec"):
        InputSpec(**({"side_px": 48, "channels": 1, "crop_margin": 0.0} | fields))


def tilted_face(degrees: float) -> tuple[NDArray[np.uint8], Faces]:
    """A bright bar where the eyes are, turned clockwise about the picture's middle."""
    level = np.zeros((200, 200, 3), np.uint8)
    level[80:90, 60:140] = 255
    turn = cv2.getRotationMatrix2D((100, 100), -degrees, 1.0)
    eyes = np.array([[70, 85], [130, 85]]) @ turn[:, :2].T + turn[:, 2]
    landmarks = np.full((1, LANDMARKS, 2), 100, np.float32)
    landmarks[0, :2] = eyes
    box = np.array([[40, 40, 120, 120]], np.float32)
    return cv2.warpAffine(level, turn, (200, 200)), Faces(box, np.ones(1, np.float32), landmarks)


@pytest.mark.parametrize("degrees", [-35, -20, 20, 35])
def test_a_tilted_face_is_read_upright(degrees: float) -> None:
    image, faces = tilted_face(degrees)
    assert eye_tilt_degrees(faces.landmarks[0]) == pytest.approx(degrees, abs=0.1)
    upright = crop_faces(*tilted_face(0), GREY)[0].astype(int)
    assert np.abs(crop_faces(image, faces, GREY)[0] - upright).mean() < 3
    as_found = fit_face(crop_square(image, faces.boxes[0], GREY.crop_margin), GREY)
    assert np.abs(as_found - upright).mean() > 10


def test_a_hardly_tilted_face_is_read_as_it_was_found() -> None:
    image, faces = tilted_face(LEVEL_FROM_DEGREES - 1)
    as_found = fit_face(crop_square(image, faces.boxes[0], GREY.crop_margin), GREY)
    np.testing.assert_array_equal(crop_faces(image, faces, GREY)[0], as_found)


def test_a_face_without_landmarks_has_no_tilt() -> None:
    assert eye_tilt_degrees(np.full((LANDMARKS, 2), np.nan, np.float32)) == 0.0


def test_what_lies_past_the_edge_of_a_levelled_face_repeats_the_border() -> None:
    image = np.full((50, 50, 3), 200, np.uint8)
    patch = crop_levelled(image, np.array([-20, -20, 60, 60], np.float32), 0.0, 30.0)
    assert patch.shape == (60, 60, 3)
    assert (patch == 200).all()
