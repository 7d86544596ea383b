"""Which of the seven classes each output of somebody else's network means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.dataset.labels import LabelTable, label_codes, label_table
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ModelError

FEWEST, MOST = 2, 12
"""Outputs of a network that can be a classifier of ours."""

ALPHABETICAL = "alphabetical"
"""The order of class folders by name, as Keras and PyTorch read them: angry ... neutral, sad."""

_NEARLY = 0.01
"""An order that many data sets have is taken before one that fits better by so little: the columns
of classes that a network hardly ever answers could stand anywhere."""

_BY_NAME = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
_BY_NAME_WITH_CONTEMPT = ("anger", "contempt", *_BY_NAME[1:])


@dataclass(frozen=True, slots=True)
class ClassOrder:
    """What a network's outputs mean, in their order.

    Attributes:
        words: one for each output, as the file or a person calls it.
        classes: ours; None for an output that is none of the seven.
    """

    words: tuple[str, ...]
    classes: tuple[Emotion | None, ...]

    @classmethod
    def of(cls, words: Sequence[str], table: LabelTable | None = None) -> Self:
        """The order of some words.

        Raises:
            ModelError: a word that is not known, two that mean the same, or too few of the seven.
        """
        table = table or label_table()
        if unknown := [word for word in words if word not in table]:
            raise ModelError(
                "the meaning of an output is not known",
                where="labels",
                expected=f"{', '.join(LABELS)}, or a word that means one or none of them",
                received=", ".join(unknown),
                remedy="Call it contempt or none where it is none of the seven.",
            )
        order = cls(tuple(words), tuple(table.get(word) for word in words))
        named = [emotion for emotion in order.classes if emotion is not None]
        if len(set(named)) < len(named) or len(named) < FEWEST:
            raise ModelError(
                "the labels are none of a classifier of our seven",
                where="labels",
                expected=f"at least {FEWEST} of {', '.join(LABELS)}, each once",
                received=order.text(),
                remedy="Name each output once, in order: --labels angry,disgust,...",
            )
        return order

    def text(self) -> str:
        """The words, as `--labels` takes them."""
        return ",".join(self.words)

    @property
    def known(self) -> list[int]:
        """Outputs that mean one of the seven."""
        return [index for index, emotion in enumerate(self.classes) if emotion is not None]

    @property
    def missing(self) -> tuple[Emotion, ...]:
        """Classes of ours that the network does not know."""
        return tuple(emotion for emotion in Emotion if emotion not in self.classes)

    def columns(self) -> list[int | None]:
        """For each of the seven its output; None where there is none."""
        return [
            self.classes.index(emotion) if emotion in self.classes else None for emotion in Emotion
        ]

    def answers(self, scores: NDArray[np.floating]) -> NDArray[np.int64]:
        """(n,) the likeliest of our classes by (n, k) scores; the other outputs do not count."""
        classes = np.array([-1 if emotion is None else emotion for emotion in self.classes])
        known = self.known
        return np.asarray(classes[known][scores[:, known].argmax(axis=1)], np.int64)

    def accuracy(self, scores: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
        """Share right, of all (n,) labels: those of a class that is missing are wrong."""
        return float((self.answers(scores) == labels).mean())


def named_order(text: str, outputs: int) -> ClassOrder:
    """The order that a person says.

    Args:
        text: words parted by commas, or whose numbers the outputs are: fer2013, affectnet, ...
        outputs: of the network.

    Raises:
        ModelError: not as many words as outputs, or words that cannot be used.
    """
    if text in (usual := usual_orders(outputs)):
        return usual[text]
    words = [word.strip() for word in text.split(",")]
    if len(words) != outputs:
        raise ModelError(
            "not one label for each output",
            where="labels",
            expected=f"{outputs} words parted by commas, or one of {', '.join(usual) or 'none'}",
            received=f"{len(words)}: {text}"[:200],
            remedy="Name each output once, in order; one that is none of ours is called none.",
        )
    return ClassOrder.of(words)


def usual_orders(outputs: int) -> dict[str, ClassOrder]:
    """Orders that networks of so many outputs often have, by name."""
    by_name = {7: _BY_NAME, 8: _BY_NAME_WITH_CONTEMPT}
    orders = {
        name: ClassOrder(tuple(words), tuple(classes))
        for name in label_codes()
        if (found := _numbered(name, outputs)) is not None
        for words, classes in [found]
    }
    if outputs in by_name:
        orders[ALPHABETICAL] = ClassOrder.of(by_name[outputs])
    if outputs == len(LABELS) - 1:
        for base, words in (("fer2013", LABELS), (ALPHABETICAL, _BY_NAME)):
            for left in ("disgust", "neutral"):
                kept = [word for word in words if word != left]
                orders[f"{base} without {left}"] = ClassOrder.of(kept)
    return orders


def _numbered(code: str, outputs: int) -> tuple[list[str], list[Emotion | None]] | None:
    """The classes that a data set numbers from its lowest number on; None where it has fewer."""
    table = label_table(code)
    numbers = sorted(int(word) for word in table.classes if word.isdecimal())[:outputs]
    if len(numbers) < outputs:
        return None
    classes = [table.get(str(number)) for number in numbers]
    named = [emotion for emotion in classes if emotion is not None]
    if len(set(named)) < len(named) or len(named) < min(outputs, len(LABELS)):
        return None
    words = ["none" if emotion is None else emotion.label for emotion in classes]
    return words, classes


def fitting_order(
    scores: NDArray[np.floating], labels: NDArray[np.int64]
) -> tuple[str, ClassOrder]:
    """The order with which most answers are right: all of them are tried at once.

    The share that an order gets right is a sum over the table of labels against outputs, so that
    the best one is an assignment (Kuhn 1955, Naval Research Logistics Quarterly 2).

    Args:
        scores: (n, k).
        labels: (n,) classes of ours.

    Returns:
        The name of a usual order, or "", and the order.
    """
    best = _assigned(_counts(scores, labels))
    usual = {
        name: order.accuracy(scores, labels)
        for name, order in usual_orders(scores.shape[1]).items()
    }
    if usual:
        name = max(usual, key=usual.__getitem__)
        if usual[name] >= best.accuracy(scores, labels) - _NEARLY:
            return name, usual_orders(scores.shape[1])[name]
    return "", best


def _counts(scores: NDArray[np.floating], labels: ArrayLike) -> NDArray[np.int64]:
    """(7, k): how often each output was the highest for each label."""
    table = np.zeros((len(LABELS), scores.shape[1]), np.int64)
    np.add.at(table, (np.asarray(labels), scores.argmax(axis=1)), 1)
    return table


def _assigned(counts: NDArray[np.int64]) -> ClassOrder:
    from scipy.optimize import linear_sum_assignment  # 0.1 s, and few commands need it

    rows, outputs = linear_sum_assignment(counts, maximize=True)
    meaning = dict(zip(outputs.tolist(), rows.tolist(), strict=True))
    classes = [
        Emotion(meaning[output]) if output in meaning else None for output in range(counts.shape[1])
    ]
    return ClassOrder(
        tuple("none" if emotion is None else emotion.label for emotion in classes), tuple(classes)
    )
