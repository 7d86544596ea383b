"""Where figures on named data sets are kept: ``evaluations/<name>.json`` and ``.npz`` of a model.

The JSON file has the figures, the other the logits that they come from, so that anybody with the
data set can have others from them. `evaluate --dataset` computes both again.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.datasets import DatasetFigures
from fer_core.evaluation.evaluate import TOLERANCE, flat_figures
from fer_core.storage.atomic import write_npz
from fer_core.storage.records import read_report, write_report
from fer_core.zoo import find_folders, read_card

EVALUATIONS = "evaluations"
"""The folder in a model's folder."""

_ABOUT = (
    "graph_sha256",
    "answers_as",
    "temperature",
    "unsure_threshold",
    "dataset_fingerprint",
    "split",
)
"""What has to be the same for figures to be the same."""


def keep_evaluation(
    folder: Path, figures: DatasetFigures, logits: NDArray[np.float16]
) -> dict[str, tuple[float, float]]:
    """Keep figures and logits beside a network, unless what is there says the same.

    Args:
        folder: ``models/<slug>``.
        figures, logits: of the same pictures.

    Returns:
        Figures that came out otherwise, more than `TOLERANCE` apart, although graph, calibration,
        pictures and split are the same: path -> (kept before, now). What was kept is replaced then.

    Raises:
        StorageError: they cannot be written.
    """
    path = folder / EVALUATIONS / f"{figures.dataset}.json"
    try:
        before = read_evaluation(folder, figures.dataset)
        if before is not None:
            read_dataset_logits(folder, before)
    except ModelError:
        before = None  # damaged: it is about to be replaced
    changed: dict[str, tuple[float, float]] = {}
    if before is not None and all(getattr(before, key) == getattr(figures, key) for key in _ABOUT):
        changed = _differences(before, figures)
        # Who has no FER2013 does not forget what somebody found in it.
        if not changed and (figures.in_fer2013 is None or before.in_fer2013 is not None):
            return {}
    # Logits first: figures without them could not be looked into.
    write_npz(path.with_suffix(".npz"), {"logits": logits}, compressed=True)
    write_report(path, figures)
    return changed


def _differences(before: DatasetFigures, now: DatasetFigures) -> dict[str, tuple[float, float]]:
    old, fresh = flat_figures(before.model_dump()), flat_figures(now.model_dump())
    return {
        name: (old[name], fresh[name])
        for name in sorted(fresh.keys() & old.keys())
        if abs(fresh[name] - old[name]) > TOLERANCE
    }


def read_evaluation(folder: Path, name: str) -> DatasetFigures | None:
    """A network's figures on a data set; None where it was not measured there.

    Raises:
        ModelError: the file is damaged.
    """
    return read_report(
        folder / EVALUATIONS / f"{name}.json",
        DatasetFigures,
        "the figures on this data set cannot be used",
        f"Measure again: python -m fer_core evaluate --dataset {name} {folder.name}",
    )


def read_all_evaluations(*roots: Path) -> tuple[dict[str, dict[str, DatasetFigures]], list[str]]:
    """All figures of the graphs that are there now: data set -> slug -> figures.

    Args:
        roots: folders of models, see `find_folders`.

    Returns:
        The figures, data sets by name; and a sentence for each file or card that cannot be used.
    """
    folders, _ = find_folders(*roots)
    found: dict[str, dict[str, DatasetFigures]] = {}
    errors = []
    for name in measured_datasets(folders.values()):
        for slug, folder in folders.items():
            try:
                figures = read_evaluation(folder, name)
                if figures is not None and figures.is_about(read_card(folder)):
                    found.setdefault(name, {})[slug] = figures
            except ModelError as error:
                errors.append(str(error))
    return found, errors


def read_dataset_logits(folder: Path, figures: DatasetFigures) -> NDArray[np.float32]:
    """The logits behind figures: (n, 7) in the rows of its split, NaN without a face.

    Raises:
        ModelError: they are missing, or not those of these figures.
    """
    path = folder / EVALUATIONS / f"{figures.dataset}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            logits = np.asarray(file["logits"], np.float32)
    except Exception as error:  # zip, npy and key errors have no common type
        raise _not_those(folder, figures, str(error)[:200]) from error
    if logits.shape != (figures.n, len(LABELS)):
        raise _not_those(folder, figures, f"{logits.shape}")
    return logits


def _not_those(folder: Path, figures: DatasetFigures, received: str) -> ModelError:
    return ModelError(
        "the logits on this data set cannot be used",
        where=f"{folder.name}/{EVALUATIONS}/{figures.dataset}.npz",
        expected=f"logits ({figures.n}, {len(LABELS)})",
        received=received,
        remedy=f"Measure again: python -m fer_core evaluate --dataset {figures.dataset} "
        f"{folder.name}",
    )


def measured_datasets(folders: Iterable[Path]) -> tuple[str, ...]:
    """Names of the data sets that any of these networks was measured on, sorted."""
    files = (path for folder in folders for path in folder.glob(f"{EVALUATIONS}/[!.]*.json"))
    return tuple(sorted({path.stem for path in files}))
