"""What a camera did to a face is undone where it was done, and nowhere else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ContractError
from fer_core.faces import InputSpec, Restoration, WholeImage, crop_faces, to_network_inputs
from fer_core.faces import restoration as under_test
from fer_core.faces.corruptions import blur, low_light, noise, small
from fer_core.faces.restoration import filtered, noise_level

SPEC = InputSpec(48, 1, 0.0, restoration=Restoration.CAMERA)


def likely_face(seed: int) -> NDArray[np.uint8]:
    """A picture with the spectrum that faces have, and no face in it."""
    rng = np.random.default_rng(seed)
    rings = np.interp(under_test._RADIUS, under_test._RING_RADIUS, under_test._SPECTRUM)
    waves = rng.normal(0, 1, (48, 48)) * np.exp(rings / 2)
    waves[0, 0] = 128 * 48
    return np.clip(np.rint(cv2.idct(waves.astype(np.float32))), 0, 255).astype(np.uint8)


FACES = [likely_face(seed) for seed in range(20)]


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """How much of one picture's variation the other lacks, whatever its light, 0 to 2."""
    return 1 - float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_a_face_in_fair_light_stays_as_it_is() -> None:
    assert sum(filtered(face) is face for face in FACES) >= 18


@pytest.mark.parametrize(("level", "left"), [(10.0, 0.95), (20.0, 0.8), (40.0, 0.7)])
def test_the_level_of_noise_is_found_and_the_noise_reduced(level: float, left: float) -> None:
    rng = np.random.default_rng(0)
    grey = np.full((48, 48), 128, np.uint8)
    found = np.mean([noise_level(noise(grey, level, rng)) for _ in range(20)])
    assert found == pytest.approx(level, rel=0.05)
    seen = [noise(face, level, rng) for face in FACES]
    before = [distance(face, spoiled) for face, spoiled in zip(FACES, seen, strict=True)]
    after = [distance(face, filtered(spoiled)) for face, spoiled in zip(FACES, seen, strict=True)]
    assert np.mean(after) < left * np.mean(before)


@pytest.mark.parametrize("light", [0.25, 0.1, 0.05])
def test_dim_light_becomes_fair(light: float) -> None:
    for face in FACES:
        dim = low_light(face, light)
        lit = filtered(dim)
        assert lit.std() > 40
        assert 90 < lit.mean() < 170
        assert distance(face, lit) < 0.1


@pytest.mark.parametrize(("width", "left"), [(1.0, 0.5), (2.0, 0.8), (3.0, 0.9)])
def test_a_blur_is_undone(width: float, left: float) -> None:
    seen = [blur(face, width) for face in FACES]
    before = [distance(face, soft) for face, soft in zip(FACES, seen, strict=True)]
    after = [distance(face, filtered(soft)) for face, soft in zip(FACES, seen, strict=True)]
    assert np.mean(after) < left * np.mean(before)


@pytest.mark.parametrize("side", [12, 16])
def test_pixels_that_were_enlarged_are_not_sharpened(side: int) -> None:
    seen = [small(face, side) for face in FACES]
    assert sum(filtered(face) is face for face in seen) >= 18


@pytest.mark.parametrize("grey", [0, 7, 255])
def test_a_picture_of_one_grey_stays(grey: int) -> None:
    assert np.array_equal(filtered(np.full((48, 48), grey, np.uint8)), np.full((48, 48), grey))


def test_all_ways_to_a_network_restore_alike() -> None:
    dim = low_light(FACES[0], 0.1)
    image = np.repeat(dim[:, :, None], 3, axis=2)
    crops = crop_faces(image, WholeImage().detect(image), SPEC)
    assert np.array_equal(crops, to_network_inputs(dim[None], SPEC))
    assert np.array_equal(crops[0, ..., 0], filtered(dim))
    plain = to_network_inputs(dim[None], InputSpec(48, 1, 0.0))
    assert np.array_equal(plain[0, ..., 0], dim)


@pytest.mark.parametrize(("side", "channels"), [(24, 1), (48, 3), (96, 1)])
def test_a_network_of_another_input_is_refused(side: int, channels: int) -> None:
    with pytest.raises(ContractError, match="cannot be restored"):
        InputSpec(side, channels, 0.0, restoration=Restoration.CAMERA)


@pytest.mark.dataset
def test_the_spectrum_is_that_of_the_training_faces(fer2013: Fer2013) -> None:
    faces = fer2013.pixels[fer2013.rows(Split.TRAINING, without_blank=True)]
    waves = np.stack([np.square(cv2.dct(face.astype(np.float32))).ravel() for face in faces])
    energy = np.log(waves @ under_test._RINGS.T + 1e-3)
    assert energy.mean(axis=0) == pytest.approx(under_test._SPECTRUM, abs=0.01)
    assert energy.std(axis=0) == pytest.approx(under_test._SPECTRUM_SPREAD, abs=0.01)
    # What the limits say of these faces.
    levels = np.array([noise_level(face) for face in faces[::10]])
    assert np.mean(levels < under_test.NOISY_FROM) > 0.95
    spread = faces[::10].std(axis=(1, 2))
    assert np.mean(spread < under_test.FLAT_BELOW) < 0.01
