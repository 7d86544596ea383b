"""Data sets and orders for tests of trainings."""

from pathlib import Path

import numpy as np

from fer_core.dataset import DatasetInfo, NamedDataset
from fer_core.runs.order import TrainingOrder
from fer_core.runs.recipe import Recipe

QUICK = Recipe(epochs=2, batch_size=16, learning_rate=0.01)


def order_of(name: str = "mine", **changes: object) -> TrainingOrder:
    """Triple on the drawn faces, two quick epochs."""
    fields: dict[str, object] = {
        "name": name,
        "network": "triple",
        "dataset": "drawn",
        "dataset_digest": "",
        "recipe": "quick",
        "settings": QUICK,
    }
    return TrainingOrder.model_validate(fields | changes)


def named_faces(path: Path, n: int = 140, people: int = 20, seed: int = 0) -> NamedDataset:
    """Striped faces of ``people`` persons, written as a named data set without splits."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 7
    faces = rng.integers(0, 60, (n, 48, 48)).astype(np.uint8)
    for row, label in enumerate(labels):
        faces[row, 4 + 6 * label : 8 + 6 * label, 6:42] = 220
    data = NamedDataset(
        info=DatasetInfo(
            name=path.stem,
            source="drawn",
            ready=True,
            detector="none",
            table="words",
            labels=(),
            refused=(),
            version="0",
        ),
        labels=labels.astype(np.int64),
        splits=np.zeros(n, np.uint8),
        groups=np.full(n, ""),
        persons=np.array([f"P{row // 7 % people}" for row in range(n)]),
        paths=np.array([f"{row}.png" for row in range(n)]),
        digests=rng.integers(0, 256, (n, 32)).astype(np.uint8),
        found=np.ones(n, bool),
        scores=np.ones(n, np.float32),
        boxes=np.tile(np.array([0, 0, 48, 48], np.float32), (n, 1)),
        landmarks=np.full((n, 5, 2), np.nan, np.float32),
        face_px=np.full(n, 48, np.float32),
        faces=faces,
        encoded=np.zeros(0, np.uint8),
        offsets=np.zeros(n + 1, np.int64),
    )
    data.save(path)
    return data
