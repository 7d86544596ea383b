"""Measuring a network that was added before FER2013 was here; what else is known of it stays."""

import shutil
from pathlib import Path

from fer_core.dataset import Fer2013, find_dataset, load_named
from fer_core.errors import MienError, ModelError
from fer_core.evaluation.dataset_files import (
    EVALUATIONS,
    keep_evaluation,
    measured_datasets,
    read_dataset_logits,
    read_evaluation,
)
from fer_core.evaluation.datasets import (
    DatasetFigures,
    dataset_figures,
    fair_rows,
    find_overlaps,
    split_rows,
)
from fer_core.evaluation.imports.folder import (
    Progress,
    enter_measured_look,
    finish_folder,
    measure_foreign,
)
from fer_core.evaluation.own import measure_on_fer2013
from fer_core.evaluation.seeds import SEEDS
from fer_core.storage.atomic import new_folder
from fer_core.zoo import ModelCard, check_folder, read_card


def measure_import(
    folder: Path, data: Fer2013, progress: Progress = lambda done, total: None
) -> tuple[Path, list[str]]:
    """Measure a network that was not, once FER2013 is there; see `write_import`.

    Its graph stays, and so do its figures on other data sets and those of its seeds. What follows
    from temperature and threshold, which may be chosen only now, is computed anew from the logits.

    Returns:
        The folder; and a sentence for each data set whose figures could not be computed anew, and
        which are gone.

    Raises:
        ModelError: the folder is not sound, or was measured.
    """
    card = check_folder(folder)
    if card.is_measured:
        raise ModelError(
            "there is nothing to measure",
            where=folder.name,
            expected="a network without figures",
            remedy=f"To check figures that are there: python -m fer_core evaluate {folder.name}",
        )
    with new_folder(folder) as staged:
        for path in folder.iterdir():
            if path.is_file():
                shutil.copy(path, staged)
            elif path.name in (EVALUATIONS, SEEDS):
                shutil.copytree(path, staged / path.name)
        measured = (
            measure_foreign(card, data, staged, progress)
            if card.own is None
            else measure_on_fer2013(card, data, staged)
        )
        finish_folder(measured, staged)
        enter_measured_look(folder.parent, card.slug, staged)
        left = _renew_evaluations(staged, read_card(staged, slug=card.slug), data)
    check_folder(folder)
    return folder, left


def _renew_evaluations(staged: Path, card: ModelCard, fer2013: Fer2013) -> list[str]:
    """Figures on named data sets at the card's temperature and threshold; sentences of the others.

    Only the graph's answers are the same as before; they are kept as logits.
    """
    left = []
    for name in measured_datasets([staged]):
        try:
            before = read_evaluation(staged, name)
            if before is None or _holds(before, card):
                continue
            _renew(staged, card, before, fer2013)
        except MienError as error:
            for kind in ("json", "npz"):
                (staged / EVALUATIONS / f"{name}.{kind}").unlink(missing_ok=True)
            left.append(
                f"{card.slug}: its figures on {name} were of another temperature and are gone. "
                f"{error}"
            )
    return left


def _holds(figures: DatasetFigures, card: ModelCard) -> bool:
    kept = figures.temperature, figures.unsure_threshold
    return figures.is_about(card) and kept == (card.temperature, card.unsure_threshold)


def _renew(staged: Path, card: ModelCard, before: DatasetFigures, fer2013: Fer2013) -> None:
    name = before.dataset
    again = f"Measure again: python -m fer_core evaluate --dataset {name} {card.slug}"
    if not before.is_about(card):
        raise ModelError("was measured with another graph", where=name, remedy=again)
    if find_dataset(name) is None:
        raise ModelError(
            "is not on this machine", where=name, remedy=f"Import it (data import). {again}"
        )
    data = load_named(name)
    if data.fingerprint != before.dataset_fingerprint:
        raise ModelError("was imported anew since", where=name, remedy=again)
    logits = read_dataset_logits(staged, before).astype("float16")
    split, rows = fair_rows(card, data, *split_rows(data, before.split))
    overlaps = find_overlaps(data, fer2013)
    keep_evaluation(staged, dataset_figures(logits, data, split, rows, card, overlaps), logits)
