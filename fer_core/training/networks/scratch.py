"""The CNN from scratch of juljac56/emotion-recognition."""

import keras
from keras import layers

from fer_core.training.networks.blocks import conv_relu, dense_relu
from fer_core.training.networks.registry import architecture
from fer_core.zoo import Published

_ORIGIN = "github.com/juljac56/emotion-recognition"


@architecture(
    title="Scratch",
    layers="valid conv 64, 64 | D.5; 64, 64 | D.5; 128, 128 |; FC512 D.5 twice",
    origin=_ORIGIN,
    published=Published(figure=56.0, split="not said (“around 56”)", classes=7, source=_ORIGIN),
    recipe="short_taught",
)
def scratch(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """861,767 parameters."""
    for filters in (64, 64):
        x = layers.MaxPooling2D()(conv_relu(conv_relu(x, filters), filters))
        x = layers.Dropout(0.5)(x)
    x = layers.Flatten()(layers.MaxPooling2D()(conv_relu(conv_relu(x, 128), 128)))
    return layers.Dense(classes)(dense_relu(dense_relu(x, 512, 0.5), 512, 0.5))
