"""The same network in today's package: activation maps for a graph that ships without them."""

from pathlib import Path

import numpy as np
import onnx

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.evaluation.evaluate import grey_logits
from fer_core.evaluation.summary import read_logits
from fer_core.storage.atomic import new_folder
from fer_core.training.artifacts.folder import carry_over, copy_files
from fer_core.training.export.activation_maps import add_activation_maps
from fer_core.training.export.maps_check import check_activation_maps
from fer_core.training.export.onnx_graph import shipped_network
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    WEIGHTS_FILE,
    Classifier,
    check_folder,
    file_entries,
    stored_weights_digest,
)
from fer_core.zoo.graph import random_faces

_FACES = 512
_LARGEST_DIFFERENCE = 1e-3


def repackage(folder: Path, data: Fer2013) -> bool:
    """Give a shipped graph its activation maps; weights, logits and ledger stay as they are.

    The maps are checked against a gradient tape on the Keras weights, the logits against the
    stored answers to PublicTest. The folder is replaced in one step.

    Args:
        folder: ``models/<slug>``.
        data: FER2013.

    Returns:
        Whether anything changed.

    Raises:
        ModelError: the folder is not sound.
        TrainingError: it ships without Keras weights, or what was made is not what ships.
        StorageError: the folder cannot be written.
    """
    card = check_folder(folder)
    if WEIGHTS_FILE not in card.files:
        raise TrainingError(
            "this model ships without Keras weights, so that its maps cannot be checked",
            where=folder.name,
            expected=WEIGHTS_FILE,
            remedy=f"Train it again: python -m fer_core train {folder.name}",
        )
    graph = onnx.load(folder / GRAPH_FILE)
    add_activation_maps(graph)
    network = shipped_network(folder, card)
    check_activation_maps(network, graph, random_faces(card.input.shape))
    onnx.checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    if content == (folder / GRAPH_FILE).read_bytes():
        return False
    with new_folder(folder) as staged:
        copy_files(folder, staged)
        (staged / GRAPH_FILE).write_bytes(content)
        files = file_entries(staged)
        _check_same_answers(folder, staged, data)
        (staged / CARD_FILE).write_text(card.model_copy(update={"files": files}).to_json())
    check_folder(folder)
    carry_over(folder, card.files[GRAPH_FILE].sha256, files[GRAPH_FILE].sha256)
    return True


def _check_same_answers(folder: Path, staged: Path, data: Fer2013) -> None:
    if stored_weights_digest(staged) != stored_weights_digest(folder):
        raise TrainingError(
            "repackaging has changed the weights",
            where=folder.name,
            remedy="Use the versions that requirements.lock names; the folder is as it was.",
        )
    pixels, _ = data.part(Split.PUBLIC_TEST)
    classifier = Classifier(check_folder(folder), staged / GRAPH_FILE, threads=0)
    stored = read_logits(folder)["public_logits"][:_FACES]
    difference = float(np.abs(grey_logits(classifier, pixels[:_FACES]) - stored).max())
    if not difference <= _LARGEST_DIFFERENCE:
        raise TrainingError(
            "the repackaged network answers differently from the stored answers",
            where=folder.name,
            expected=f"logits within {_LARGEST_DIFFERENCE}",
            received=f"{difference:.2g}",
            remedy="Use the versions that requirements.lock names; the folder is as it was.",
        )
