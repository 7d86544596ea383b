"""Networks on the same images, from the answers that are kept beside them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, NamedDataset, Split
from fer_core.errors import ModelError
from fer_core.evaluation.dataset_files import read_dataset_logits, read_evaluation
from fer_core.evaluation.datasets import SplitName, split_rows
from fer_core.evaluation.labelled import LabelledImages, dataset_images, split_images
from fer_core.evaluation.summary import read_logits
from fer_core.metrics import Comparison, mcnemar_exact
from fer_core.zoo import check_folder, read_card

Answers = list[NDArray[np.float32]]
"""Logits (n, 7) of each network, NaN without a face."""


def private_test_answers(folders: Sequence[Path], data: Fer2013) -> tuple[LabelledImages, Answers]:
    """PrivateTest, and what each network said of it when it was measured.

    Args:
        folders: of models.
        data: FER2013.

    Raises:
        ModelError: a folder is not sound, or was measured on another copy of the data set.
    """
    images, answers = split_images(data, Split.PRIVATE_TEST), []
    for folder in folders:
        card = check_folder(folder)
        logits = read_logits(folder)["private_logits"]
        if card.dataset_fingerprint != data.fingerprint or len(logits) != len(images):
            raise ModelError(
                "the model was measured on another copy of the data set",
                where=folder.name,
                expected=card.dataset_fingerprint[:16],
                received=data.fingerprint[:16],
                remedy="Import the file that it was measured on.",
            )
        answers.append(logits)
    return images, answers


def dataset_answers(
    folders: Sequence[Path], data: NamedDataset
) -> tuple[LabelledImages, Answers, SplitName]:
    """The part of a data set that networks were measured on, and what each said of it.

    Args:
        folders: of models; at least one.
        data: the data set.

    Returns:
        The images, the answers, and the name of the part.

    Raises:
        ModelError: a network as it is now was not measured on these pictures, or on another part of
            them than the first one.
    """
    answers: Answers = []
    first: SplitName | None = None
    for folder in folders:
        figures = read_evaluation(folder, data.name)
        if figures is None or not figures.is_about(read_card(folder)):
            fault = "not measured"
        elif figures.dataset_fingerprint != data.fingerprint:
            fault = "measured before the data set was imported again"
        elif figures.split != (first or figures.split):
            fault = f"measured on {figures.split}, and another network on {first}"
        else:
            first = figures.split
            answers.append(read_dataset_logits(folder, figures))
            continue
        names = " ".join(folder.name for folder in folders)
        raise ModelError(
            "the network has no figures on this data set that could be compared",
            where=f"{folder.name}, {data.name}",
            expected="the network and the pictures that are here",
            received=fault,
            remedy=f"Measure: python -m fer_core evaluate --dataset {data.name} {names}",
        )
    split, rows = split_rows(data, first)
    return dataset_images(data, rows), answers, split


def compare_answers(
    images: LabelledImages, a: NDArray[np.floating], b: NDArray[np.floating]
) -> Comparison:
    """Exact McNemar test and bootstrap interval of two networks' accuracies.

    Args:
        images: n of them.
        a, b: logits (n, 7) of both networks, NaN without a face.
    """
    return mcnemar_exact(images.right(a), images.right(b), images.clusters)
