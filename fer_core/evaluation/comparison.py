"""Two models on the same images."""

from pathlib import Path

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError
from fer_core.evaluation.summary import read_logits
from fer_core.metrics import Comparison, mcnemar_exact
from fer_core.zoo import check_folder


def compare_folders(a: Path, b: Path, data: Fer2013) -> Comparison:
    """Exact McNemar test and bootstrap interval of two models' PrivateTest accuracies.

    Args:
        a, b: model folders; their stored logits are compared.
        data: FER2013, for the labels and duplicate groups.

    Raises:
        ModelError: a folder is not sound, or was measured on another data set.
    """
    rows = data.rows(Split.PRIVATE_TEST)
    labels = data.labels[rows]
    right = []
    for folder in (a, b):
        card = check_folder(folder)
        logits = read_logits(folder)["private_logits"]
        if card.dataset_fingerprint != data.fingerprint or len(logits) != len(labels):
            raise ModelError(
                "the model was measured on another copy of the data set",
                where=folder.name,
                expected=card.dataset_fingerprint[:16],
                received=data.fingerprint[:16],
                remedy="Import the file that it was measured on.",
            )
        right.append(logits.argmax(axis=1) == labels)
    return mcnemar_exact(right[0], right[1], data.groups[rows])
