"""Writing model folders; knows no Keras."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError, TrainingError
from fer_core.evaluation.calibration_report import CALIBRATION_FILE
from fer_core.evaluation.dataset_files import EVALUATIONS
from fer_core.evaluation.robustness import ROBUSTNESS_FILE
from fer_core.evaluation.selftest_report import SELFTEST_FILE
from fer_core.evaluation.speed import SPEED_FILE
from fer_core.runs.run import CANDIDATE
from fer_core.storage.atomic import write_bytes
from fer_core.zoo import ModelCard, file_entries, read_card

__all__ = ["CANDIDATE", "as_stored", "carry_over", "check_candidate", "copy_files", "write_json"]

_MEASUREMENTS = (ROBUSTNESS_FILE, SELFTEST_FILE, CALIBRATION_FILE, SPEED_FILE)
"""Files beside the model folders that name the graph they were measured on, as evaluations do."""

PACK_FROM = 16_384
"""Numbers in a kernel from which it is stored as float16: smaller ones save next to nothing, and in
networks that consist of them the rounding shows (0.002 in a probability of `triple`)."""


def as_stored(tensor: NDArray[Any]) -> NDArray[Any]:
    """A tensor as files keep it: large float32 kernels as float16, all else as it is.

    Vectors stay float32: BatchNorm's variances can exceed float16's range.

    Raises:
        TrainingError: a weight does not fit into float16.
    """
    if tensor.ndim < 2 or tensor.size < PACK_FROM or tensor.dtype != np.float32:
        return tensor
    halves = tensor.astype(np.float16)
    if not np.isfinite(halves).all():
        raise TrainingError(
            "a weight does not fit into float16",
            received=f"{np.abs(tensor).max():g}",
            remedy="Train again with a lower learning_rate or with l2 in the recipe.",
        )
    return halves


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file for people and programs."""
    path.write_text(json.dumps(value, indent=2) + "\n")


def copy_files(source: Path, target: Path) -> None:
    """Copy all that is in a model folder or candidate into another, empty folder."""
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        if path.is_file():
            # `copytree` would wrap a full disk's sentence in an error of its own.
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def carry_over(folder: Path, before: str, after: str) -> None:
    """Let what was measured on a graph hold for the one in its place: same weights, same answers.

    Args:
        folder: ``models/<slug>``; what was measured of all models lies beside it.
        before, after: SHA-256 of the graphs.

    Raises:
        StorageError: a file cannot be written.
    """
    beside = (folder.parent / name for name in _MEASUREMENTS)
    for path in (*beside, *sorted((folder / EVALUATIONS).glob("*.json"))):
        if path.exists() and before.encode() in (content := path.read_bytes()):
            write_bytes(path, content.replace(before.encode(), after.encode()))


def check_candidate(folder: Path, slug: str) -> ModelCard:
    """The card of a finished training that is not frozen yet.

    Raises:
        ModelError: it is not of that name, or a file is not the one that was written.
    """
    card = read_card(folder, slug=slug)
    present = file_entries(folder)
    for name, entry in card.files.items():
        if present.get(name) != entry:
            raise ModelError(
                "the candidate is damaged",
                where=f"{slug}/{name}",
                remedy=f"Train it again: python -m fer_core train {slug} --resume",
            )
    return card
