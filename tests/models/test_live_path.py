"""A face read live gets the answer that it gets in evaluation, with the real detectors and network.

PublicTest only: looking at PrivateTest is what `freeze` does, once, and what its ledger counts.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.selftest import JitteredDetector, SelfTest, run_selftest
from fer_core.faces import Restoration, make_detector, trained_input
from fer_core.zoo import MODELS, Classifier, default_slug, load_classifier, sound_folders

FACES = 1000

pytestmark = pytest.mark.dataset

Sample = tuple[NDArray[np.uint8], NDArray[np.int64]]


@pytest.fixture(scope="module")
def sample(fer2013: Fer2013) -> Sample:
    """PublicTest faces, (n, 48, 48), and labels; the same ones each time."""
    pixels, labels = fer2013.part(Split.PUBLIC_TEST, without_blank=True)
    rows = np.random.default_rng(0).choice(len(labels), FACES, replace=False)
    return pixels[rows], labels[rows]


@pytest.fixture(scope="module")
def network() -> Classifier:
    """The network that every page opens with."""
    return load_classifier(MODELS / default_slug())


@pytest.fixture(scope="module")
def live(sample: Sample, network: Classifier, yunet_cache: Path) -> SelfTest:
    """The way with YuNet."""
    return run_selftest(*sample, make_detector("yunet"), network)


def test_each_card_says_how_its_faces_are_cropped_and_aligned() -> None:
    cards, _ = sound_folders()
    for card in cards:
        trained = trained_input(card.input.side_px, card.input.channels)
        assert replace(card.input, restoration=Restoration.NONE) == trained, card.slug


def test_nearly_all_faces_are_found(live: SelfTest) -> None:
    assert live.total.n >= 500
    assert live.total.found_fraction >= 0.90
    # Small faces are the hard ones: 48 pixels blown up to 64 carry no detail for the detector.
    assert min(figures.found_fraction for figures in live.by_size.values()) >= 0.75


def test_the_way_through_detector_and_crop_costs_at_most_three_points(live: SelfTest) -> None:
    assert abs(live.total.difference) <= 0.03
    assert live.total.direct_accuracy > 0.55  # a network that guesses would pass the line above


def test_trembling_boxes_cost_at_most_three_points_more(
    live: SelfTest, sample: Sample, network: Classifier
) -> None:
    detector = JitteredDetector(make_detector("yunet"), shift=0.05, scale=0.10)
    shaken = run_selftest(*sample, detector, network)
    assert shaken.total.path_accuracy >= live.total.path_accuracy - 0.03


def test_haars_boxes_are_brought_to_the_same_framing(sample: Sample, network: Classifier) -> None:
    faces, labels = sample
    haar = run_selftest(faces[:150], labels[:150], make_detector("haar"), network)
    assert haar.total.found_fraction >= 0.65  # frontal faces only, which FER2013's often are not
    assert haar.total.agreement >= 0.75  # 110 faces are too few to tell three points
    assert haar.total.difference >= -0.06
