"""Activation maps of an exported graph held to what TensorFlow's gradient tape gives."""

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from fer_core.errors import TrainingError
from fer_core.onnx_session import open_session
from fer_core.zoo import INPUT_NAME, MAPS_NAME

LARGEST_DIFFERENCE = 0.02
"""How far maps may be from the gradient tape's, in shares of these (root of mean squares). Weights
rounded to float16 give up to about a thousandth; a wrong formula gives about 1."""


def check_activation_maps(
    model: keras.Model, graph: onnx.ModelProto, faces: NDArray[np.float32]
) -> float:
    """Hold a graph's maps to those that TensorFlow's gradient tape gives.

    Args:
        model: the network that the graph was made from.
        graph: with maps.
        faces: (n, side, side, channels) float32, 0-255.

    Returns:
        The difference, in shares of the tape's maps (roots of mean squares).

    Raises:
        TrainingError: it is above `LARGEST_DIFFERENCE`.
    """
    expected = _tape_maps(model, faces)
    session = open_session(graph.SerializeToString(), threads=0)
    (found,) = session.run([MAPS_NAME], {INPUT_NAME: faces})
    if found.shape != expected.shape:
        raise TrainingError(
            "the activation maps have another shape than the gradient tape's",
            where=model.name,
            expected=expected.shape,
            received=found.shape,
            remedy="Mend activation_maps.py: it has misread this network.",
        )
    scale = float(np.sqrt(np.mean(expected**2)))
    difference = float(np.sqrt(np.mean((found - expected) ** 2))) / max(scale, 1e-12)
    if not difference <= LARGEST_DIFFERENCE:  # written so that NaN is refused
        raise TrainingError(
            "the activation maps are not what the gradient tape gives",
            where=model.name,
            expected=f"a difference of at most {LARGEST_DIFFERENCE} of their size",
            received=f"{difference:.2g}",
            remedy="Mend activation_maps.py: it has misread this network.",
        )
    return difference


def _tape_maps(model: keras.Model, faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same maps, (n, 7, h, w), from a gradient tape."""
    import tensorflow as tf  # only here: training on JAX needs none

    ends = (keras.layers.Flatten, keras.layers.GlobalAveragePooling2D)
    target = [layer for layer in model.layers if isinstance(layer, ends)][-1].input
    both = keras.Model(model.input, [target, model.output])
    maps = []
    with tf.GradientTape(persistent=True) as tape:
        inputs = tf.constant(faces)
        tape.watch(inputs)
        features, logits = both(inputs, training=False)
        scores = tf.unstack(logits, axis=1)
    for score in scores:
        weights = tf.reduce_sum(tape.gradient(score, features), axis=(1, 2), keepdims=True)
        maps.append(tf.reduce_sum(weights * features, axis=3))
    return np.asarray(tf.stack(maps, axis=1), np.float32)
