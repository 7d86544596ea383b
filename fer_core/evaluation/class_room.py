"""Label it yourself: twenty faces that a class names, beside their labels, networks and voters.

The same seed draws the same faces for everybody, so that one link is enough for a class. What a
person answered is a small CSV file that says which faces it is about, and is laid beside others'.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from fer_core.dataset import (
    FER2013,
    MAJORITIES,
    Fer2013,
    NamedDataset,
    Split,
    majority,
    ordered_votes,
)
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError
from fer_core.evaluation.datasets import dataset_logits
from fer_core.evaluation.evaluate import grey_logits
from fer_core.metrics import agreement_matrix, fleiss_kappa
from fer_core.zoo import Classifier

FACES = 20
FULLEST_NAME = 60
LIMIT_BYTES = 100_000
"""Of a file of answers; twenty rows take less than two thousand."""

COLUMNS = ("dataset", "fingerprint", "seed", "person", "face", "row", "answer", "label")
"""Of a file of answers; further ones, of voters and networks, are for whoever opens it."""

_DIGITS = 16
"""Of a fingerprint: enough to tell data sets apart."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFaces:
    """k faces of a data set, in the order in which they are shown; 1 <= k <= `FACES`.

    Attributes:
        dataset: its name; ``fingerprint`` of the very pictures.
        seed: what drew them.
        rows: (k,) int64 in the data set.
        faces: (k, 48, 48) uint8 grey.
        labels: (k,) int64, columns of `Emotion`.
        votes: (k, 10) uint8 of FER+'s voters in the order of `VOTES`; None without.
    """

    dataset: str
    fingerprint: str
    seed: int
    rows: NDArray[np.int64]
    faces: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.uint8] | None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def majorities(self) -> NDArray[np.int64] | None:
        """(k,) int64 index into `MAJORITIES`; None without votes."""
        return None if self.votes is None else majority(self.votes)

    @property
    def people_right(self) -> float | None:
        """Share of all voters' answers that are the label, 0-1; None without votes."""
        if self.votes is None:
            return None
        votes = ordered_votes(self.votes)
        return float(votes[np.arange(len(self)), self.labels].sum() / votes.sum())


def draw_faces(data: Fer2013 | NamedDataset, seed: int, count: int = FACES) -> DrawnFaces:
    """Draw faces, each of other pixels, none blank: of FER2013 from PublicTest.

    Args:
        data: the data set.
        seed: 0 or more; the same one draws the same faces, whoever draws.
        count: how many; fewer where there are fewer.

    Raises:
        DatasetError: there is no face to show.
    """
    if isinstance(data, Fer2013):
        name, pixels, votes = FER2013, data.pixels, data.votes
        rows = data.rows(Split.PUBLIC_TEST, without_blank=True)
    else:
        name, pixels, votes = data.name, data.faces, None
        rows = np.flatnonzero(data.found & ~data.blank)
    drawn: dict[bytes, int] = {}
    for row in np.random.default_rng(seed).permutation(rows):
        drawn.setdefault(pixels[row].tobytes(), int(row))
        if len(drawn) == count:
            break
    if not drawn:
        raise DatasetError(
            "there is no face to label",
            where=name,
            expected="pictures that show a face, of FER2013 in PublicTest",
            received=f"none among {len(data):,} pictures",
            remedy="Choose another data set.",
        )
    chosen = np.array(list(drawn.values()), np.int64)
    return DrawnFaces(
        dataset=name,
        fingerprint=data.fingerprint,
        seed=seed,
        rows=chosen,
        faces=pixels[chosen],
        labels=data.labels[chosen],
        votes=None if votes is None else votes[chosen],
    )


def network_answers(
    classifier: Classifier, data: Fer2013 | NamedDataset, drawn: DrawnFaces
) -> NDArray[np.int64]:
    """What a network names the faces, read once as live video reads them: (k,) int64."""
    if isinstance(data, Fer2013):
        logits = grey_logits(classifier, drawn.faces)
    else:
        logits = dataset_logits(classifier, data, drawn.rows).astype(np.float32)
    return np.asarray(logits.argmax(axis=1), np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What somebody names the faces.

    Attributes:
        person: how they are called; "" where they are not.
        classes: (k,) int64, columns of `Emotion`, in the order of the faces.
    """

    person: str
    classes: NDArray[np.int64]


def answers_csv(drawn: DrawnFaces, own: Answers, networks: Mapping[str, NDArray[np.int64]]) -> str:
    """A person's answers as CSV to keep, a line a face, with everything they were laid beside.

    Args:
        drawn: the faces.
        own: the person's answers.
        networks: what each network says, (k,), by its name.
    """
    text = io.StringIO(newline="")
    voted = [] if drawn.votes is None else ["voters_say", "voters_for_label", "voters"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *voted, *networks])
    for face, (row, label) in enumerate(zip(drawn.rows, drawn.labels, strict=True)):
        said = [LABELS[classes[face]] for classes in (own.classes, drawn.labels)]
        writer.writerow(
            [
                *(drawn.dataset, drawn.fingerprint[:_DIGITS], drawn.seed, own.person),
                *(face + 1, row, *said),
                *_voted(drawn, face, label),
                *(LABELS[classes[face]] for classes in networks.values()),
            ]
        )
    return text.getvalue()


def _voted(drawn: DrawnFaces, face: int, label: int) -> list[str | int]:
    if drawn.votes is None or drawn.majorities is None:
        return []
    votes = ordered_votes(drawn.votes)[face]
    return [MAJORITIES[drawn.majorities[face]], int(votes[label]), int(votes.sum())]


def read_answers(content: bytes, file_name: str, drawn: DrawnFaces) -> Answers:
    """A file of `answers_csv`, where it is about these very faces.

    Args:
        content: the file.
        file_name: stands for a person who gave no name.
        drawn: the faces.

    Raises:
        DatasetError: no such file, other faces, or an answer that is none of the seven.
    """
    try:
        if len(content) > LIMIT_BYTES:
            raise ValueError(f"{len(content):,} bytes")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        if not rows or any(row.get(name) is None for row in rows for name in COLUMNS):
            raise ValueError("another file, or one without its rows")
        about = [(row["dataset"], row["fingerprint"], int(row["seed"])) for row in rows]
        shown = [int(row["row"]) for row in rows]
        said = [row["answer"].strip() for row in rows]
        if unknown := sorted(set(said) - set(LABELS)):
            raise ValueError(f"the answer {unknown[0][:FULLEST_NAME]!r}")
    except (ValueError, csv.Error) as error:  # UnicodeDecodeError is a ValueError
        raise DatasetError(
            "a file of answers cannot be read",
            where=file_name,
            expected=f"the columns {', '.join(COLUMNS)}, answers of {', '.join(LABELS)}",
            received=error,
            remedy="Take the file that the button at the end of the labelling gives.",
        ) from error
    wanted = (drawn.dataset, drawn.fingerprint[:_DIGITS], drawn.seed)
    if set(about) != {wanted} or shown != drawn.rows.tolist():
        other = next((each for each in about if each != wanted), about[0])
        raise DatasetError(
            "a file of answers is about other faces",
            where=file_name,
            expected="data set {}, {}, seed {}".format(*wanted),
            received="data set {}, {}, seed {}".format(*other),
            remedy="Everybody opens the same link, with the same data set imported.",
        )
    person = rows[0]["person"].strip()[:FULLEST_NAME]
    classes = np.array([LABELS.index(answer) for answer in said], np.int64)
    return Answers(person or file_name.removesuffix(".csv")[:FULLEST_NAME], classes)


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide:
    """Who says what of the same faces.

    Attributes:
        names: of m who answer: people, the label, the voters' majority, networks.
        classes: (m, k) int64 index into `MAJORITIES`, of which the first seven are `Emotion`'s.
        alike: (m, m) share of faces on which two say the same; a tie is never the same.
    """

    names: tuple[str, ...]
    classes: NDArray[np.int64]
    alike: NDArray[np.float64]


LABEL, VOTERS = "Label", "FER+ majority"


def side_by_side(
    drawn: DrawnFaces, people: Sequence[Answers], networks: Mapping[str, NDArray[np.int64]]
) -> SideBySide:
    """Lay everybody's answers beside each other: people, label, voters, networks."""
    said = [(answers.person, answers.classes) for answers in people]
    said.append((LABEL, drawn.labels))
    if drawn.majorities is not None:
        said.append((VOTERS, drawn.majorities))
    said += networks.items()
    classes = np.stack([classes for _, classes in said])
    names = _told_apart([name for name, _ in said])
    return SideBySide(names, classes, agreement_matrix(list(classes)))


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """The names, with a number where somebody before has the same one."""
    found: list[str] = []
    for name in names:
        number, other = 1, name
        while other in found:
            number += 1
            other = f"{name} ({number})"
        found.append(other)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How far people agree, with the label and with each other.

    Attributes:
        people: how many.
        right: of `FACES`, mean over people.
        alike: mean over pairs of people of the share of faces that both name alike; None for one.
        kappa: Fleiss' kappa; None for one person, NaN where it is not defined.
    """

    people: int
    right: float
    alike: float | None
    kappa: float | None


def class_figures(drawn: DrawnFaces, people: Sequence[Answers]) -> ClassFigures:
    """The figures of one person or more."""
    classes = np.stack([answers.classes for answers in people])
    right = float((classes == drawn.labels).sum(axis=1).mean())
    m = len(people)
    if m < 2:
        return ClassFigures(m, right, None, None)
    counts = (classes[..., None] == np.arange(len(LABELS))).sum(axis=0)
    pairs = np.triu_indices(m, 1)
    return ClassFigures(
        m, right, float(agreement_matrix(list(classes))[pairs].mean()), fleiss_kappa(counts)
    )


def share_interval(right: int, n: int) -> tuple[float, float]:
    """Exact 95 % interval (Clopper and Pearson 1934) of a share of which n drew ``right``."""
    interval = binomtest(right, n).proportion_ci()
    return float(interval.low), float(interval.high)
