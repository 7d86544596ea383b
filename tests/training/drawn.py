"""What tests of trainings learn from, and a training of a few seconds."""

from pathlib import Path

import numpy as np

from fer_core.dataset import Fer2013
from fer_core.faces import InputSpec
from fer_core.runs.recipe import Augmentation, Recipe
from fer_core.training.loop.job import TrainingJob
from fer_core.training.loop.options import TrainingOptions
from fer_core.training.networks import get_architecture

RECIPE = Recipe(
    epochs=3,
    batch_size=16,
    learning_rate=0.02,
    l2=1e-4,
    label_smoothing=0.1,
    averaging=0.9,
    augmentation=Augmentation(flip=True, rotation_degrees=10, shift=0.1, brightness=0.1),
)


SPEC = InputSpec(48, 1, 0.0)


def drawn_faces(n: int = 96) -> Fer2013:
    """Drawn faces: a bar whose height is the class, so that there is something to learn."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    pixels = rng.integers(0, 60, (n, 48, 48), np.uint8)
    for row, label in enumerate(labels):
        pixels[row, 4 + 6 * label : 8 + 6 * label, 6:42] = 220
    splits = np.repeat([0, 1, 2], [n // 2, n // 4, n // 4]).astype(np.uint8)
    return Fer2013(pixels, labels.astype(np.int64), splits)


def job_of(run: Path, **changes: object) -> TrainingJob:
    """A training of `triple` by `RECIPE`."""
    settings = {"precision": "float32", "report": lambda line: None} | changes
    return TrainingJob(get_architecture("triple"), RECIPE, 0, run, **settings)  # type: ignore[arg-type]


def options_of(tmp_path: Path, **changes: object) -> TrainingOptions:
    """What ``train --variant published`` asks for, two epochs long."""
    settings = {
        "recipe": "published_triple", "epochs": 2, "seed": 0, "resume": False, "start": None,
        "weights": None, "precision": "float32", "smoke": False, "budget_limited": False,
        "runs": tmp_path / "runs", "variant": "published", "models": tmp_path,
    }  # fmt: skip
    return TrainingOptions(**(settings | changes))  # type: ignore[arg-type]
