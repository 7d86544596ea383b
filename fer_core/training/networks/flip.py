"""Two plain CNNs of victorjourne/Python-Project, named after their one augmentation."""

import keras
from keras import layers

from fer_core.training.networks.blocks import conv_relu, dense_relu
from fer_core.training.networks.registry import architecture
from fer_core.zoo import Published

_ORIGIN = "github.com/victorjourne/Python-Project"


@architecture(
    title="Flip 24",
    layers="24x24; valid conv 16, 16 | D.25, FC128, D.5",
    origin=_ORIGIN,
    published=Published(figure=54.67, split="PrivateTest", classes=6, source=_ORIGIN),
    side_px=24,
    recipe="plain_small_taught",
    original_classes=6,
)
def flip24(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """208,182 parameters at 6 classes."""
    x = conv_relu(conv_relu(x, 16), 16)
    x = layers.Flatten()(layers.Dropout(0.25)(layers.MaxPooling2D()(x)))
    return layers.Dense(classes)(dense_relu(x, 128, 0.5))


@architecture(
    title="Flip 48",
    layers="valid conv 32, 32 | D.5, FC512, D.5",
    origin=_ORIGIN,
    published=Published(figure=60.38, split="PrivateTest", classes=6, source=_ORIGIN),
    recipe="dense_long_taught",
    original_classes=6,
    standardise=True,
)
def flip48(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """7,943,014 parameters at 6 classes."""
    x = conv_relu(conv_relu(x, 32), 32)
    x = layers.Flatten()(layers.Dropout(0.5)(layers.MaxPooling2D()(x)))
    return layers.Dense(classes)(dense_relu(x, 512, 0.5))
