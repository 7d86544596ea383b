"""What a finished training leaves behind: a folder without any look at PrivateTest."""

import csv
import importlib.metadata
import platform
from pathlib import Path

import keras
import numpy as np

from fer_core.dataset import FER2013, SPLITS, Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import TrainingError
from fer_core.evaluation.calibration import choose_calibration, read_to_choose
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.summary import HISTORY_COLUMNS
from fer_core.faces import make_detector, to_network_inputs
from fer_core.storage.atomic import new_folder, write_npz
from fer_core.training.artifacts.folder import CANDIDATE, write_json
from fer_core.training.export.onnx_graph import export_onnx, save_weights
from fer_core.training.loop.job import TrainedNetwork, TrainingJob
from fer_core.training.loop.learner import predict_logits
from fer_core.training.networks import multiply_accumulates
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Classifier,
    Licence,
    ModelCard,
    Own,
    file_entries,
    softmax,
)

WEIGHTS_LIMIT_BYTES = 10_000_000
_LARGEST_DIFFERENCE = 1e-3

INTENDED_USE = (
    "Learning and research: naming the expression that a face shows in a picture. Not for "
    "decisions about people; not at work, at school, in hiring or in policing."
)
LIMITS = (
    "Trained on FER2013: small grey pictures from web searches; people agree with about 65 % of "
    "its labels. It names what a face shows, not what a person feels. Disgust is rare in the "
    "data. Faces turned away, covered, dark or under 24 px are read badly."
)
_OTHER_LIMITS = (
    "Trained on {dataset}, {faces:,} faces: what is not in them it does not know. It names what a "
    "face shows, not what a person feels."
)
LICENCE = Licence(
    code="Apache-2.0",
    weights="For research only, as the FER2013 images that they were learned from.",
)
_OTHER_LICENCE = LICENCE.model_copy(
    update={"weights": "Whatever binds the pictures that they were learned from."}
)
_PACKAGES = ("keras", "tensorflow-cpu", "tensorflow", "jax", "numpy", "onnx", "tf2onnx")


def write_candidate(
    job: TrainingJob, trained: TrainedNetwork, data: Fer2013, *, budget_limited: bool = False
) -> Path:
    """Write everything that Training and PublicTest give into ``<run>/candidate``.

    One that is there stays until the new one is finished.

    Args:
        job: what was trained.
        trained: the outcome.
        data: FER2013.
        budget_limited: more epochs would still have helped; they would where it was stopped.

    Returns:
        The folder.

    Raises:
        TrainingError: Keras and ONNX disagree by more than 1e-3 in a probability.
        StorageError: the folder cannot be written.
    """
    budget_limited = budget_limited or trained.stopped
    with new_folder(job.run / CANDIDATE) as folder:
        history = [*(job.start.history if job.start else []), *trained.progress.history]
        _write_network(trained.model, history, folder, budget_limited=budget_limited)
        card = _card(job, trained, history, data, budget_limited=budget_limited)
        job.report(f"{card.slug}: reading PublicTest as cameras see it, which takes minutes")
        card = _choose_on_public_test(card, trained, data, folder, most=job.limit)
        (folder / CARD_FILE).write_text(
            card.model_copy(update={"files": file_entries(folder)}).to_json()
        )
    return job.run / CANDIDATE


def _write_network(
    model: keras.Model, history: list[dict[str, float]], folder: Path, *, budget_limited: bool
) -> None:
    """Graph, weights and learning curves."""
    export_onnx(model, folder / GRAPH_FILE)
    weights = save_weights(model, folder)
    if weights.stat().st_size > WEIGHTS_LIMIT_BYTES and not budget_limited:
        weights.unlink()
    with (folder / HISTORY_FILE).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, HISTORY_COLUMNS)
        writer.writeheader()
        for epoch, row in enumerate(history, start=1):
            writer.writerow(
                {name: _rounded(row[name]) for name in HISTORY_COLUMNS} | {"epoch": epoch}
            )


def _card(
    job: TrainingJob,
    trained: TrainedNetwork,
    history: list[dict[str, float]],
    data: Fer2013,
    *,
    budget_limited: bool,
) -> ModelCard:
    """What is known before any answer: no temperature, no threshold, no files."""
    arch, progress = job.arch, trained.progress
    earlier = len(history) - len(progress.history)
    own = _own(job, data)
    elsewhere = job.dataset != FER2013
    learned = len(data.rows(Split.TRAINING, without_blank=True))
    return ModelCard(
        slug=job.slug,
        title=f"{arch.title} · {job.name}" if own else arch.title,
        architecture=arch.layers,
        origin=arch.origin,
        published=None if own else arch.published,
        input=job.input(),
        labels=LABELS,
        parameters=trained.model.count_params(),
        multiply_accumulates=multiply_accumulates(trained.model),
        recipe=job.recipe.model_dump(mode="json")
        | {"best_epoch": earlier + progress.best_epoch}
        | ({"replanned": progress.replanned} if progress.replanned else {}),
        epochs=len(history),
        train_seconds=round(sum(row["seconds"] for row in history), 1),
        processor=trained.processor,
        seed=job.seed,
        precision=progress.precision,
        dataset_fingerprint=data.fingerprint,
        versions=_versions(),
        temperature=1.0,
        unsure_threshold=0.0,
        status="budget-limited" if budget_limited else "complete",
        intended_use=INTENDED_USE,
        limits=_OTHER_LIMITS.format(dataset=job.dataset, faces=learned) if elsewhere else LIMITS,
        licence=_OTHER_LICENCE if elsewhere else LICENCE,
        own=own,
        files={},
    )


def _own(job: TrainingJob, data: Fer2013) -> Own | None:
    """What somebody's own network was made of; None for one of those that ship."""
    if not job.name:
        return None
    return Own(
        network=job.arch.slug,
        dataset=job.dataset,
        dataset_digest=data.fingerprint,
        faces={split.value: len(data.rows(split)) for split in SPLITS},
    )


def _choose_on_public_test(
    card: ModelCard, trained: TrainedNetwork, data: Fer2013, folder: Path, *, most: int | None
) -> ModelCard:
    """The card with what is said of confidence; leaves answers and figures in the folder."""
    classifier = Classifier(card, folder / GRAPH_FILE, threads=0)
    pixels, _ = data.part(Split.PUBLIC_TEST)
    logits, logits_flip = both_logits(classifier, pixels)
    own = predict_logits(trained.model, to_network_inputs(pixels[:512], card.input))
    difference = np.abs(softmax(own) - softmax(logits[:512])).max()
    if not difference <= _LARGEST_DIFFERENCE:
        raise TrainingError(
            "the exported network answers differently",
            where=card.slug,
            expected=f"probabilities within {_LARGEST_DIFFERENCE}",
            received=f"{difference:.2g}",
            remedy="Train again with the versions that requirements.lock names.",
        )
    detector = make_detector("yunet", download=True)
    parts = read_to_choose(classifier, detector, data, most=most)
    card = card.calibrated(choose_calibration(parts, detector.name))
    write_npz(
        folder / PREDICTIONS_FILE, {"public_logits": logits, "public_logits_flip": logits_flip}
    )
    figures = split_figures(data, Split.PUBLIC_TEST, logits, logits_flip, card.temperature)
    write_json(folder / METRICS_FILE, {"public_test": figures.model_dump()})
    return card


def _rounded(value: float) -> float:
    return value if float(value).is_integer() else float(f"{value:.6g}")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
