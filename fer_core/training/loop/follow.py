"""Writes down how far a training is, and does what a person wishes meanwhile."""

import json
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import StorageError
from fer_core.runs.run import Run, Wish
from fer_core.runs.snapshot import FACES, Confusion, Snapshot
from fer_core.training.loop.checkpoint import Progress
from fer_core.training.loop.observer import Observer, Stopped

WRITE_S = 1.0
_LOOK_S = 0.3


class Follower(Observer):
    """An observer that writes into a run's folder, and says the same as JSON lines."""

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        """Follow a training.

        Args:
            run: whose folder it is.
            say: takes a line.
        """
        self.waited_s = 0.0
        self._run, self._say = run, say
        self._now = Snapshot(epoch=1, epochs=1, step=0, steps=1)
        self._written_s = self._looked_s = 0.0
        self._began_s = self._waited_before_s = 0.0
        self._epoch_s: float | None = None

    def on_epoch_begin(self, epoch: int, epochs: int, steps: int) -> None:
        """Begin to count anew."""
        self._began_s, self._waited_before_s = monotonic(), self.waited_s
        place = {"epoch": epoch, "epochs": epochs, "step": 0, "steps": max(steps, 1)}
        self._tell(doing="learning", loss=None, accuracy=None, **place)

    def on_batch(
        self,
        number: int,
        faces: NDArray[np.float32],
        targets: NDArray[np.float32],
        loss: float,
        accuracy: float,
        rate: Callable[[], float],
    ) -> None:
        """Do as wished; write once a second how far it is.

        Raises:
            Stopped: a person wishes so.
        """
        if number == 1:
            self._keep_faces(faces, targets)
        now = monotonic()
        if now - self._looked_s >= _LOOK_S:
            self._looked_s = now
            self._obey()
        if now - self._written_s < WRITE_S:
            self._now = self._now.model_copy(update={"step": number})
            return
        spent_s = now - self._began_s - (self.waited_s - self._waited_before_s)
        a_step = spent_s / number if number > 1 else None
        self._tell(
            step=number,
            loss=loss,
            accuracy=accuracy,
            learning_rate=rate(),
            seconds_a_step=a_step,
            left_s=self._left_s(number, a_step),
        )

    def on_validation(
        self, labels: NDArray[np.int64], found: NDArray[np.int64], total: int
    ) -> None:
        """Fill the confusion matrix."""
        if len(found) < total and monotonic() - self._written_s < WRITE_S:
            return
        confusion = Confusion.of(self._now.epoch, labels, found, total)
        self._tell(doing="validating", step=self._now.steps, confusion=confusion)

    def on_epoch_end(self, progress: Progress) -> None:
        """Add the epoch to the curves."""
        with suppress(StorageError):
            self._run.write_history(progress.history)
        row = progress.history[-1]
        self._epoch_s = row["seconds"]
        left = (self._now.epochs - progress.epoch) * self._epoch_s
        self._tell(step=self._now.steps, left_s=left, learning_rate=row["learning_rate"])
        self._say(json.dumps(row))

    def on_finish(self) -> None:
        """Nothing is learned any more."""
        self._tell(doing="finishing", left_s=None)

    def _left_s(self, number: int, a_step: float | None) -> float | None:
        """From the last epoch where there was one, which has its validation too."""
        later = self._now.epochs - self._now.epoch
        if a_step is None:
            return None
        learning_s = self._now.steps * a_step
        epoch_s = learning_s if self._epoch_s is None else max(self._epoch_s, learning_s)
        return (self._now.steps - number) * a_step + (epoch_s - learning_s) + later * epoch_s

    def _obey(self) -> None:
        wish: Wish = self._run.wish()
        if wish == "pause":
            began, before = monotonic(), self._now.doing
            self._tell(doing="paused")
            while (wish := self._run.wish()) == "pause":
                sleep(_LOOK_S)
            self.waited_s += monotonic() - began
            self._tell(doing=before)
        if wish == "stop":
            raise Stopped

    def _keep_faces(self, faces: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
        shown = np.clip(np.rint(faces[:FACES]), 0, 255).astype(np.uint8)
        with suppress(StorageError):
            self._run.write_faces(shown, np.asarray(targets[:FACES, : len(LABELS)], np.float32))

    def _tell(self, **changes: Any) -> None:
        """Write how far it is; one that cannot be written costs no training."""
        self._now = self._now.model_copy(update=changes)
        self._written_s = monotonic()
        with suppress(StorageError):
            self._run.write_snapshot(self._now)
