"""The four-convolution network of Expression-Identification, after atulapra/Emotion-detection."""

import keras
from keras import layers

from fer_core.training.networks.blocks import conv_relu, dense_relu
from fer_core.training.networks.registry import architecture
from fer_core.zoo import Published

_ORIGIN = "github.com/atulapra/Emotion-detection"


@architecture(
    title="Four convolutions",
    layers="valid conv 32, 64 | D.25, 128 | 128 | D.25, FC1024 D.5",
    origin=_ORIGIN,
    published=Published(
        figure=63.2, split="PublicTest and PrivateTest together", classes=7, source=_ORIGIN
    ),
    recipe="plain_taught",
)
def fourconv(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """2,345,607 parameters."""
    x = layers.Dropout(0.25)(layers.MaxPooling2D()(conv_relu(conv_relu(x, 32), 64)))
    x = layers.MaxPooling2D()(conv_relu(x, 128))
    x = layers.Dropout(0.25)(layers.MaxPooling2D()(conv_relu(x, 128)))
    return layers.Dense(classes)(dense_relu(layers.Flatten()(x), 1024, 0.5))
