"""How somebody else's network wants its faces, found out by trying on FER2013's PublicTest.

PublicTest is where everything is chosen; PrivateTest is not touched. Some hundred faces tell ranges
of pixel values apart, since a wrong one costs tens of points; where two come out close, all faces
decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError, in_one_line
from fer_core.faces import to_network_inputs
from fer_core.onnx_session import open_session
from fer_core.zoo import INPUT_NAME, ImportTrial
from fer_core.zoo.imports import (
    FLOOR,
    SCORES_NAME,
    ClassOrder,
    ForeignNetwork,
    Preparation,
    fitting_order,
    prepared_network,
)

EVERY = 6
"""One of so many PublicTest faces is tried at first: 599."""

CLOSE = 0.06
"""Accuracies nearer than this to the best, three standard errors, are settled on all faces."""

FINALISTS = 3

CHANCE = 0.32
"""Accuracy that a network reaches without having learned: always answering "happy" gives 25 %, and
the best of all orders of chance answers a little more."""

OTHER_ORDER = 0.10
"""By how much another order of the classes has to fit better before it is brought up."""

_BATCH = 64

Progress = Callable[[int, int], None]
"""Called with faces read and faces in all."""


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One preparation with what it gave.

    Attributes:
        preparation: of the faces.
        order: the classes, as stated or as they fit best.
        order_name: of a usual order that fits; "" else, and where the order was stated.
        accuracy: share right of ``n`` faces.
        fitting: share right with the best order of all.
        fitting_order: that order.
        probabilities: all scores are probabilities.
    """

    preparation: Preparation
    order: ClassOrder
    order_name: str
    accuracy: float
    n: int
    fitting: float
    fitting_order: ClassOrder
    probabilities: bool

    def trial(self) -> ImportTrial:
        """As the card keeps it."""
        return ImportTrial(
            settings=self.preparation.settings() | {"labels": self.order.text()},
            accuracy=round(self.accuracy, 6),
            n=self.n,
        )


def raw_scores(
    model: onnx.ModelProto,
    preparation: Preparation,
    pixels: NDArray[np.uint8],
    progress: Callable[[int], None] = lambda faces: None,
) -> NDArray[np.float32]:
    """A network's own (n, k) scores for (n, 48, 48) grey faces.

    Raises:
        ModelError: it cannot be run.
    """
    spec = preparation.input_spec(0.0)
    try:
        session = open_session(model.SerializeToString(), threads=0)
        found = []
        for start in range(0, len(pixels), _BATCH):
            faces = to_network_inputs(pixels[start : start + _BATCH], spec).astype(np.float32)
            found.append(session.run([SCORES_NAME], {INPUT_NAME: faces})[0])
            progress(len(faces))
    except Exception as error:  # ONNX Runtime raises a dozen unrelated types here
        raise ModelError(
            "the network fails when it reads faces",
            where="the imported file",
            received=in_one_line(error),
            remedy="Check it with ONNX Runtime where it was made, and write it again.",
        ) from error
    scores = np.concatenate(found)
    if not np.isfinite(scores).all():
        raise ModelError(
            "the network answers with what is no number",
            where="the imported file",
            expected="finite scores",
            received=f"NaN or infinity for {(~np.isfinite(scores)).any(axis=1).sum():,} faces",
            remedy="Perhaps its training failed, or the range is wrong: name another with --range.",
        )
    return scores


def try_all(
    network: ForeignNetwork,
    preparations: Sequence[Preparation],
    order: ClassOrder | None,
    data: Fer2013,
    progress: Progress = lambda done, total: None,
) -> list[Tried]:
    """Try preparations on PublicTest, the best first; at least one.

    Args:
        network: whose.
        preparations: that are possible, at least one.
        order: of its classes; None: for each preparation the one that fits best.
        data: FER2013.
        progress: called now and then.

    Raises:
        ModelError: none of them can be run.
    """
    pixels, labels = data.part(Split.PUBLIC_TEST)
    some = slice(None, None, EVERY)
    total = len(preparations) * len(labels[some])
    count = 0

    def read(faces: int) -> None:
        nonlocal count
        count += faces
        progress(min(count, total), total)

    found: list[Tried] = []
    failure: ModelError | None = None
    for preparation in preparations:
        try:
            found.append(_try(network, preparation, order, pixels[some], labels[some], read))
        except ModelError as error:
            failure = error
    if not found:
        assert failure is not None
        raise failure
    found.sort(key=_rank)
    close = [one for one in found if one.accuracy >= found[0].accuracy - CLOSE][:FINALISTS]
    if len(close) > 1:
        total += len(close) * len(labels)
        finals = [_try(network, one.preparation, order, pixels, labels, read) for one in close]
        found = [*sorted(finals, key=_rank), *(one for one in found if one not in close)]
    return found


def _rank(tried: Tried) -> float:
    return -tried.accuracy


def _try(
    network: ForeignNetwork,
    preparation: Preparation,
    order: ClassOrder | None,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    read: Callable[[int], None],
) -> Tried:
    scores = raw_scores(prepared_network(network, preparation), preparation, pixels, read)
    name, best = fitting_order(scores, labels)
    fitting = best.accuracy(scores, labels)
    return Tried(
        preparation=preparation,
        order=order or best,
        order_name="" if order else name,
        accuracy=order.accuracy(scores, labels) if order else fitting,
        n=len(labels),
        fitting=fitting,
        fitting_order=best,
        probabilities=are_probabilities(scores),
    )


def are_probabilities(scores: NDArray[np.float32]) -> bool:
    """Whether all rows are between 0 and 1 and add up to 1."""
    sums = scores.sum(axis=1)
    return bool(scores.min() >= -FLOOR and np.abs(sums - 1).max() < 1e-3)
