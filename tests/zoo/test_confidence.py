"""What is said beside an answer: views, sets, the share of right answers to expect."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces.quality import Quality
from fer_core.zoo import Classifier, ModelCard, Predictions, load_classifier, softmax
from fer_core.zoo.confidence import (
    FEATURES,
    Calibration,
    Confidence,
    ExpectedRight,
    reading_features,
)
from tests.tiny import SIDE, tiny_calibration, tiny_card, write_tiny_folder

GOOD = Quality(size_px=200, grey=120, white=0.0, sharpness=0.35, turn=0.02, score=0.95)
ROWS = np.array(
    [[0.5, 0.3, 0.1, 0.04, 0.03, 0.02, 0.01], [0.96, 0.01, 0.01, 0.01, 0.01, 0, 0]], np.float32
)


def expected_right(**weights: float) -> ExpectedRight:
    return ExpectedRight(intercept=0.0, weights=dict.fromkeys(FEATURES, 0.0) | weights)


def calibration(**two_views: object) -> Calibration:
    one = Confidence(temperature=1.5, unsure_threshold=0.3, set_threshold=0.1)
    return tiny_calibration(one, one.model_copy(update={"temperature": 0.7, **two_views}))


@pytest.fixture
def classifier(tmp_path: Path) -> Classifier:
    folder = write_tiny_folder(tmp_path)
    card = tiny_card("tiny", folder).calibrated(calibration(unsure_threshold=0.6))
    (folder / "card.json").write_text(card.to_json())
    return load_classifier(folder)


def faces(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, SIDE, SIDE, 1), np.uint8)


def test_two_views_are_the_mean_of_a_face_and_its_mirror_image(classifier: Classifier) -> None:
    crops = faces(5)
    mean = (classifier.logits(crops) + classifier.logits(crops[:, :, ::-1])) / 2
    found = classifier.with_views(2).predict(crops)
    np.testing.assert_allclose(found.probabilities, softmax(mean, 0.7), atol=1e-6)
    assert (found.views, found.unsure_threshold) == (2, 0.6)
    mirrored = classifier.with_views(2).predict(np.ascontiguousarray(crops[:, :, ::-1]))
    np.testing.assert_allclose(found.probabilities, mirrored.probabilities, atol=1e-6)


def test_one_view_is_what_it_was_and_both_share_one_network(classifier: Classifier) -> None:
    crops = faces(3)
    twice = classifier.with_views(2)
    once = twice.with_views(1).predict(crops)
    np.testing.assert_allclose(once.probabilities, softmax(classifier.logits(crops), 1.5))
    assert (once.views, once.unsure_threshold, classifier.views) == (1, 0.3, 1)
    assert len(twice.predict(faces(0))) == 0


@pytest.mark.parametrize("views", [0, 3])
def test_other_numbers_of_views_are_refused(classifier: Classifier, views: int) -> None:
    with pytest.raises(ContractError, match="once or twice"):
        classifier.with_views(views)


def test_a_card_without_a_calibration_says_nothing_more(tmp_path: Path) -> None:
    found = load_classifier(write_tiny_folder(tmp_path)).with_views(2).predict(faces(2))
    assert found.unsure_threshold == 0.2
    assert found.sets is None
    assert found.set_members(0) is None
    assert found.expected_right([GOOD, GOOD]) is None


def test_a_card_cannot_say_two_temperatures(tmp_path: Path) -> None:
    card = tiny_card("tiny", write_tiny_folder(tmp_path)).calibrated(calibration())
    assert ModelCard.model_validate_json(card.to_json()) == card
    with pytest.raises(ValidationError, match="not those of the calibration"):
        ModelCard.model_validate(card.model_dump() | {"temperature": 1.0})


def test_sets_by_hand() -> None:
    found = Predictions(ROWS, set_threshold=0.1)
    assert found.set_members(0) == (Emotion.ANGRY, Emotion.DISGUST, Emotion.FEAR)
    assert found.set_members(1) == (Emotion.ANGRY,)
    assert found.sets is not None
    assert found.sets.sum(axis=1).tolist() == [3, 1]


def test_the_likeliest_class_is_in_each_set() -> None:
    even = np.full((1, 7), 1 / 7, np.float32)
    even[0, Emotion.SAD] += 0.01
    even /= even.sum()
    assert Predictions(even, set_threshold=0.9).set_members(0) == (Emotion.SAD,)


@pytest.mark.parametrize(
    ("feature", "worse"),
    [
        ("small", {"size_px": 20.0}),
        ("dark", {"grey": 20.0}),
        ("white", {"white": 0.5}),
        ("blurred", {"sharpness": 0.1}),
        ("very_blurred", {"sharpness": 0.03}),
        ("extremely_blurred", {"sharpness": 0.015}),
        ("noisy", {"sharpness": 1.2}),
        ("turned", {"turn": 0.4}),
        ("doubtful", {"score": 0.6}),
    ],
)
def test_each_feature_grows_as_a_face_gets_harder(feature: str, worse: dict[str, float]) -> None:
    column = FEATURES.index(feature)
    good, hard = reading_features(np.array([0.5, 0.5]), [GOOD, replace(GOOD, **worse)])
    assert good.tolist() == [0.0] * len(FEATURES)  # log odds of one half are 0, too
    assert hard[column] > 0
    found = Predictions(ROWS, right_model=expected_right(**{feature: -1.0}))
    easy, hard_share = (
        found.expected_right([GOOD, GOOD]),
        found.expected_right([replace(GOOD, **worse)] * 2),
    )
    assert easy is not None
    assert hard_share is not None
    assert (hard_share < easy).all()


def test_expected_right_by_hand() -> None:
    found = Predictions(ROWS, right_model=expected_right(confidence=1.0, dark=-1.0))
    shares = found.expected_right([GOOD, replace(GOOD, grey=39.0)])  # half of the light
    assert shares is not None
    odds = 0.96 / 0.04 / np.e
    np.testing.assert_allclose(shares, [0.5, odds / (1 + odds)], rtol=1e-4)


def test_a_card_from_before_the_last_feature_says_what_it_said() -> None:
    before = dict.fromkeys(FEATURES[:-1], 0.0) | {"confidence": 1.0, "very_blurred": -0.5}
    older = ExpectedRight(intercept=0.2, weights=before)
    newer = ExpectedRight(intercept=0.2, weights=before | {FEATURES[-1]: 0.0})
    seen = [GOOD, replace(GOOD, sharpness=0.01)]
    confidences = np.array([0.6, 0.8])
    np.testing.assert_array_equal(older.of(confidences, seen), newer.of(confidences, seen))


def test_without_landmarks_nothing_is_held_against_a_face() -> None:
    unknown = replace(GOOD, turn=float("nan"))
    np.testing.assert_array_equal(
        *(reading_features(np.array([0.5]), [q]) for q in (GOOD, unknown))
    )


def test_each_face_needs_its_quality() -> None:
    with pytest.raises(ContractError, match="needs its quality"):
        Predictions(ROWS, right_model=expected_right()).expected_right([GOOD])


def test_weights_of_other_features_are_refused() -> None:
    with pytest.raises(ValidationError, match="expected weights"):
        ExpectedRight(intercept=0.0, weights={"age": 1.0})
