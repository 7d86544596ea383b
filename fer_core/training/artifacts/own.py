"""Networks of one's own, out of their runs and onto every page."""

from pathlib import Path

from fer_core.dataset import FER2013, Fer2013, load_dataset, load_named
from fer_core.errors import TrainingError
from fer_core.evaluation.imports.folder import enter_measured_look, finish_folder
from fer_core.evaluation.own import measure_on_fer2013, measure_on_named
from fer_core.runs.faces import DRAWN, load_faces
from fer_core.runs.families import RunFamily
from fer_core.runs.run import Run
from fer_core.storage.atomic import new_folder
from fer_core.training.artifacts.folder import CANDIDATE, check_candidate, copy_files
from fer_core.training.artifacts.freeze import freeze
from fer_core.training.artifacts.seeds import Report, best_seed, measure_seeds
from fer_core.zoo import (
    CARD_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    ModelCard,
    check_folder,
    check_weights,
    find_folders,
    models_roots,
    read_ledger,
)


def freeze_own(run: Run, models: Path, data: Fer2013 | None, *, force: bool = False) -> ModelCard:
    """Put a run's network among one's own, measured on faces that it has not seen.

    One that learned from FER2013 is measured by `freeze`. One that learned from a named data set
    is measured on the part of it that was kept back, and on FER2013 where that is here. Each
    reading of PrivateTest is a look, entered in the ledger of ``models``.

    Args:
        run: with a finished training.
        models: the folder of one's own networks; made where it is missing.
        data: FER2013; None where it is not imported.
        force: also in place of one that PublicTest says is better.

    Returns:
        The network's card.

    Raises:
        TrainingError: there is nothing to freeze, or a network that is no run's has the name.
        DatasetError: the data set that it learned from is gone.
        ModelError: the candidate or the ledger is damaged.
        StorageError: the folder or the ledger cannot be written.
    """
    _check_place(run.network, models)
    if not run.has_network():
        raise TrainingError(
            "there is nothing to freeze yet",
            where=run.name,
            expected="a finished training",
            remedy="Let it end, or stop it and keep the best epoch.",
        )
    card = check_candidate(run.folder / CANDIDATE, run.network)
    if card.own is None or card.own.dataset == FER2013:
        freeze(run.folder, models, data or load_dataset(), force=force)
        return check_folder(models / run.network)
    check_weights(run.folder / CANDIDATE)
    read_ledger(models)  # now, rather than after the look
    with new_folder(models / run.network) as staged:
        copy_files(run.folder / CANDIDATE, staged)
        # They are of the faces that it was chosen on; what is measured takes their place.
        (staged / METRICS_FILE).unlink()
        (staged / PREDICTIONS_FILE).unlink()
        card = card.model_copy(update={"dataset_fingerprint": ""})
        if data is not None:
            card = measure_on_fer2013(card, data, staged)
        finish_folder(card, staged)
        if data is not None:
            enter_measured_look(models, run.network, staged)
    if card.own is not None and card.own.dataset != DRAWN:
        measure_on_named(models / run.network, load_named(card.own.dataset), data)
    return check_folder(models / run.network)


def freeze_own_seeds(
    family: RunFamily,
    models: Path,
    data: Fer2013 | None,
    *,
    force: bool = False,
    report: Report = lambda line: None,
) -> list[int]:
    """Put a family among one's own networks: the best seed's weights, and figures of each.

    Each seed is measured on the faces that were kept back from what it learned from; where that is
    FER2013, each is a look. Seeds that have not ended are left for another time.

    Args:
        family: of the queue.
        models, data, force: see `freeze_own`.
        report: takes a sentence for each seed.

    Returns:
        The seeds that could not be measured; their sentences have been reported.

    Raises:
        MienError: see `freeze_own`; no seed has ended.
    """
    _check_place(family.name, models)
    ended = {run.seed: run.folder for run in family.runs if run.seed is not None and _ended(run)}
    if not ended:
        raise TrainingError(
            "there is nothing to freeze yet",
            where=family.name,
            expected="a seed whose training has finished",
            remedy="Let one end, or stop it and keep the best epoch.",
        )
    dataset = family.order().dataset
    faces = (data or load_dataset()) if dataset == FER2013 else load_faces(dataset)
    read_ledger(models)  # now, rather than after a look
    if not (models / family.name / CARD_FILE).exists():
        best = best_seed(ended)
        freeze_own(Run(ended[best], best), models, data)
    return measure_seeds(ended, models, faces, force=force, report=report)


def _ended(run: Run) -> bool:
    # A network may be there of before, while it learns a few epochs more.
    return run.has_network() and run.condition() == "finished"


def _check_place(name: str, models: Path) -> None:
    """An imported network, or one that ships, is not replaced by a training of its name."""
    taken = find_folders(*models_roots(), models)[0].get(name)
    if taken is None:
        return
    if taken.parent != models or check_folder(taken).own is None:
        raise TrainingError(
            "another network has this name",
            where=taken,
            received=name,
            remedy="Remove that one, or train again under another name.",
        )
