"""Initial weights by what the data do in the network, where Keras's are too small to learn from."""

import math
from functools import partial
from typing import Any

import keras
from keras import layers, ops
from numpy.typing import NDArray


def give_unit_variance(model: keras.Model, faces: NDArray[Any]) -> None:
    """Scale each kernel so that what it gives for these faces has unit variance.

    One pass, first layer to last: every layer sees what the scaled ones before it give. Keras's
    default (Glorot) shrinks the signal in every layer with ReLU, and a network of VGG16's depth
    then hardly starts to learn; for a depthwise kernel it counts all channels as inputs, of which
    each output has one. Source: layer-sequential unit variance, Mishkin & Matas 2015
    (arXiv:1511.06422), without its orthogonal start.

    Args:
        model: its biases are still 0.
        faces: (n, side, side, channels), 0-255; some hundred.
    """
    kernels = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense))
        and layer.trainable
    ]
    try:
        for layer in kernels:
            layer.call = partial(_scaled_call, layer, layer.call)
        model(ops.convert_to_tensor(faces, "float32"), training=False)
    finally:
        for layer in kernels:
            del layer.call  # the method of its class again


def _scaled_call(layer: Any, call: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
    outputs = call(inputs, *args, **kwargs)
    size = float(ops.sqrt(ops.mean(ops.square(ops.cast(outputs, "float32")))))
    # ReLU keeps half of what varies around 0, and scales with what it gets.
    aim = math.sqrt(0.5) if layer.activation is keras.activations.relu else 1.0
    factor = aim / max(size, 1e-6)
    layer.kernel.assign(layer.kernel * factor)
    return outputs * factor
