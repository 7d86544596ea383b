"""A teacher's opinion of the training faces: a shipped model's, or an ensemble's from a file."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from fer_core.dataset import FERPLUS, Fer2013, Split, class_votes
from fer_core.emotions import LABELS
from fer_core.errors import StorageError, TrainingError
from fer_core.evaluation.evaluate import both_logits
from fer_core.faces import InputSpec, Restoration
from fer_core.storage.atomic import new_stream
from fer_core.storage.reading import fault, read_npz
from fer_core.training.data.batches import Reader
from fer_core.training.networks import build_network, get_architecture
from fer_core.training.networks.fused_norm import build_for_training
from fer_core.zoo import GRAPH_FILE, WEIGHTS_FILE, check_folder, load_classifier, softmax

_About = TypeAdapter(dict[str, Any])
TEACHERS_FOLDER = "teachers"
_LIMIT_BYTES = 64_000_000


def teacher_path(models: Path, name: str) -> Path:
    """Where an ensemble's logits on Training are kept: ``models/teachers/<name>.npz``."""
    return models / TEACHERS_FOLDER / f"{name}.npz"


def teacher_probabilities(
    name: str,
    temperature: float,
    data: Fer2013,
    *,
    models: Path,
    kept: Path,
    report: Callable[[str], None],
) -> NDArray[np.float32]:
    """What a teacher says of Training, blank images left out.

    Args:
        name: of an ensemble's file or of a model folder, or `FERPLUS`.
        temperature: softens the probabilities of a network.
        data: FER2013.
        models: where models and ensembles are.
        kept: folder for a model's logits: reading all faces takes longer than an epoch of many
            of the networks that are taught.
        report: takes a line where that is done.

    Returns:
        (n, 7) float32 probabilities in row order.

    Raises:
        TrainingError: there is no such teacher, the ensemble's file cannot be used, or FER+'s votes
            are not there.
        ModelError: the model is not sound.
    """
    if name == FERPLUS:
        return vote_shares(data)
    path = teacher_path(models, name)
    if not path.exists() and not (models / name).is_dir():
        raise TrainingError(
            "the recipe's teacher is not there",
            expected=f"a model folder of that name, or {path}",
            received=name,
            remedy="Write an ensemble's file: python -m fer_core ensemble NAME FILES",
        )
    logits = (
        _ensemble_logits(path, data)
        if path.exists()
        else _model_logits(models / name, data, kept, report)
    )
    return softmax(logits, temperature)


def teacher_reader(
    name: str, temperature: float, *, views: int, models: Path, spec: InputSpec, precision: str
) -> Reader:
    """A shipped network that gives its opinion of each batch while another one learns.

    Args:
        name: of a model folder.
        temperature: softens its probabilities.
        views: 2 for the mean of its logits over each face and its mirror image.
        models: where the folder is.
        spec: the input of the network that learns.
        precision: Keras's policy to compute in; nothing of it is stored.

    Raises:
        TrainingError: the folder has no Keras weights, or the network takes another input.
        ModelError: there is no such model, or it is not sound.
    """
    from fer_core.training.export.onnx_graph import load_weights  # needs TensorFlow

    card = check_folder(models / name)
    # Its faces are prepared as the learner's are, whatever its own card says: they are clear ones.
    if WEIGHTS_FILE not in card.files or replace(card.input, restoration=spec.restoration) != spec:
        raise TrainingError(
            "this network cannot read each batch",
            where=name,
            expected=f"{WEIGHTS_FILE}, and the input {spec}",
            received=f"{', '.join(card.files)}; {card.input}",
            remedy="Set teacher_reads to once.",
        )
    arch = get_architecture(name)
    weights = load_weights(build_network(arch), models / name / WEIGHTS_FILE)
    keras.config.set_dtype_policy(precision)
    try:
        network = build_for_training(arch, any_side=arch.any_side)
    finally:
        keras.config.set_dtype_policy("float32")
    network.set_weights(weights)

    def read(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = network.predict_on_batch(faces)
        if views == 2:
            logits = (logits + network.predict_on_batch(faces[:, :, ::-1])) / 2
        return softmax(logits.astype(np.float32), temperature)

    return read


def vote_shares(data: Fer2013) -> NDArray[np.float32]:
    """What FER+'s voters say of Training, blank images left out.

    Returns:
        (n, 7) float32 shares of the votes for FER2013's classes; the label where there are none.

    Raises:
        TrainingError: the votes were not imported.
    """
    if data.votes is None:
        raise TrainingError(
            "the recipe learns from FER+'s votes, which were not imported",
            remedy="Run: python -m fer_core data import fer2013.csv --ferplus fer2013new.csv",
        )
    rows = data.rows(Split.TRAINING)
    rows = rows[~data.blank[rows]]
    shares = class_votes(data.votes[rows])
    none = shares.sum(axis=1) == 0
    shares[none, data.labels[rows[none]]] = 1
    return shares


def _ensemble_logits(path: Path, data: Fer2013) -> NDArray[np.float32]:
    try:
        arrays = read_npz(path, _LIMIT_BYTES)
        about = _About.validate_json(arrays["about"].tobytes())
        logits = arrays["training_logits"].astype(np.float32)
    except (OSError, StorageError, KeyError, TypeError, ValueError) as error:
        raise TrainingError(
            "the teacher's file cannot be read",
            where=path,
            expected="what the command ensemble wrote",
            received=fault(error),
            remedy="Write it anew: python -m fer_core ensemble NAME FILES",
        ) from error
    training = data.rows(Split.TRAINING)
    if about.get("dataset") != data.fingerprint or logits.shape != (len(training), len(LABELS)):
        raise TrainingError(
            "the teacher has read another data set",
            where=path,
            expected=f"{data.fingerprint[:16]}, {(len(training), len(LABELS))}",
            received=f"{str(about.get('dataset'))[:16]}, {logits.shape}",
            remedy="Write it anew: python -m fer_core ensemble NAME FILES",
        )
    return np.asarray(logits[~data.blank[training]], np.float32)


def _model_logits(
    folder: Path, data: Fer2013, kept: Path, report: Callable[[str], None]
) -> NDArray[np.float32]:
    card = check_folder(folder)
    # The same graph behind another restoration answers otherwise.
    parts = [card.files[GRAPH_FILE].sha256[:16], data.fingerprint[:16]]
    if card.input.restoration != Restoration.NONE:
        parts.append(card.input.restoration)
    path = kept / f"{'_'.join(parts)}.npy"
    pixels, _ = data.part(Split.TRAINING, without_blank=True)
    with suppress(OSError, ValueError, EOFError):  # not there, or damaged: read anew
        logits = np.asarray(np.load(path), np.float32)
        if logits.shape == (len(pixels), len(LABELS)):
            return logits
    report(f"{folder.name} reads {len(pixels):,} training faces")
    _, logits = both_logits(load_classifier(folder, threads=0), pixels)
    with new_stream(path) as stream:
        np.save(stream, logits)
    return logits
