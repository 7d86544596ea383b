"""The same network in today's package: activation maps for a graph that ships without them."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.evaluation.evaluate import grey_logits
from fer_core.evaluation.robustness import ROBUSTNESS_FILE
from fer_core.evaluation.selftest_report import SELFTEST_FILE
from fer_core.evaluation.summary import read_logits
from fer_core.training.artifacts.folder import file_entries
from fer_core.training.artifacts.freeze import replace_folder, stored_weights_digest
from fer_core.training.export.activation_maps import add_activation_maps
from fer_core.training.export.maps_check import check_activation_maps, random_faces
from fer_core.training.export.onnx_graph import shipped_network
from fer_core.zoo import CARD_FILE, GRAPH_FILE, WEIGHTS_FILE, Classifier, check_folder

_FACES = 512
_LARGEST_DIFFERENCE = 1e-3
_MEASUREMENTS = (ROBUSTNESS_FILE, SELFTEST_FILE)
"""Files beside the model folders that name the graph they were measured on."""


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
    """
    card = check_folder(folder)
    if WEIGHTS_FILE not in card.files:
        raise TrainingError(
            "this model ships without Keras weights, so that its maps cannot be checked",
            where=folder.name,
            expected=WEIGHTS_FILE,
        )
    graph = onnx.load(folder / GRAPH_FILE)
    add_activation_maps(graph)
    network = shipped_network(folder, card)
    check_activation_maps(network, graph, random_faces(card.input.shape))
    onnx.checker.check_model(graph, full_check=True)
    staged = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.copytree(folder, staged)
    try:
        onnx.save(graph, staged / GRAPH_FILE)
        files = file_entries(staged)
        if files[GRAPH_FILE] == card.files[GRAPH_FILE]:
            return False
        new_card = card.model_copy(update={"files": files})
        _check_same_answers(folder, staged, data)
        (staged / CARD_FILE).write_text(new_card.to_json())
        replace_folder(staged, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    check_folder(folder)
    _carry_over(
        (folder.parent / name for name in _MEASUREMENTS),
        card.files[GRAPH_FILE].sha256,
        files[GRAPH_FILE].sha256,
    )
    return True


def _check_same_answers(folder: Path, staged: Path, data: Fer2013) -> None:
    if stored_weights_digest(staged) != stored_weights_digest(folder):
        raise TrainingError("repackaging has changed the weights", where=folder.name)
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
        )


def _carry_over(files: Iterable[Path], before: str, after: str) -> None:
    """What was measured on the graph before holds for the one after: same weights and answers."""
    for path in files:
        if path.exists() and before in (text := path.read_text()):
            temporary = path.with_name(f".{path.name}.{os.getpid()}")
            temporary.write_text(text.replace(before, after))
            temporary.replace(path)
