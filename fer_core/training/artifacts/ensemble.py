"""Ensembles as teachers: their opinion of every training face, in one small file.

Sources: distillation from an ensemble, Hinton et al. 2015 (arXiv:1503.02531).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.metrics import accuracy
from fer_core.storage.atomic import write_npz
from fer_core.training.artifacts.portable_run import PortableRun
from fer_core.training.data.teacher import teacher_path
from fer_core.zoo import softmax


@dataclass(frozen=True, slots=True)
class Ensemble:
    """What was written.

    Attributes:
        path: the file.
        public_accuracy: of the members' mean probabilities on PublicTest, a fraction.
        member_accuracies: of each alone.
    """

    path: Path
    public_accuracy: float
    member_accuracies: tuple[float, ...]


def _log_mean(logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    mean = np.mean([softmax(one).astype(np.float64) for one in logits], axis=0)
    return np.asarray(np.log(mean), np.float32)


def write_ensemble(
    name: str, members: Sequence[PortableRun], data: Fer2013, models: Path
) -> Ensemble:
    """Average networks' probabilities and keep the result on Training as a teacher.

    PrivateTest is not looked at.

    Args:
        name: what recipes call it; may not be a model's.
        members: finished trainings, at least one.
        data: FER2013.
        models: the models' folder; ``teachers/<name>.npz`` in it is written (0.4 MB).

    Raises:
        TrainingError: the name is a model's.
        StorageError: the file cannot be written.
    """
    if (models / name).exists():
        raise TrainingError(
            "a model has that name already",
            where=name,
            remedy="Choose another name for the ensemble.",
        )
    public = [member.public_logits for member in members]
    _, labels = data.part(Split.PUBLIC_TEST)
    found = Ensemble(
        path=teacher_path(models, name),
        public_accuracy=accuracy(labels, _log_mean(public).argmax(axis=1)),
        member_accuracies=tuple(accuracy(labels, one.argmax(axis=1)) for one in public),
    )
    about = {
        "dataset": data.fingerprint,
        "public_accuracy": found.public_accuracy,
        "members": [
            {
                "slug": member.settings.slug,
                "seed": member.settings.seed,
                "public_accuracy": own,
            }
            for member, own in zip(members, found.member_accuracies, strict=True)
        ],
    }
    mean = _log_mean([member.training_logits for member in members])
    arrays: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        "training_logits": mean.astype(np.float16),
    }
    write_npz(found.path, arrays, compressed=True)
    return found
