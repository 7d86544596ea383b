"""Crops are what the networks learned from, aligned as their card says."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import (
    LANDMARKS,
    Faces,
    InputSpec,
    WholeImage,
    crop_faces,
    crop_square,
    to_network_input,
    to_network_inputs,
    trained_input,
)
from fer_core.faces.crops import ROLL_FROM_DEGREES, align_roll, roll_degrees

GREY = trained_input(side_px=48, channels=1)


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
    assert np.array_equal(crops, to_network_inputs(face[None], GREY))


@pytest.mark.parametrize("side", [30, 48, 96, 101])
def test_to_network_input_commutes_with_mirroring(side: int) -> None:
    # A resize that shifts by half a pixel would not.
    patch = np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)
    mirrored = to_network_input(np.ascontiguousarray(patch[:, ::-1]), GREY)
    assert np.abs(mirrored.astype(int) - to_network_input(patch, GREY)[:, ::-1]).max() <= 1


def test_a_reduced_face_does_not_alias() -> None:
    checks = (np.indices((96, 96)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert np.ptp(to_network_input(checks, GREY)) <= 1


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
    assert roll_degrees(faces.landmarks[0]) == pytest.approx(degrees, abs=0.1)
    upright = crop_faces(*tilted_face(0), GREY)[0].astype(int)
    assert np.abs(crop_faces(image, faces, GREY)[0] - upright).mean() < 3
    as_found = to_network_input(crop_square(image, faces.boxes[0], GREY.crop_margin), GREY)
    assert np.abs(as_found - upright).mean() > 10


def test_a_hardly_tilted_face_is_read_as_it_was_found() -> None:
    image, faces = tilted_face(ROLL_FROM_DEGREES - 1)
    as_found = to_network_input(crop_square(image, faces.boxes[0], GREY.crop_margin), GREY)
    np.testing.assert_array_equal(crop_faces(image, faces, GREY)[0], as_found)


def test_a_card_without_alignment_takes_the_box_as_it_is() -> None:
    image, faces = tilted_face(30)
    as_found = to_network_input(crop_square(image, faces.boxes[0], GREY.crop_margin), GREY)
    crops = crop_faces(image, faces, replace(GREY, alignment="none"))
    np.testing.assert_array_equal(crops[0], as_found)


def test_a_face_without_landmarks_has_no_tilt() -> None:
    assert roll_degrees(np.full((LANDMARKS, 2), np.nan, np.float32)) == 0.0


def test_what_lies_past_the_edge_of_a_levelled_face_repeats_the_border() -> None:
    image = np.full((50, 50, 3), 200, np.uint8)
    patch = align_roll(image, np.array([-20, -20, 60, 60], np.float32), 0.0, 30.0)
    assert patch.shape == (60, 60, 3)
    assert (patch == 200).all()
