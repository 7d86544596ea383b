"""The five networks of raroito87/facial_expression_recognition, from PyTorch."""

import keras
from keras import layers

from fer_core.training.networks.blocks import conv_bn_relu, dense_relu
from fer_core.training.networks.registry import architecture
from fer_core.zoo import Published

_ORIGIN = "github.com/raroito87/facial_expression_recognition"


def _published(figure: float, split: str = "PrivateTest") -> Published:
    return Published(figure=figure, split=split, classes=7, source=_ORIGIN)


def _stages(x: keras.KerasTensor, *filters: int) -> keras.KerasTensor:
    for count in filters:
        x = layers.MaxPooling2D()(conv_bn_relu(x, count))
    return layers.Flatten()(x)


def _small_head(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    return layers.Dense(classes)(dense_relu(layers.Dropout(0.5)(x), 32, 0.2))


@architecture(
    title="Simple",
    layers="conv15-BN-ReLU |; D.5 FC32-ReLU D.2",
    origin=_ORIGIN,
    recipe="short_taught",
)
def simple(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """276,923 trainable parameters."""
    return _small_head(_stages(x, 15), classes)


@architecture(
    title="Double",
    layers="conv10-BN-ReLU | conv15-BN-ReLU |; D.5 FC32-ReLU D.2",
    origin=_ORIGIN,
    recipe="bn_tiny_taught",
)
def double(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """70,898 trainable parameters."""
    return _small_head(_stages(x, 10, 15), classes)


@architecture(
    title="Triple",
    layers="conv10 | conv15 | conv10 |, each BN-ReLU; D.5 FC32-ReLU D.2",
    origin=_ORIGIN,
    published=_published(54.36),
    recipe="bn_tiny_taught",
)
def triple(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """14,678 trainable parameters."""
    return _small_head(_stages(x, 10, 15, 10), classes)


@architecture(
    title="Multi 5",
    layers="64 | 128 | 256, 128, 64, each BN-ReLU; D.5 FC128 D.5 FC128 D.2",
    origin=_ORIGIN,
    published=_published(63.75, "PublicTest and PrivateTest (63.05 to 63.75)"),
    recipe="short_taught",
)
def multi5(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """1,936,967 trainable parameters."""
    for filters in (64, 128):
        x = layers.MaxPooling2D()(conv_bn_relu(x, filters))
    for filters in (256, 128, 64):
        x = conv_bn_relu(x, filters)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return layers.Dense(classes)(dense_relu(dense_relu(x, 128, 0.5), 128, 0.2))


@architecture(
    title="Multi 8",
    layers="64, 64 | 128, 128 | 256, 256 | 512, 512 |, each BN-ReLU; D.5 FC512 D.5 FC256 D.5 "
    "FC128 D.4",
    origin=_ORIGIN,
    published=_published(64.86),
    recipe="short_taught",
)
def multi8(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """7,212,999 trainable parameters."""
    for filters in (64, 128, 256, 512):
        x = layers.MaxPooling2D()(conv_bn_relu(conv_bn_relu(x, filters), filters))
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    for units, drop in ((512, 0.5), (256, 0.5), (128, 0.4)):
        x = dense_relu(x, units, drop)
    return layers.Dense(classes)(x)
