"""One epoch of gradient steps, on either backend."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from fer_core.training.data.batches import EpochBatches
from fer_core.training.loop.checkpoint import Tensors
from fer_core.training.loop.learner import copies
from fer_core.training.loop.observer import Observer


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch leaves behind, beside a model that has its averaged weights in place.

    Attributes:
        loss, accuracy: means over the batches, while they were learned from.
        weights: the plain ones, in the model's order.
        optimizer: its variables, in its order.
    """

    loss: float
    accuracy: float
    weights: Tensors
    optimizer: Tensors


class _KeepPlainState(keras.callbacks.Callback):  # type: ignore[misc]
    """Copies weights and optimizer before `fit` puts the weights' moving average in place.

    On JAX the average then shares its memory with the model and is gone after the next call, so
    that the optimizer's variables can only be read here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weights: Tensors = []
        self.optimizer: Tensors = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.weights = copies(self.model.weights)
        self.optimizer = copies(self.model.optimizer.variables)


def run_epoch(model: keras.Model, batches: EpochBatches, observer: Observer | None = None) -> Epoch:
    """Learn from each batch once, in order.

    Raises:
        Stopped: by the observer.
    """
    observer = observer or Observer()
    observer.on_epoch_begin(batches.epoch + 1, batches.epochs, len(batches))
    if keras.backend.backend() == "tensorflow":
        return _by_steps(model, batches, observer)
    keep = _KeepPlainState()
    # Keras would shuffle the batches by its own, unrepeatable, chance.
    logs = model.fit(batches, epochs=1, verbose=0, shuffle=False, callbacks=[keep]).history
    return Epoch(logs["loss"][-1], logs["accuracy"][-1], keep.weights, keep.optimizer)


def _by_steps(model: keras.Model, batches: EpochBatches, observer: Observer) -> Epoch:
    """`fit` without its tf.data pipeline.

    The end of that pipeline was seen to wait 40 seconds for the thread that tunes it, after every
    other epoch. On JAX, steps from outside would copy all state each time.
    """
    losses, accuracies = list[float](), list[float]()

    def rate() -> float:
        return float(ops.convert_to_numpy(model.optimizer.learning_rate))

    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(batches.__getitem__, 0)
        for number in range(len(batches)):
            batch = following.result()
            if number + 1 < len(batches):
                following = ahead.submit(batches.__getitem__, number + 1)
            model.reset_metrics()  # not every Keras does so by itself
            logs = model.train_on_batch(*batch, return_dict=True)
            losses.append(float(logs["loss"]))
            accuracies.append(float(logs["accuracy"]))
            observer.on_batch(
                number + 1,
                batch[0],
                batch[1],
                loss=float(np.mean(losses)),
                accuracy=float(np.mean(accuracies)),
                rate=rate,
            )
    weights, optimizer = copies(model.weights), copies(model.optimizer.variables)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return Epoch(float(np.mean(losses)), float(np.mean(accuracies)), weights, optimizer)
