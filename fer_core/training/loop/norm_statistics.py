"""BatchNorm statistics of averaged weights."""

from functools import partial

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.training.loop.learner import EVALUATION_BATCH

_BATCHES = 8
STATISTICS_FACES = _BATCHES * EVALUATION_BATCH
"""How many faces the statistics are taken over, where there are so many."""


class NormStatistics:
    """Estimates BatchNorm statistics anew: averaged weights never had activations of their own.

    Source: Izmailov et al. 2018 (arXiv:1803.05407), section 3.2.
    """

    def __init__(self, model: keras.Model, faces: NDArray[np.uint8]) -> None:
        """Take (n, side, side, channels) faces; the first `STATISTICS_FACES` are used."""
        self._norms = [
            layer
            for layer in model._flatten_layers()
            if isinstance(layer, keras.layers.BatchNormalization)
        ]
        count = min(_BATCHES, -(-len(faces) // EVALUATION_BATCH))
        self._batches = [
            faces[number * EVALUATION_BATCH : (number + 1) * EVALUATION_BATCH]
            for number in range(count if self._norms else 0)
        ]
        self._passes = [partial(model, training=True) for _ in self._batches]
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # A graph for each batch, as the momentum becomes part of it; without, an epoch of
            # a small network waits longer for its statistics than for its gradients.
            self._passes = [tf.function(one) for one in self._passes]

    def renew(self) -> None:
        """Pass the batches through the network as it is now."""
        usual = [layer.momentum for layer in self._norms]
        for number, (one, batch) in enumerate(zip(self._passes, self._batches, strict=True)):
            for layer in self._norms:
                layer.momentum = number / (number + 1)  # a plain mean over the batches
            one(batch.astype(np.float32))
        for layer, momentum in zip(self._norms, usual, strict=True):
            layer.momentum = momentum
