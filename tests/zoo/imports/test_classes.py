"""What a network's outputs mean: by words, by the name of an order, or by what fits best."""

import numpy as np
import pytest

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ModelError
from fer_core.zoo.imports import ClassOrder, fitting_order, named_order, usual_orders


def test_words_of_others_are_understood() -> None:
    order = named_order("Anger, Disgust, Fear, Happiness, Neutral, Sadness, Surprise", 7)
    assert [emotion.label for emotion in order.classes if emotion is not None] == [
        "angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"
    ]  # fmt: skip
    assert order.columns() == [0, 1, 2, 3, 5, 6, 4]
    assert order.missing == ()


@pytest.mark.parametrize(
    ("name", "outputs", "first"),
    [
        ("fer2013", 7, ["angry", "disgust"]),
        ("alphabetical", 7, ["angry", "disgust"]),
        ("rafdb", 7, ["surprise", "fear"]),
        ("affectnet", 7, ["neutral", "happy"]),
        ("affectnet", 8, ["neutral", "happy"]),
        ("ferplus", 8, ["neutral", "happy"]),
    ],
)
def test_an_order_may_be_called_by_the_data_set_that_has_it(
    name: str, outputs: int, first: list[str]
) -> None:
    order = named_order(name, outputs)
    assert len(order.classes) == outputs
    assert [one.label for one in order.classes[:2] if one is not None] == first
    assert order.missing == ()
    assert order.classes.count(None) == outputs - 7


@pytest.mark.parametrize(
    ("text", "outputs", "words"),
    [
        ("angry,happy", 7, r"not one label for each output.*7 words.*2: angry,happy"),
        ("angry,happy,grumpy", 3, r"meaning of an output is not known.*grumpy.*contempt or none"),
        ("angry,anger,happy", 3, r"none of a classifier of our seven.*each once"),
        ("angry,none,contempt", 3, r"at least 2 of"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(text: str, outputs: int, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        named_order(text, outputs)


def _scores(order: list[int | None], labels: np.ndarray, right: float, seed: int) -> np.ndarray:
    """Scores whose highest column is the right one for a share of the faces."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0, 1, (len(labels), len(order)))
    sure = rng.random(len(labels)) < right
    scores[np.flatnonzero(sure), [order.index(label) for label in labels[sure]]] = 2
    return scores


@pytest.mark.parametrize("name", sorted(usual_orders(7)))
def test_a_usual_order_is_found_and_called_by_its_name(name: str) -> None:
    labels = np.random.default_rng(0).integers(0, 7, 2000)
    order = usual_orders(7)[name]
    scores = _scores(list(order.classes), labels, 0.5, seed=1)
    found_name, found = fitting_order(scores, labels)
    assert found.classes == order.classes
    assert usual_orders(7)[found_name].classes == order.classes


def test_any_order_is_found() -> None:
    labels = np.random.default_rng(2).integers(0, 7, 2000)
    odd: list[int | None] = [3, 5, 0, 6, 1, 2, 4]
    name, found = fitting_order(_scores(odd, labels, 0.5, seed=3), labels)
    assert name == ""
    assert list(found.classes) == [Emotion(kind) for kind in odd if kind is not None]


def test_an_eighth_output_and_a_missing_class_are_found() -> None:
    labels = np.random.default_rng(4).integers(0, 7, 2000)
    name, eight = fitting_order(_scores([6, 3, 5, 4, 0, 1, 2, None], labels, 0.6, 5), labels)
    assert name == "ferplus"
    assert eight.classes[7] is None
    known = labels[labels != Emotion.DISGUST]
    six: list[int | None] = [0, 2, 3, 4, 5, 6]
    name, found = fitting_order(_scores(six, known, 0.6, 6), known)
    assert name == "fer2013 without disgust"
    assert found.missing == (Emotion.DISGUST,)


def test_a_missing_class_counts_as_wrong() -> None:
    labels = np.arange(7)
    order = ClassOrder.of([label for label in LABELS if label != "disgust"])
    scores = np.zeros((7, 6))
    for row, column in enumerate([0, 0, 1, 2, 3, 4, 5]):
        scores[row, column] = 1
    assert order.accuracy(scores, labels) == pytest.approx(6 / 7)


def test_an_output_that_is_none_of_ours_is_never_the_answer() -> None:
    order = ClassOrder.of(["contempt", *LABELS])
    scores = np.zeros((1, 8))
    scores[0, 0], scores[0, 4] = 9, 1
    assert order.answers(scores).tolist() == [Emotion.HAPPY]
