"""Batch normalisation as fast as TensorFlow can do it, for training only."""

from typing import Any

import keras
from keras import layers, ops

from fer_core.training.networks.registry import Architecture, build_network

_VECTOR = 8
"""Channels that oneDNN's kernel works through at once; others it takes number by number."""


class FusedBatchNormalization(layers.BatchNormalization):  # type: ignore[misc]  # Keras has no types
    """Keras's layer with one kernel where Keras 3 strings a dozen together.

    On maps of 48x48x64 a training step through it takes less than half the time. Channels that do
    not fill the kernel's registers (10 and 15 in some of the students' networks) are normalised in
    whole rows of the map instead: there the kernel's gradient took two thirds of a step. Forward,
    gradient and moving statistics are the same but for rounding; it needs the TensorFlow backend.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """(n, height, width, channels) -> the same shape; other shapes go Keras's own way."""
        if len(inputs.shape) != 4 or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        scale, offset = ops.cast(self.gamma, "float32"), ops.cast(self.beta, "float32")
        if not (training and self.trainable):
            return tf.compat.v1.nn.fused_batch_norm(
                inputs,
                scale,
                offset,
                mean=ops.cast(self.moving_mean, "float32"),
                variance=ops.cast(self.moving_variance, "float32"),
                epsilon=self.epsilon,
                is_training=False,
            )[0]
        if inputs.shape[-1] % _VECTOR and inputs.shape[2] is not None:
            outputs, mean, variance = _by_rows(inputs, scale, offset, self.epsilon)
        else:
            outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                inputs, scale, offset, epsilon=self.epsilon, is_training=True
            )
            count = ops.cast(tf.size(inputs) // inputs.shape[-1], "float32")
            variance = variance * (count - 1) / count  # the kernel estimates it without bias
        keep = self.momentum
        self.moving_mean.assign(self.moving_mean * keep + mean * (1 - keep))
        self.moving_variance.assign(self.moving_variance * keep + variance * (1 - keep))
        return outputs


def _by_rows(inputs: Any, scale: Any, offset: Any, epsilon: float) -> tuple[Any, Any, Any]:
    """Normalised (n, height, width, channels), mean and variance (channels,).

    A map's row, width times channels numbers side by side, fills the registers that the channels
    alone do not.
    """
    width, channels = inputs.shape[2:]
    rows = ops.reshape(ops.cast(inputs, "float32"), (-1, width * channels))

    def over_channels(values: Any) -> Any:
        return ops.mean(ops.reshape(ops.mean(values, axis=0), (width, channels)), axis=0)

    mean = over_channels(rows)
    centred = rows - ops.tile(mean, [width])
    variance = over_channels(ops.square(centred))
    gain = scale * ops.rsqrt(variance + epsilon)
    normal = centred * ops.tile(gain, [width]) + ops.tile(offset, [width])
    return ops.cast(ops.reshape(normal, ops.shape(inputs)), inputs.dtype), mean, variance


def build_for_training(
    arch: Architecture, *, classes: int = 7, any_side: bool = False
) -> keras.Model:
    """`build_network`, with the faster normalisation where the backend has it.

    The weights are the same, in the same order, as those of `build_network`.
    """
    model = build_network(arch, classes=classes, any_side=any_side)
    if keras.backend.backend() != "tensorflow":
        return model

    def swap(layer: layers.Layer) -> layers.Layer:
        if type(layer) is layers.BatchNormalization:
            return FusedBatchNormalization.from_config(layer.get_config())
        return layer.__class__.from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=swap, recursive=True)
