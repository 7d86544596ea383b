"""A network's figures on the test splits, from the graph that ships."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.summary import Metrics, read_metrics
from fer_core.faces import to_network_inputs
from fer_core.metrics import SplitReport, class_shares, evaluate_split
from fer_core.zoo import Classifier, ModelCard, load_classifier

TOLERANCE = 1e-4
"""How far a recomputed figure may be from the stored one: other processors round otherwise."""

_BATCH = 256


def grey_logits(classifier: Classifier, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A network's logits, (n, 7) float32, for (n, 48, 48) uint8 grey faces."""
    logits = np.empty((len(pixels), len(LABELS)), np.float32)
    for start in range(0, len(pixels), _BATCH):
        rows = slice(start, start + _BATCH)
        logits[rows] = classifier.logits(to_network_inputs(pixels[rows], classifier.card.input))
    return logits


def both_logits(
    classifier: Classifier,
    pixels: NDArray[np.uint8],
    progress: Callable[[int], None] = lambda faces: None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A network's logits for grey faces, and their mean with those of the mirrored faces.

    Args:
        classifier: the network.
        pixels: (n, 48, 48) uint8.
        progress: called with how many faces have been read, now and then.

    Returns:
        Two (n, 7) float32 arrays: without and with flip test-time augmentation.
    """
    spec = classifier.card.input
    return _both(
        classifier, len(pixels), lambda rows: to_network_inputs(pixels[rows], spec), progress
    )


def both_crop_logits(
    classifier: Classifier, crops: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The same for (n, side, side, channels) uint8 network input."""
    return _both(classifier, len(crops), lambda rows: crops[rows])


def _both(
    classifier: Classifier,
    n: int,
    crops: Callable[[slice], NDArray[np.uint8]],
    progress: Callable[[int], None] = lambda faces: None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    views = np.empty((2, n, len(LABELS)), np.float32)
    for start in range(0, n, _BATCH):  # a whole split at once would take gigabytes
        rows = slice(start, start + _BATCH)
        views[:, rows] = classifier.logits_by_view(crops(rows))
        progress(min(start + _BATCH, n))
    return views[0], views.mean(axis=0)


def split_figures(
    data: Fer2013,
    split: Split,
    logits: NDArray[np.float32],
    logits_flip: NDArray[np.float32],
    temperature: float,
) -> SplitReport:
    """`metrics.evaluate_split` on a split of the data set; logits are (n, 7) in row order."""
    rows = data.rows(split)
    return evaluate_split(
        logits,
        logits_flip,
        data.labels[rows],
        twin=data.twins[rows],
        groups=data.groups[rows],
        temperature=temperature,
    )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A folder's figures recomputed, beside those that it states.

    Attributes:
        slug: the model.
        figures: recomputed.
        answers: share of each class among the answers, by split; ``labels``: among the labels.
        differences: stated figures that are off by more than `TOLERANCE`: path -> (stated, now).
    """

    slug: str
    figures: Metrics
    answers: dict[str, dict[str, float]]
    labels: dict[str, dict[str, float]]
    differences: dict[str, tuple[float, float]]


def refuse_other_dataset(card: ModelCard, data: Fer2013) -> None:
    """Refuse a data set that a model's stored figures and answers are not of.

    Raises:
        ModelError: the card names another fingerprint.
    """
    if data.fingerprint != card.dataset_fingerprint:
        raise ModelError(
            "the model was measured on another copy of the data set",
            where=card.slug,
            expected=card.dataset_fingerprint[:16],
            received=data.fingerprint[:16],
            remedy="Import the file that it was measured on.",
        )


def evaluate_folder(folder: Path, data: Fer2013, *, threads: int = 0) -> Evaluation:
    """Recompute a model's figures from its graph and the data set.

    A check of a stated figure is no new look at PrivateTest: nothing is chosen by it.

    Args:
        folder: ``models/<slug>``.
        data: FER2013, the same that the card names.
        threads: of ONNX Runtime; 0 takes all cores.

    Raises:
        ModelError: the folder is not sound, or was measured on another data set.
    """
    classifier = load_classifier(folder, threads=threads)
    refuse_other_dataset(classifier.card, data)
    private, public = Split.PRIVATE_TEST, Split.PUBLIC_TEST
    logits = {split: both_logits(classifier, data.part(split)[0]) for split in (private, public)}
    temperature = classifier.card.temperature
    figures = Metrics.of(
        *(split_figures(data, split, *logits[split], temperature) for split in (private, public))
    )
    now = flat_figures(figures.model_dump())
    then = flat_figures(read_metrics(folder).model_dump())
    differences = {
        name: (then.get(name, float("nan")), value)
        for name, value in now.items()
        if not abs(value - then.get(name, float("nan"))) <= TOLERANCE
    }
    return Evaluation(
        folder.name,
        figures,
        {split.value: _shares(own.argmax(axis=1)) for split, (own, _) in logits.items()},
        {split.value: _shares(data.labels[data.rows(split)]) for split in logits},
        differences,
    )


def _shares(classes: NDArray[np.int64]) -> dict[str, float]:
    return dict(zip(LABELS, class_shares(classes).round(6).tolist(), strict=True))


def flat_figures(figures: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Every number of nested figures by its path, such as ``per_class.happy.recall``."""
    found: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            found |= flat_figures(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            found[f"{prefix}{name}"] = float(value)
    return found
