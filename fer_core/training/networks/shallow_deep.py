"""The shallow and deep CNNs of rishabhjainps/Facial-Expression-Recognition.

The project's code and its README draw the shallow one differently; both keep a row.
"""

import keras
from keras import layers

from fer_core.training.networks.blocks import conv_bn_relu, dense_bn_relu
from fer_core.training.networks.registry import architecture
from fer_core.zoo import Published

_ORIGIN = "github.com/rishabhjainps/Facial-Expression-Recognition"


def _published(figure: float) -> Published:
    return Published(figure=figure, split="random split", classes=7, source=_ORIGIN)


def _stage(x: keras.KerasTensor, filters: int, size: int = 3) -> keras.KerasTensor:
    return layers.Dropout(0.25)(layers.MaxPooling2D()(conv_bn_relu(x, filters, size)))


@architecture(
    title="Shallow (as in the code)",
    layers="conv-BN-ReLU | D.25: 64, 128 (5x5); FC256 BN D.25",
    origin=_ORIGIN,
    published=_published(56.31),
    recipe="bn_taught",
)
def shallow(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """4,928,007 parameters."""
    x = layers.Flatten()(_stage(_stage(x, 64), 128, 5))
    return layers.Dense(classes)(dense_bn_relu(x, 256, 0.25))


@architecture(
    title="Shallow (as in the README)",
    layers="conv-BN-ReLU | D.25: 32, 64; FC512 BN D.25",
    origin=_ORIGIN,
    published=_published(56.31),
    recipe="published_shallow_readme",
)
def shallow_readme(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """About 4.74 million parameters."""
    x = layers.Flatten()(_stage(_stage(x, 32), 64))
    return layers.Dense(classes)(dense_bn_relu(x, 512, 0.25))


@architecture(
    title="Deep",
    layers="conv-BN-ReLU | D.25: 64, 128 (5x5), 512, 512; FC256, FC512 each BN D.25",
    origin=_ORIGIN,
    published=_published(65.55),
)
def deep(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """4,478,727 parameters."""
    for filters, size in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = _stage(x, filters, size)
    x = dense_bn_relu(layers.Flatten()(x), 256, 0.25)
    return layers.Dense(classes)(dense_bn_relu(x, 512, 0.25))
