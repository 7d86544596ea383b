"""What a training on another machine brings home: one small file, made without TensorFlow.

An accelerator's machine may have JAX alone and little way back. The file holds the best weights,
rounded as they will ship, and the network's logits on Training, from which ensembles and later
distillations live. `collect` makes the usual candidate of it where TensorFlow is.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import StorageError, TrainingError, in_one_line
from fer_core.faces import to_network_inputs, trained_input
from fer_core.runs.recipe import Recipe
from fer_core.storage.atomic import write_npz
from fer_core.storage.reading import fault, read_npz
from fer_core.training.artifacts.folder import as_stored
from fer_core.training.loop.checkpoint import Progress, Tensors
from fer_core.training.loop.job import TrainedNetwork, TrainingJob
from fer_core.training.loop.learner import predict_logits
from fer_core.training.networks import build_network, get_architecture

LIMIT_BYTES = 500_000_000
"""Of a file's arrays in memory; those of the largest network here take 70 MB."""


class PortableSettings(BaseModel):
    """What a training was asked for, as far as its candidate needs it.

    Attributes:
        dataset: fingerprint of the data set.
        limit: training images of a rehearsal; None for a whole training.
    """

    model_config = ConfigDict(frozen=True)

    slug: str
    recipe: Recipe
    seed: int
    dataset: str
    limit: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PortableRun:
    """A finished training.

    Attributes:
        settings: what was trained.
        progress: history and best epoch.
        processor: where it was trained.
        weights: of the best epoch, in the network's order.
        training_logits: (n, 7) float32 for all Training images in row order, blanks included.
        public_logits: (m, 7) float32 for PublicTest.
    """

    settings: PortableSettings
    progress: Progress
    processor: str
    weights: Tensors
    training_logits: NDArray[np.float32]
    public_logits: NDArray[np.float32]


def write_portable_run(
    job: TrainingJob, trained: TrainedNetwork, data: Fer2013, folder: Path
) -> Path:
    """Write ``<slug>--seed<n>.npz``; runs on either backend.

    Args:
        job: what was trained, from the beginning.
        trained: the outcome.
        data: FER2013.
        folder: to write into.

    Raises:
        TrainingError: a weight does not fit into float16.
        StorageError: the file cannot be written.
    """
    spec = trained_input(job.arch.side_px, job.arch.channels)
    arrays: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(
            json.dumps(
                {"progress": asdict(trained.progress), "processor": trained.processor}
            ).encode(),
            np.uint8,
        )
    }
    for name, split in (("training", Split.TRAINING), ("public", Split.PUBLIC_TEST)):
        faces = to_network_inputs(data.part(split)[0], spec)
        arrays[f"{name}_logits"] = predict_logits(trained.model, faces).astype(np.float16)
    for number, tensor in enumerate(trained.model.get_weights()):
        arrays[f"weights/{number:04d}"] = as_stored(np.asarray(tensor, np.float32))
    path = folder / f"{job.arch.slug}--seed{job.seed}.npz"
    return write_npz(path, arrays, compressed=True)


def read_portable_run(path: Path, data: Fer2013) -> PortableRun:
    """Read what `write_portable_run` wrote.

    Raises:
        TrainingError: the file cannot be read, is of a rehearsal, or belongs to another data set.
    """
    try:
        found = _parse(read_npz(path, LIMIT_BYTES))
    except (OSError, StorageError, KeyError, ValueError) as error:
        missing = f"no {error.args[0]}" if isinstance(error, KeyError) else ""
        raise TrainingError(
            "the file cannot be read",
            where=path,
            expected="what train --portable wrote",
            received=missing or fault(error),
            remedy="Copy it again from where it was trained.",
        ) from error
    if limit := found.settings.limit:
        raise TrainingError(
            "this is of a rehearsal, which saw a few faces only",
            where=path,
            expected="a whole training: train --portable without --smoke",
            received=f"{limit} faces",
            remedy="Train without --smoke.",
        )
    if found.settings.dataset != data.fingerprint:
        raise TrainingError(
            "trained on another data set",
            where=path,
            expected=data.fingerprint[:16],
            received=found.settings.dataset[:16],
            remedy="Import what it was trained on: python -m fer_core data import FER2013.csv",
        )
    for logits, split in (
        (found.training_logits, Split.TRAINING),
        (found.public_logits, Split.PUBLIC_TEST),
    ):
        shape = len(data.rows(split)), len(LABELS)
        if logits.shape != shape or not np.isfinite(logits).all():
            raise TrainingError(
                f"the answers to {split} cannot be used",
                where=path,
                expected=f"{shape}, finite",
                received=logits.shape,
                remedy="Train it again.",
            )
    return found


def _parse(arrays: Mapping[str, NDArray[Any]]) -> PortableRun:
    about = TypeAdapter(dict[str, Any]).validate_json(arrays["about"].tobytes())
    progress = TypeAdapter(Progress).validate_python(about["progress"])
    return PortableRun(
        settings=PortableSettings.model_validate(progress.settings),
        progress=progress,
        processor=str(about["processor"]),
        weights=[
            array.astype(np.float32)
            for name, array in sorted(arrays.items())
            if name.startswith("weights/")
        ],
        training_logits=arrays["training_logits"].astype(np.float32),
        public_logits=arrays["public_logits"].astype(np.float32),
    )


def collect(path: Path, data: Fer2013, runs: Path) -> Path:
    """Make the candidate that the training itself would have written.

    Args:
        path: what `write_portable_run` wrote.
        data: FER2013.
        runs: where ``<slug>/candidate`` goes.

    Returns:
        The candidate's folder.

    Raises:
        TrainingError: the file does not fit, or the exported network answers differently.
    """
    from fer_core.training.artifacts.candidate import write_candidate  # needs TensorFlow

    found = read_portable_run(path, data)
    arch = get_architecture(found.settings.slug)
    model = build_network(arch)
    try:
        model.set_weights(found.weights)
    except ValueError as error:
        raise TrainingError(
            "the weights do not fit the architecture",
            where=path,
            received=in_one_line(error),
            remedy="Use the code that it was trained with, or train it again.",
        ) from error
    job = TrainingJob(
        arch=arch,
        recipe=found.settings.recipe,
        seed=found.settings.seed,
        run=runs / arch.slug,
    )
    return write_candidate(job, TrainedNetwork(model, found.progress, found.processor), data)
