"""Measuring a network on FER2013's test splits, with all that its folder keeps of it."""

import csv
from collections.abc import Callable
from pathlib import Path

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.summary import LIMIT_BYTES
from fer_core.metrics import SplitReport, confusion_matrix
from fer_core.storage.atomic import write_npz
from fer_core.storage.reading import read_npz
from fer_core.zoo import CONFUSION_FILE, PREDICTIONS_FILE, Classifier


def measure_private_test(
    classifier: Classifier,
    data: Fer2013,
    folder: Path,
    progress: Callable[[int], None] = lambda faces: None,
) -> SplitReport:
    """Read PrivateTest, which is a look; leaves answers and confusion matrix in the folder.

    Args:
        classifier: the network, with the temperature that was chosen on PublicTest.
        data: FER2013.
        folder: its folder, with the answers to PublicTest.
        progress: see `both_logits`.

    Returns:
        The figures.
    """
    pixels, labels = data.part(Split.PRIVATE_TEST)
    logits, logits_flip = both_logits(classifier, pixels, progress)
    known = read_npz(folder / PREDICTIONS_FILE, LIMIT_BYTES)
    write_npz(
        folder / PREDICTIONS_FILE,
        known | {"private_logits": logits, "private_logits_flip": logits_flip},
    )
    counts = confusion_matrix(labels, logits.argmax(axis=1))
    with (folder / CONFUSION_FILE).open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["true", *LABELS])
        writer.writerows([name, *row] for name, row in zip(LABELS, counts.tolist(), strict=True))
    return split_figures(data, Split.PRIVATE_TEST, logits, logits_flip, classifier.card.temperature)
