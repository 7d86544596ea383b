"""Measuring a finished training on PrivateTest: the one command that looks at it."""

from pathlib import Path

from fer_core.dataset import Fer2013
from fer_core.errors import TrainingError
from fer_core.evaluation.measuring import measure_private_test
from fer_core.evaluation.seeds import SEEDS
from fer_core.evaluation.summary import read_public_metrics
from fer_core.metrics import SplitReport
from fer_core.storage.atomic import new_folder
from fer_core.training.artifacts.folder import (
    CANDIDATE,
    check_candidate,
    copy_files,
    write_json,
)
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    METRICS_FILE,
    Classifier,
    ModelCard,
    check_folder,
    check_weights,
    enter_new_look,
    file_entries,
    read_ledger,
    stored_weights_digest,
)


def freeze(run: Path, models: Path, data: Fer2013, *, force: bool = False) -> Path:
    """Measure a run's candidate on PrivateTest, enter it in the ledger and ship its folder.

    The folder that is there is replaced in one step, only after everything has been written.

    Args:
        run: the training's folder, with a finished candidate.
        models: where model folders and ledger are.
        data: FER2013, the same as in training.
        force: measure also what PublicTest says is worse than the shipped network.

    Returns:
        ``models/<slug>``.

    Raises:
        TrainingError: there is no candidate, another data set, or PublicTest says it is worse.
        ModelError: the candidate, the ledger or the shipped figures are damaged.
        StorageError: the folder or the ledger cannot be written.
    """
    candidate, shipped = run / CANDIDATE, models / run.name
    card = checked_candidate(candidate, data)
    public = read_public_metrics(candidate)
    if not force and (shipped / METRICS_FILE).exists():
        _refuse_worse(public, shipped)
    read_ledger(models)  # now, rather than after the look
    with new_folder(shipped) as staged:
        copy_files(candidate, staged)
        if (shipped / SEEDS).is_dir():  # figures of the architecture, not of these weights
            (staged / SEEDS).mkdir()
            copy_files(shipped / SEEDS, staged / SEEDS)
        private = measure_private_test(
            Classifier(card, staged / GRAPH_FILE, threads=0), data, staged
        )
        write_json(
            staged / METRICS_FILE, private.model_dump() | {"public_test": public.model_dump()}
        )
        frozen = card.model_copy(update={"files": file_entries(staged)})
        (staged / CARD_FILE).write_text(frozen.to_json())
        # The look has happened: it is entered even if putting the folder in place should fail.
        # The same weights in a new package tell nothing new and are no new look.
        digest = stored_weights_digest(staged)
        enter_new_look(
            models,
            run.name,
            digest,
            public_accuracy=public.accuracy,
            private_accuracy=private.accuracy,
        )
    check_folder(shipped)
    return shipped


def checked_candidate(candidate: Path, data: Fer2013) -> ModelCard:
    """The card of a sound candidate that was trained on this data set.

    Raises:
        TrainingError: there is none, or it is of another data set.
        ModelError: it is damaged.
    """
    run = candidate.parent
    if not candidate.is_dir():
        raise TrainingError(
            "there is nothing to freeze",
            where=run,
            expected=f"a finished training's {CANDIDATE} folder",
            received="no such folder",
            remedy=f"Run: python -m fer_core train {run.name}",
        )
    card = check_candidate(candidate, run.name)
    if card.dataset_fingerprint != data.fingerprint:
        raise TrainingError(
            "the data set is not the one of the training",
            where=run.name,
            expected=card.dataset_fingerprint[:16],
            received=data.fingerprint[:16],
            remedy="Import what it was trained on: python -m fer_core data import "
            + (f"FOLDER --name {card.own.dataset}" if card.own else "FER2013.csv"),
        )
    check_weights(candidate)
    return card


def _refuse_worse(public: SplitReport, shipped: Path) -> None:
    before = read_public_metrics(shipped).accuracy
    if public.accuracy < before:
        raise TrainingError(
            "PublicTest says that the shipped network is better",
            where=shipped.name,
            expected=f"more than {before:.4f}",
            received=f"{public.accuracy:.4f}",
            remedy="Train on, or freeze it all the same with --force.",
        )
