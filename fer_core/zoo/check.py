"""Checking a model folder before it is used.

Strictly, because a flipped byte or NaN weight loads without a word in every engine and then answers
nonsense: hashes first, then structure, then every weight finite.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.storage.reading import fault
from fer_core.zoo.card import CARD_FILE, FileEntry, ModelCard, read_card
from fer_core.zoo.classifier import Classifier
from fer_core.zoo.voters import AnswersAs

GRAPH_FILE = "model.onnx"
WEIGHTS_FILE = "model.weights.h5"
HISTORY_FILE = "history.csv"
PREDICTIONS_FILE = "predictions.npz"
CONFUSION_FILE = "confusion_matrix.csv"
METRICS_FILE = "metrics.json"
REQUIRED_FILES = (
    GRAPH_FILE,
    HISTORY_FILE,
    PREDICTIONS_FILE,
    CONFUSION_FILE,
    METRICS_FILE,
)
"""What every frozen folder contains beside its card; `WEIGHTS_FILE` is optional. One with an
imported network that nobody measured has the graph alone."""

_RESTORE = "Restore the folder, or train the network again."


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_entries(folder: Path) -> dict[str, FileEntry]:
    """Hash and size of every file in a folder but the card; folders in it are no part of it."""
    return {
        path.name: FileEntry(sha256=sha256_of(path), bytes=path.stat().st_size)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != CARD_FILE
    }


def check_folder(folder: Path) -> ModelCard:
    """Check a folder against its card without opening a session.

    Returns:
        The card.

    Raises:
        ModelError: the first thing wrong: card, a missing or unlisted file, size or hash.
    """
    card = read_card(folder)
    try:
        _check_files(folder, card)
    except OSError as error:
        raise ModelError(
            "the model folder cannot be read",
            where=folder.name,
            received=fault(error),
            remedy=_RESTORE,
        ) from error
    return card


def _check_files(folder: Path, card: ModelCard) -> None:
    present = {path.name for path in folder.iterdir()} - {CARD_FILE}
    required = set(REQUIRED_FILES if card.is_measured else (GRAPH_FILE,))
    wanted = required | set(card.files)
    if missing := sorted(wanted - present | required - set(card.files)):
        raise ModelError(
            "a file is missing",
            where=folder.name,
            expected=", ".join(sorted(wanted)),
            received=f"no {', '.join(missing)} in the folder or on its card",
            remedy=_RESTORE,
        )
    for name, entry in card.files.items():
        path = folder / name
        if Path(name).name != name or path.is_symlink():  # a card cannot point elsewhere
            raise ModelError(
                "the card names a file outside of its folder",
                where=folder.name,
                received=name,
                remedy=_RESTORE,
            )
        size = path.stat().st_size
        if not path.is_file() or size != entry.bytes or sha256_of(path) != entry.sha256:
            raise ModelError(
                "a file is not the one that was written",
                where=f"{folder.name}/{name}",
                expected=f"{entry.bytes} bytes, SHA-256 {entry.sha256[:12]}…",
                received=f"{size} bytes, another SHA-256" if path.is_file() else "no file",
                remedy=_RESTORE,
            )


def graph_tensors(graph: Path) -> dict[str, NDArray[Any]]:
    """All weights of an ONNX file by name, as stored."""
    import onnx  # 0.1 s to import, and only checks need it

    return {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(graph).graph.initializer
    }


def check_weights(folder: Path) -> None:
    """Refuse a graph with a weight that is NaN or infinite.

    Raises:
        ModelError: naming the tensor, or that the file is not an ONNX graph.
    """
    try:
        tensors = graph_tensors(folder / GRAPH_FILE)
    except Exception as error:  # protobuf's errors have no common type
        raise ModelError(
            "the network's file is not an ONNX graph",
            where=f"{folder.name}/{GRAPH_FILE}",
            received=str(error)[:200],
            remedy=_RESTORE,
        ) from error
    for name, tensor in tensors.items():
        if np.issubdtype(tensor.dtype, np.floating) and not np.isfinite(tensor).all():
            raise ModelError(
                "a weight is not a number",
                where=f"{folder.name}/{GRAPH_FILE}",
                expected="finite weights",
                received=f"NaN or infinity in {name}",
                remedy=_RESTORE,
            )


def load_classifier(
    folder: Path,
    *,
    threads: int = 1,
    maps: bool = False,
    answers_as: AnswersAs = AnswersAs.LABELS,
) -> Classifier:
    """Check a model folder and open its network.

    Args:
        folder: ``models/<slug>``.
        answers_as: whose word it gives: the labels' where it is measured on FER2013, the voters'
            where it reads somebody's pictures. A network that has learned one only gives that.
        threads, maps: see `Classifier`.

    Raises:
        ModelError: the first thing wrong with it; nothing is half loaded.
    """
    card = check_folder(folder).answering_as(answers_as)
    check_weights(folder)
    return Classifier(card, folder / GRAPH_FILE, threads=threads, maps=maps)
