"""Measuring a finished training on PrivateTest: the one command that looks at it."""

import csv
import datetime
import json
import os
import shutil
from pathlib import Path

import numpy as np

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import TrainingError
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.metrics import confusion_matrix
from fer_core.training.artifacts.folder import (
    CANDIDATE,
    KERNEL_PREFIX,
    check_candidate,
    file_entries,
    write_json,
)
from fer_core.zoo import (
    CARD_FILE,
    CONFUSION_FILE,
    GRAPH_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Classifier,
    check_folder,
    check_weights,
    graph_tensors,
    read_ledger,
    weights_digest,
)

LEDGER_FILE = "looks.csv"
LEDGER_COLUMNS = ("date", "slug", "weights_sha256", "public_accuracy", "private_accuracy")


def stored_weights_digest(folder: Path) -> str:
    """The digest in the ledger: over a graph's kernels, as float16."""
    tensors = graph_tensors(folder / GRAPH_FILE)
    return weights_digest({n: t for n, t in tensors.items() if n.startswith(KERNEL_PREFIX)})


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
        ModelError: the candidate is damaged.
    """
    candidate = run / CANDIDATE
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
        )
    check_weights(candidate)
    public = json.loads((candidate / METRICS_FILE).read_text())["public_test"]
    shipped = models / run.name
    if not force and (shipped / METRICS_FILE).exists():
        before = json.loads((shipped / METRICS_FILE).read_text())["public_test"]["accuracy"]
        if public["accuracy"] < before:
            raise TrainingError(
                "PublicTest says that the shipped network is better",
                where=run.name,
                expected=f"more than {before:.4f}",
                received=f"{public['accuracy']:.4f}",
                remedy="Train on, or freeze it all the same with --force.",
            )

    staged = models / f".{run.name}.{os.getpid()}"
    shutil.copytree(candidate, staged)
    try:
        classifier = Classifier(card, staged / GRAPH_FILE, threads=0)
        pixels, labels = data.part(Split.PRIVATE_TEST)
        logits, logits_flip = both_logits(classifier, pixels)
        with np.load(staged / PREDICTIONS_FILE) as file:
            known = {name: file[name] for name in file.files}
        np.savez(
            staged / PREDICTIONS_FILE,
            **known,
            private_logits=logits,
            private_logits_flip=logits_flip,
        )
        figures = split_figures(data, Split.PRIVATE_TEST, logits, logits_flip, card.temperature)
        write_json(staged / METRICS_FILE, figures | {"public_test": public})
        counts = confusion_matrix(labels, logits.argmax(axis=1))
        with (staged / CONFUSION_FILE).open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["true", *LABELS])
            writer.writerows(
                [name, *row] for name, row in zip(LABELS, counts.tolist(), strict=True)
            )
        frozen = card.model_copy(update={"files": file_entries(staged)})
        (staged / CARD_FILE).write_text(frozen.to_json())
        digest = stored_weights_digest(staged)
        # The look has happened: it is entered even if putting the folder in place should fail.
        # The same weights in a new package tell nothing new and are no new look.
        if digest not in {look["weights_sha256"] for look in read_ledger(models)}:
            _enter_look(models, run.name, digest, public["accuracy"], figures["accuracy"])
        replace_folder(staged, shipped)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    check_folder(shipped)
    return shipped


def _enter_look(models: Path, slug: str, digest: str, public: float, private: float) -> None:
    path = models / LEDGER_FILE
    new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.writer(stream)
        if new:
            writer.writerow(LEDGER_COLUMNS)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        writer.writerow([today, slug, digest, f"{public:.6f}", f"{private:.6f}"])


def replace_folder(staged: Path, shipped: Path) -> None:
    """Put a finished folder in place of the one that ships."""
    old = shipped.with_name(f".{shipped.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if shipped.exists():
        shipped.rename(old)
    staged.rename(shipped)
    shutil.rmtree(old, ignore_errors=True)
