"""The network that completes a face: what a small U-Net can see in 48x48 pixels."""

import keras
from keras import layers

from fer_core.faces import RESTORED_SIDE_PX

_WIDTHS = 24, 48, 64
"""Channels at 24, 12 and 6 px a side. At 6 px a hidden eye can be told from the other one."""


def build_restorer() -> keras.Model:
    """A face in, what has to be added to it out, and the sum of both (168,889 parameters).

    (n, 48, 48, 1) float32 0-255 -> the same; not clipped. Shape after Ronneberger et al. 2015,
    "U-Net" (arXiv:1505.04597), with sums in place of joined channels, which cost less.
    """
    wide, wider, widest = _WIDTHS
    faces = keras.Input((RESTORED_SIDE_PX, RESTORED_SIDE_PX, 1), name="faces")
    scaled = layers.Rescaling(1 / 255, offset=-0.5)(faces)
    half = _convolved(_convolved(scaled, wide, size=4, stride=2), wide)
    quarter = _convolved(_convolved(half, wider, stride=2), wider)
    eighth = _convolved(_convolved(_convolved(quarter, widest, stride=2), widest), widest)
    quarter = _joined(eighth, quarter)
    half = _joined(quarter, half)
    # A transposed convolution leaves a grid in what it fills (Odena et al. 2016,
    # doi:10.23915/distill.00003). Near nothing to begin with: the network starts as one that
    # leaves faces as they are.
    whole = layers.UpSampling2D(interpolation="bilinear")(half)
    added = layers.Conv2D(
        1, 3, padding="same", kernel_initializer=keras.initializers.RandomNormal(0, 0.02)
    )(whole)
    sums = layers.Rescaling(255.0, offset=127.5)(layers.Add()([scaled, added]))
    return keras.Model(faces, sums)


def _convolved(
    x: keras.KerasTensor, filters: int, *, size: int = 3, stride: int = 1
) -> keras.KerasTensor:
    return layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding="same",
        activation="relu",
        kernel_initializer="he_normal",
    )(x)


def _joined(small: keras.KerasTensor, large: keras.KerasTensor) -> keras.KerasTensor:
    """What was seen at a coarser size, added to what was seen at this one."""
    filters = large.shape[-1]
    enlarged = layers.UpSampling2D()(layers.Conv2D(filters, 1)(small))
    return _convolved(layers.ReLU()(layers.Add()([enlarged, large])), filters)
