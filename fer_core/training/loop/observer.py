"""Who follows a training while it goes on; the training itself knows nothing of files or pages."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fer_core.training.loop.checkpoint import Progress


class Stopped(Exception):  # no error: somebody asked for it
    """Raised by an observer: end now, with the best epoch so far."""


class Observer:
    """Is told of each step, and may hold a training up or end it. This one does nothing.

    Attributes:
        waited_s: how long it has held the training up in all, which is no time of learning.
    """

    waited_s = 0.0

    def on_epoch_begin(self, epoch: int, epochs: int, steps: int) -> None:
        """An epoch, counted from 1, of so many planned ones begins; it has so many batches."""

    def on_batch(
        self,
        number: int,
        faces: NDArray[np.float32],
        targets: NDArray[np.float32],
        loss: float,
        accuracy: float,
        rate: Callable[[], float],
    ) -> None:
        """A batch was learned from, on TensorFlow; other backends take an epoch as one step.

        Args:
            number: of it in its epoch, counted from 1.
            faces: (b, side, side, channels), 0-255, as the network got them.
            targets: (b, 7 or 14) shares of the classes.
            loss, accuracy: means of the epoch so far.
            rate: gives the learning rate; asking takes a moment.

        Raises:
            Stopped: the training shall end.
        """

    def on_validation(
        self, labels: NDArray[np.int64], found: NDArray[np.int64], total: int
    ) -> None:
        """So many of ``total`` images of the epoch's validation are read: labels and answers."""

    def on_epoch_end(self, progress: Progress) -> None:
        """An epoch has ended and is in the newest checkpoint."""

    def on_finish(self) -> None:
        """Nothing more is learned; what comes is written and measured."""
