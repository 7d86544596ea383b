"""Checkpoints that resume exactly: weights, optimizer, best weights and history in one file.

Keras's BackupAndRestore loses history and best value and restarts with another order of images, so
a resumed training differs from an uninterrupted one. Here nothing random is carried over: order,
augmentation and dropout follow from seed and epoch.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import TrainingError
from fer_core.storage.atomic import write_npz

KEPT = 2
"""Checkpoints that stay: the one before the newest is there if the newest is damaged."""

Tensors = list[NDArray[Any]]


@dataclass(slots=True)
class Progress:
    """What a training knows beside its tensors; JSON in the checkpoint.

    Attributes:
        settings: what must not change on resume: slug, recipe, seed, data set, starting folder.
        precision: chosen by timing at the start, kept on resume.
        history: one dict an epoch, the columns of ``history.csv``.
        best_epoch: 1-based epoch of the best PublicTest accuracy; 0 before the first.
        best_accuracy: that accuracy.
        replanned: where a resumed training was given another number of epochs: after which epoch,
            and how many had been planned until then.
    """

    settings: dict[str, Any]
    precision: str
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_accuracy: float = -1.0
    replanned: list[dict[str, int]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return len(self.history)

    def enter(self, row: dict[str, float]) -> bool:
        """Add what was measured of the epoch that has ended; whether it is the best so far."""
        self.history.append({"epoch": self.epoch + 1} | row)
        if not row["val_accuracy"] > self.best_accuracy:
            return False
        self.best_accuracy, self.best_epoch = row["val_accuracy"], self.epoch
        return True


@dataclass(slots=True)
class Checkpoint:
    """Everything that a training needs to go on.

    Attributes:
        weights: the model's plain weights, in the model's order.
        optimizer: the optimizer's variables, in its order.
        best: the evaluated (averaged) weights of the best epoch.
    """

    progress: Progress
    weights: Tensors
    optimizer: Tensors
    best: Tensors


PLAN = ("epochs", "warmup_epochs")
"""Settings of a recipe that follow from the number of epochs asked for."""


def discard_checkpoints(run: Path) -> None:
    """Remove what an earlier training left here: its higher epochs would count as newer."""
    for path in _files(run):
        path.unlink()


def _files(run: Path) -> list[Path]:
    return sorted(run.glob("checkpoint-*.npz"))


def save_checkpoint(run: Path, checkpoint: Checkpoint) -> None:
    """Write ``checkpoint-<epoch>.npz`` in one step and remove all but the newest `KEPT`.

    Raises:
        StorageError: it cannot be written; the earlier ones are still there.
    """
    arrays: dict[str, NDArray[Any]] = {
        "progress": np.frombuffer(json.dumps(asdict(checkpoint.progress)).encode(), np.uint8)
    }
    for group in ("weights", "optimizer", "best"):
        for number, tensor in enumerate(getattr(checkpoint, group)):
            arrays[f"{group}/{number:04d}"] = tensor
    write_npz(run / f"checkpoint-{checkpoint.progress.epoch:04d}.npz", arrays)
    for old in _files(run)[:-KEPT]:
        old.unlink()


def _read(path: Path) -> Checkpoint:
    with np.load(path, allow_pickle=False) as file:  # zip's CRC refuses flipped bytes
        groups: dict[str, Tensors] = {"weights": [], "optimizer": [], "best": []}
        for name in sorted(file.files):
            if name != "progress":
                groups[name.split("/")[0]].append(file[name])
        progress = Progress(**json.loads(file["progress"].tobytes()))
    return Checkpoint(progress, **groups)


def load_checkpoint(
    run: Path, settings: dict[str, Any], *, replan: bool = False
) -> Checkpoint | None:
    """The newest checkpoint that can be read; None where there is none.

    Args:
        run: folder of the training.
        settings: what this training was asked for; another one cannot be resumed by it.
        replan: what of the recipe is `PLAN` may differ.

    Raises:
        TrainingError: the checkpoint belongs to other settings, or none of them can be read.
    """
    files = _files(run)
    for path in reversed(files):
        try:
            checkpoint = _read(path)
        except Exception:  # damaged in whichever way: the one before it is there
            continue
        theirs = checkpoint.progress.settings
        if replan:
            plan = {name: settings["recipe"][name] for name in PLAN}
            theirs = theirs | {"recipe": theirs["recipe"] | plan}
        if changed := [key for key in settings if settings[key] != theirs.get(key)]:
            raise TrainingError(
                "the checkpoint belongs to other settings",
                where=path,
                expected=f"the same {', '.join(changed)}",
                received={key: theirs.get(key) for key in changed},
                remedy=f"Repeat the settings, or delete {run} to begin anew.",
            )
        return checkpoint
    if files:
        raise TrainingError(
            "no checkpoint can be read",
            where=run,
            received=", ".join(path.name for path in files),
            remedy="To begin anew, train without --resume.",
        )
    return None
