"""One split's figures, as metrics.json holds them."""

import json

import numpy as np
import pytest

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.metrics import SplitReport, evaluate_split

FIELDS = [
    "n",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "accuracy_flip",
    "accuracy_twin_free",
    "accuracy_without_disgust",
    "macro_f1",
    "per_class",
    "log_loss",
    "brier",
    "ece",
    "ece_calibrated",
]


def test_by_hand() -> None:
    # Seven images, one of each class. Angry is taken for disgust (second guess: angry), sad for
    # happy; the flip mends sad. Sad has a twin in training.
    logits = np.eye(7) * 4
    logits[Emotion.ANGRY] = [2, 3, 0, 0, 0, 0, 0]
    logits[Emotion.SAD] = [0, 0, 0, 3, 2, 0, 0]
    flip = logits.copy()
    flip[Emotion.SAD] = [0, 0, 0, 2, 3, 0, 0]
    twin = np.arange(7) == Emotion.SAD
    result = evaluate_split(
        logits, flip, np.arange(7), twin=twin, groups=np.arange(7), temperature=1.0
    )
    assert result.n == 7
    assert result.accuracy == pytest.approx(5 / 7)
    assert result.accuracy_flip == pytest.approx(6 / 7)
    assert result.accuracy_twin_free == pytest.approx(5 / 6)
    assert result.accuracy_without_disgust == pytest.approx(5 / 6)
    assert result.accuracy_low < result.accuracy < result.accuracy_high
    assert result.ece == result.ece_calibrated
    assert result.recall.tolist() == [0, 1, 1, 1, 0, 1, 1]


def test_the_fields_of_the_file_and_their_order() -> None:
    logits = np.random.default_rng(0).normal(0, 2, (80, 7))
    arrays = {"twin": np.zeros(80, bool), "groups": np.arange(80)}
    report = evaluate_split(logits, logits, np.arange(80) % 7, temperature=1.0, **arrays)
    written = report.model_dump()
    assert list(written) == FIELDS
    assert tuple(written["per_class"]) == LABELS
    assert list(written["per_class"]["happy"]) == ["precision", "recall", "f1", "support"]
    text = json.dumps(written, allow_nan=False)
    assert SplitReport.model_validate_json(text) == report


def test_temperature_moves_only_its_own_field() -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(0, 2, (80, 7)), rng.integers(0, 7, 80)
    arrays = {"twin": np.zeros(80, bool), "groups": np.arange(80)}
    plain = evaluate_split(logits, logits, labels, temperature=1.0, **arrays)
    soft = evaluate_split(logits, logits, labels, temperature=3.0, **arrays)
    assert plain.ece_calibrated != soft.ece_calibrated
    assert plain == soft.model_copy(update={"ece_calibrated": plain.ece_calibrated})


def test_refuses_what_does_not_fit() -> None:
    logits, labels = np.zeros((3, 7)), np.array([0, 1, 2])
    good = {"twin": np.zeros(3, bool), "groups": np.arange(3), "temperature": 1.0}
    for changes in ({"twin": np.zeros(2, bool)}, {"twin": np.ones(3, bool)}):
        with pytest.raises(ContractError):
            evaluate_split(logits, logits, labels, **(good | changes))
    with pytest.raises(ContractError):
        evaluate_split(logits[:2], logits, labels, **good)
    with pytest.raises(ContractError, match="no image"):
        evaluate_split(logits[:0], logits[:0], labels[:0], **good)
