"""What a training on another machine brings home: one small file, made without TensorFlow.

An accelerator's machine may have JAX alone and little way back. The file holds the best weights,
rounded as they will ship, and the network's logits on Training, from which ensembles and later
distillations live. `collect` makes the usual candidate of it where TensorFlow is.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.faces import fit_faces, trained_input
from fer_core.training.artifacts.folder import as_stored
from fer_core.training.loop.checkpoint import Progress, Tensors
from fer_core.training.loop.fit import TrainedNetwork, TrainingJob, predict_logits
from fer_core.training.networks import build_network, get_architecture
from fer_core.training.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Harvest:
    """A finished training.

    Attributes:
        progress: settings, history and best epoch.
        processor: where it was trained.
        weights: of the best epoch, in the network's order.
        training_logits: (n, 7) float32 for all Training images in row order, blanks included.
        public_logits: (m, 7) float32 for PublicTest.
    """

    progress: Progress
    processor: str
    weights: Tensors
    training_logits: NDArray[np.float32]
    public_logits: NDArray[np.float32]

    @property
    def slug(self) -> str:
        """The architecture."""
        return str(self.progress.settings["slug"])


def write_harvest(job: TrainingJob, trained: TrainedNetwork, data: Fer2013, folder: Path) -> Path:
    """Write ``<slug>--seed<n>.npz``; runs on either backend.

    Args:
        job: what was trained, from the beginning.
        trained: the outcome.
        data: FER2013.
        folder: to write into.

    Raises:
        TrainingError: a weight does not fit into float16.
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
        faces = fit_faces(data.part(split)[0], spec)
        arrays[f"{name}_logits"] = predict_logits(trained.model, faces).astype(np.float16)
    for number, tensor in enumerate(trained.model.get_weights()):
        arrays[f"weights/{number:04d}"] = as_stored(np.asarray(tensor, np.float32))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{job.arch.slug}--seed{job.seed}.npz"
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]  # stub: allow_pickle
    temporary.replace(path)
    return path


def read_harvest(path: Path, data: Fer2013) -> Harvest:
    """Read what `write_harvest` wrote.

    Raises:
        TrainingError: the file cannot be read, is of a rehearsal, or belongs to another data set.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            harvest = Harvest(
                progress=Progress(**about["progress"]),
                processor=about["processor"],
                weights=[
                    file[name].astype(np.float32)
                    for name in sorted(file.files)
                    if name.startswith("weights/")
                ],
                training_logits=file["training_logits"].astype(np.float32),
                public_logits=file["public_logits"].astype(np.float32),
            )
    except Exception as error:  # zip, npy and key errors have no common type
        raise TrainingError(
            "the file cannot be read",
            where=path,
            expected="what train --harvest wrote",
            received=str(error)[:200],
        ) from error
    if limit := harvest.progress.settings.get("limit"):
        raise TrainingError(
            "this is of a rehearsal, which saw a few faces only",
            where=path,
            expected="a whole training: train --harvest without --smoke",
            received=f"{limit} faces",
        )
    theirs = harvest.progress.settings.get("dataset")
    if theirs != data.fingerprint:
        raise TrainingError(
            "trained on another data set",
            where=path,
            expected=data.fingerprint[:16],
            received=str(theirs)[:16],
        )
    return harvest


def collect(path: Path, data: Fer2013, runs: Path) -> Path:
    """Make the candidate that the training itself would have written.

    Args:
        path: what `write_harvest` wrote.
        data: FER2013.
        runs: where ``<slug>/candidate`` goes.

    Returns:
        The candidate's folder.

    Raises:
        TrainingError: the file does not fit, or the exported network answers differently.
    """
    from fer_core.training.artifacts.candidate import write_candidate  # needs TensorFlow

    harvest = read_harvest(path, data)
    settings = harvest.progress.settings
    arch = get_architecture(harvest.slug)
    model = build_network(arch)
    try:
        model.set_weights(harvest.weights)
    except ValueError as error:
        raise TrainingError(
            "the weights do not fit the architecture",
            where=path,
            received=str(error).splitlines()[0][:200],
        ) from error
    job = TrainingJob(
        arch=arch,
        recipe=Recipe.model_validate(settings["recipe"]),
        seed=int(settings["seed"]),
        run=runs / arch.slug,
    )
    return write_candidate(job, TrainedNetwork(model, harvest.progress, harvest.processor), data)
