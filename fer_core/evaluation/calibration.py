"""What a network's confidence is worth away from FER2013's own pictures: chosen on PublicTest.

A camera gives other pictures than a test set: found by a detector, blurred, noisy, dark, small. So
temperature, the threshold for "unsure", that for sets, and the share of right answers to expect are
chosen on PublicTest faces as they are, through detector and canvas, and degraded, in `SHARES`. The
images on which robustness is stated are kept back: what is stated of the choice is of images that
it has not seen. PrivateTest is not looked at. A network that answers as FER+'s voters is held to
what most of these named.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import NO_WORD, SIDE_PX, Fer2013, Split, voted_labels
from fer_core.emotions import LABELS
from fer_core.evaluation.evaluate import both_crop_logits, both_logits
from fer_core.evaluation.robustness import AS_IT_IS, EVERY
from fer_core.evaluation.selftest import find_pasted, paste_faces
from fer_core.faces import Detector, Faces, crop_faces
from fer_core.faces.corruptions import CONDITIONS, SMALL, Condition, corrupt
from fer_core.faces.quality import Quality, face_qualities
from fer_core.metrics import (
    DEFAULT_COVERAGE,
    DEFAULT_RISK,
    choose_set_threshold,
    choose_unsure_threshold,
    fit_logistic,
    fit_temperature,
)
from fer_core.zoo import AnswersAs, Classifier, ModelCard, softmax
from fer_core.zoo.confidence import (
    FEATURES,
    Calibration,
    Confidence,
    ExpectedRight,
    reading_features,
)

DETECTED, DEGRADED = "detected", "degraded"

SHARES = {AS_IT_IS: 0.3, DETECTED: 0.3, DEGRADED: 0.4}
"""How the faces are mixed on which temperature, threshold and expected share are chosen."""

DRAWN = 100_000
"""Faces drawn in these shares, for temperature and threshold."""

SEED = 0

RISKS = {AnswersAs.LABELS: DEFAULT_RISK, AnswersAs.VOTERS: 0.1}
"""Share of wrong answers among the sure ones that is aimed at. Of the voters' words good networks
miss hardly a fifth, so that they would never be unsure if that were enough."""

_DIGITS = 6
_EVERY_CLASS = np.arange(len(LABELS))

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class ReadFaces:
    """n faces with their labels, as a network read them.

    Attributes:
        logits: (2, n, 7) float32: of one view, and the mean of two.
        labels: (n,) int64.
        qualities: of the faces.
    """

    logits: NDArray[np.float32]
    labels: NDArray[np.int64]
    qualities: tuple[Quality, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def joined(cls, parts: Sequence["ReadFaces"]) -> "ReadFaces":
        """One part, at least, after the other."""
        return cls(
            np.concatenate([part.logits for part in parts], axis=1),
            np.concatenate([part.labels for part in parts]),
            tuple(quality for part in parts for quality in part.qualities),
        )


def true_labels(data: Fer2013, answers_as: AnswersAs) -> NDArray[np.int64]:
    """What answers are held to: (n,) classes, `NO_WORD` where the voters have none.

    Raises:
        DatasetError: it is the voters' word, and their votes were not imported.
    """
    return data.labels if answers_as == AnswersAs.LABELS else voted_labels(data)


def choosing_rows(data: Fer2013) -> NDArray[np.int64]:
    """Rows of PublicTest to choose on: no image that robustness is stated on, nor a copy of it."""
    rows = data.rows(Split.PUBLIC_TEST)
    stated = np.arange(len(rows)) % EVERY == 0
    copies = np.isin(data.groups[rows], data.groups[rows[stated]])
    return np.asarray(rows[~stated & ~copies], np.int64)


def read_directly(
    classifier: Classifier,
    faces: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    seen_px: float = SIDE_PX,
) -> ReadFaces:
    """Read (n, 48, 48) grey faces that the camera saw with ``seen_px`` pixels a side."""
    whole = Faces.from_boxes(np.array([[0, 0, SIDE_PX, SIDE_PX]]))
    qualities = [
        replace(quality, size_px=seen_px)
        for face in faces
        for quality in face_qualities(np.repeat(face[:, :, None], 3, axis=2), whole)
    ]
    return ReadFaces(np.stack(both_logits(classifier, faces)), labels, tuple(qualities))


def read_degraded(
    classifier: Classifier,
    faces: NDArray[np.uint8],
    labels: NDArray[np.int64],
    condition: Condition,
    severity: float,
) -> ReadFaces:
    """Read (n, 48, 48) grey faces under one of `CONDITIONS`."""
    degraded = corrupt(faces, condition, severity)
    seen_px = severity if condition.name == SMALL else SIDE_PX
    return read_directly(classifier, degraded, labels, seen_px=seen_px)


def read_detected(
    classifier: Classifier,
    detector: Detector,
    faces: NDArray[np.uint8],
    labels: NDArray[np.int64],
) -> ReadFaces:
    """Read (n, 48, 48) grey faces as the self-test does: those that the detector finds."""
    spec = classifier.card.input
    crops, qualities, rows = [np.empty((0, *spec.shape), np.uint8)], list[Quality](), list[int]()
    for row, pasted in enumerate(paste_faces(faces, seed=SEED)):
        found = detector.detect(pasted.image)
        best = find_pasted(found, pasted)
        if best is None:
            continue
        one = slice(best, best + 1)
        face = Faces(found.boxes[one], found.scores[one], found.landmarks[one])
        crops.append(crop_faces(pasted.image, face, spec))
        qualities += face_qualities(pasted.image, face)
        rows.append(row)
    logits = both_crop_logits(classifier, np.concatenate(crops))
    return ReadFaces(np.stack(logits), labels[np.array(rows, np.int64)], tuple(qualities))


def read_to_choose(
    classifier: Classifier,
    detector: Detector,
    data: Fer2013,
    *,
    most: int | None = None,
    progress: Progress = lambda done, total: None,
) -> dict[str, ReadFaces]:
    """Read the faces to choose on: each as it is, as detected, and under every condition once.

    Under a condition its degrees take turns.

    Args:
        classifier: the network.
        detector: finds the faces of the part `DETECTED`.
        data: FER2013.
        most: only so many faces, for rehearsals.
        progress: called with passes over the faces done and to do.

    Returns:
        By the names in `SHARES`; a part can be empty.

    Raises:
        DatasetError: see `true_labels`.
    """
    truth = true_labels(data, classifier.card.answers_as)
    rows = choosing_rows(data)
    rows = rows[truth[rows] != NO_WORD][:most]
    faces, labels = data.pixels[rows], truth[rows]
    total = len(CONDITIONS) + 2
    parts = {AS_IT_IS: read_directly(classifier, faces, labels)}
    progress(1, total)
    parts[DETECTED] = read_detected(classifier, detector, faces, labels)
    progress(2, total)
    degraded = []
    for number, condition in enumerate(CONDITIONS):
        degrees = len(condition.severities)
        for degree, severity in enumerate(condition.severities):
            turn = np.arange(len(rows)) % degrees == (degree + number) % degrees
            degraded.append(
                read_degraded(classifier, faces[turn], labels[turn], condition, severity)
            )
        progress(number + 3, total)
    parts[DEGRADED] = ReadFaces.joined(degraded)
    return parts


def known_classes(card: ModelCard) -> NDArray[np.int64]:
    """The classes that a network can answer, ascending: all but some of an imported one's."""
    stated = card.imported.classes if card.imported else LABELS
    return np.sort(np.array([LABELS.index(label) for label in stated if label is not None]))


def fit_known_temperature(
    logits: NDArray[np.floating], labels: NDArray[np.int64], known: NDArray[np.int64]
) -> float:
    """A temperature for (n, 7) logits, fitted on faces of the classes that the network knows.

    Of the others it is always wrong, and their loss would make any temperature as high as it may
    be.
    """
    rows = np.isin(labels, known)
    return fit_temperature(logits[np.ix_(rows, known)], np.searchsorted(known, labels[rows]))


def choose_calibration(
    parts: Mapping[str, ReadFaces],
    detector: str,
    known: NDArray[np.int64] = _EVERY_CLASS,
    answers_as: AnswersAs = AnswersAs.LABELS,
) -> Calibration:
    """Choose everything that a card says of confidence.

    Temperature and threshold on faces drawn from all parts in `SHARES`, the expected share on all
    faces, counting by these; the threshold for sets so that each part by itself is covered.

    Args:
        parts: of `read_to_choose`; those without a face are left out.
        detector: the name of what found the faces.
        known: of `known_classes`. A face of another class counts as wrong; of temperature and sets
            it says nothing, as no temperature and no set but all seven would be right on it.
        answers_as: whose word the answers are, see `RISKS`.
    """
    risk = RISKS[answers_as]
    there = {name: part for name, part in parts.items() if len(part)}
    whole = sum(SHARES[name] for name in there)
    shares = {name: SHARES[name] / whole for name in there}
    every = ReadFaces.joined(list(there.values()))
    odds = np.concatenate(
        [np.full(len(part), shares[name] / len(part)) for name, part in there.items()]
    )
    rows = np.random.default_rng(SEED).choice(len(every), DRAWN, p=odds)
    one, two = (
        _choose(view, every, rows, odds, list(there.values()), known, risk) for view in (0, 1)
    )
    return Calibration(
        split=Split.PUBLIC_TEST.value,
        shares={name: round(share, 4) for name, share in shares.items()},
        faces={name: len(part) for name, part in there.items()},
        drawn=DRAWN,
        seed=SEED,
        detector=detector,
        risk=risk,
        coverage=DEFAULT_COVERAGE,
        one_view=one,
        two_views=two,
    )


def _choose(
    view: int,
    every: ReadFaces,
    rows: NDArray[np.int64],
    odds: NDArray[np.float64],
    parts: Iterable[ReadFaces],
    known: NDArray[np.int64],
    risk: float,
) -> Confidence:
    """For one view (0) or the mean of two (1): on ``rows``, which were drawn from all faces by
    ``odds``, on all by these odds, and on each part."""
    labels = every.labels
    temperature = fit_known_temperature(every.logits[view][rows], labels[rows], known)
    probabilities = softmax(every.logits[view], temperature)
    right = probabilities.argmax(axis=1) == labels
    features = reading_features(probabilities.max(axis=1), every.qualities)
    intercept, weights = fit_logistic(features, right, odds)
    return Confidence(
        temperature=temperature,
        unsure_threshold=choose_unsure_threshold(probabilities[rows], labels[rows], risk),
        set_threshold=min(
            choose_set_threshold(softmax(part.logits[view][told], temperature), part.labels[told])
            for part in parts
            if (told := np.isin(part.labels, known)).any()
        ),
        expected_right=ExpectedRight(
            intercept=round(intercept, _DIGITS),
            weights={
                name: round(float(weight), _DIGITS)
                for name, weight in zip(FEATURES, weights, strict=True)
            },
        ),
    )
