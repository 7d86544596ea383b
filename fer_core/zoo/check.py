"""Model folders on disk: finding, checking and loading them.

Checking is strict, because a flipped byte or NaN weight loads without a word in every engine and
then answers nonsense: hashes first, then structure, then every weight finite.
"""

import csv
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import MienError, ModelError
from fer_core.zoo.card import CARD_FILE, ModelCard, folders_with_card, read_card
from fer_core.zoo.classifier import Classifier

MODELS = Path(__file__).resolve().parents[2] / "models"
"""The folder of shipped models."""

DEFAULT_SLUGS = ("flagship", "compact")
"""Models that pages and commands take first where they are there."""

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
"""What every frozen folder contains beside its card; `WEIGHTS_FILE` is optional."""

_RESTORE = "Restore the folder, or train the network again."


def list_slugs(models: Path = MODELS) -> tuple[str, ...]:
    """Names of all model folders (those with a card), sorted; () where there is none."""
    return tuple(folders_with_card(models))


def models_root() -> Path:
    """Where the model folders are: ``MIEN_MODELS`` where set, else the shipped ones."""
    return Path(os.environ.get("MIEN_MODELS", MODELS))


def default_slug(models: Path = MODELS) -> str:
    """The model to take where a person has not chosen.

    Raises:
        ModelError: there is no model folder.
    """
    slugs = list_slugs(models)
    if not slugs:
        raise ModelError(
            "there is no model",
            where=models,
            expected="at least one model folder",
            remedy="Restore the models folder, or train one: python -m fer_core train compact",
        )
    return next((slug for slug in DEFAULT_SLUGS if slug in slugs), slugs[0])


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_folder(folder: Path) -> ModelCard:
    """Check a folder against its card without opening a session.

    Returns:
        The card.

    Raises:
        ModelError: the first thing wrong: card, a missing or unlisted file, size or hash.
    """
    card = read_card(folder)
    present = {path.name for path in folder.iterdir()} - {CARD_FILE}
    wanted = set(REQUIRED_FILES) | set(card.files)
    if missing := sorted(wanted - present | set(REQUIRED_FILES) - set(card.files)):
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
        if size != entry.bytes or sha256_of(path) != entry.sha256:
            raise ModelError(
                "a file is not the one that was written",
                where=f"{folder.name}/{name}",
                expected=f"{entry.bytes} bytes, SHA-256 {entry.sha256[:12]}…",
                received=f"{size} bytes, another SHA-256",
                remedy=_RESTORE,
            )
    return card


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


def load_classifier(folder: Path, *, threads: int = 1, maps: bool = False) -> Classifier:
    """Check a model folder and open its network.

    Args:
        folder: ``models/<slug>``.
        threads, maps: see `Classifier`.

    Raises:
        ModelError: the first thing wrong with it; nothing is half loaded.
    """
    card = check_folder(folder)
    check_weights(folder)
    return Classifier(card, folder / GRAPH_FILE, threads=threads, maps=maps)


def sound_folders(models: Path = MODELS) -> tuple[list[ModelCard], list[MienError]]:
    """Cards of the folders that pass `check_folder`, and the errors of those that do not."""
    cards: list[ModelCard] = []
    errors: list[MienError] = []
    for slug in list_slugs(models):
        try:
            cards.append(check_folder(models / slug))
        except MienError as error:
            errors.append(error)
    return cards, errors


def weights_digest(tensors: dict[str, NDArray[Any]]) -> str:
    """SHA-256 over float16 tensors in name order: the same however a graph is packed."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensors[name], np.float16).tobytes())
    return digest.hexdigest()


def read_ledger(models: Path = MODELS) -> list[dict[str, str]]:
    """Rows of ``looks.csv``: how often each network was measured on PrivateTest; [] without."""
    path = models / "looks.csv"
    if not path.exists():
        return []
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def looks_by_slug(rows: Iterable[dict[str, str]]) -> dict[str, int]:
    """Number of looks at PrivateTest for each slug."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["slug"]] = counts.get(row["slug"], 0) + 1
    return counts
