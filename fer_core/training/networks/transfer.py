"""The two ImageNet backbones of juljac56/emotion-recognition.

Their project freezes ImageNet weights at 224 px. A user trains them so with ``--weights imagenet``
(Keras's own download, or a local file). The rows that ship are the same backbones from scratch on
FER2013, at the smaller input that the registry states.

Sources: MobileNetV2, Sandler et al. 2018 (arXiv:1801.04381); VGG, Simonyan & Zisserman 2014
(arXiv:1409.1556).
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

from fer_core.errors import TrainingError, in_one_line
from fer_core.training.networks.registry import architecture
from fer_core.zoo import Published

_ORIGIN = "github.com/juljac56/emotion-recognition"


def _published() -> Published:
    return Published(figure=45.0, split="not said (“around 45”)", classes=7, source=_ORIGIN)


def _head_dense(x: keras.KerasTensor, units: int) -> keras.KerasTensor:
    x = layers.Dropout(0.3)(layers.Dense(units, activation="relu")(x))
    return layers.BatchNormalization(momentum=0.9)(x)


@architecture(
    title="MobileNetV2 (from scratch)",
    layers="MobileNetV2 at 48 px, GAP, FC128-ReLU-D.3-BN, FC64-ReLU-D.3-BN",
    origin=_ORIGIN,
    published=_published(),
    channels=3,
    recipe="mobilenet",
    any_side=True,
)
def mobilenetv2(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Backbone of 2,257,984 parameters."""
    backbone = keras.applications.MobileNetV2(
        input_shape=x.shape[1:], include_top=False, weights=None, name="backbone"
    )
    x = layers.GlobalAveragePooling2D()(backbone(x))
    return layers.Dense(classes)(_head_dense(_head_dense(x, 128), 64))


@architecture(
    title="VGG16 (from scratch)",
    layers="VGG16 at 48 px, flatten, D.3, FC128, FC128, D.3",
    origin=_ORIGIN,
    published=_published(),
    channels=3,
    recipe="plain_deep_taught",
    any_side=True,
)
def vgg16(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Backbone of 14,714,688 parameters."""
    backbone = keras.applications.VGG16(
        input_shape=x.shape[1:], include_top=False, weights=None, name="backbone"
    )
    # From 32 to 63 px its last map is one pixel, so that pooling it is flattening it.
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(backbone(x)))
    x = layers.Dense(128, activation="relu")(layers.Dense(128, activation="relu")(x))
    return layers.Dense(classes)(layers.Dropout(0.3)(x))


_CAFFE_MEAN = np.array([103.939, 116.779, 123.68], np.float32)
"""Blue, green and red means that ImageNet VGG weights expect to be subtracted from 0-255."""

_KERAS_MAKERS = {
    "mobilenetv2": keras.applications.MobileNetV2,
    "vgg16": keras.applications.VGG16,
}


def load_backbone(model: keras.Model, slug: str, source: str) -> None:
    """Put trained weights into a model's backbone and freeze it, as the project did.

    Args:
        model: an untrained `mobilenetv2` or `vgg16`.
        slug: which of them.
        source: ``imagenet`` for Keras's own download and cache, or a local file that
            ``backbone.save_weights`` wrote (an ``.weights.h5``).

    Raises:
        TrainingError: the architecture has no backbone, or the weights cannot be had.
    """
    if slug not in _KERAS_MAKERS:
        raise TrainingError(
            "this architecture has no backbone for --weights",
            expected=", ".join(_KERAS_MAKERS),
            received=slug,
            remedy="Name one of these, or leave out --weights.",
        )
    backbone = model.get_layer("backbone")
    imagenet = source == "imagenet"
    try:
        # Into Keras's own layers first: a file names them by class, and while a network trains
        # its BatchNorm is of another one.
        donor = _KERAS_MAKERS[slug](
            input_shape=backbone.input_shape[1:],
            include_top=False,
            weights="imagenet" if imagenet else None,
        )
        if not imagenet:
            donor.load_weights(Path(source))
        backbone.set_weights(donor.get_weights())
    except Exception as error:  # downloads and HDF5 raise many unrelated types
        raise TrainingError(
            "the backbone's weights cannot be had",
            where=slug,
            expected="'imagenet' and a way to the internet, or a file of this backbone's weights",
            received=f"{source}: {in_one_line(error)}",
            remedy="Download the file elsewhere and name its path, or train without --weights.",
        ) from error
    if slug == "vgg16":
        _fold_caffe_preprocessing(backbone)
    backbone.trainable = False


def _fold_caffe_preprocessing(backbone: keras.Model) -> None:
    """Let weights made for BGR minus mean take RGB in [-1, 1], as our graphs give it.

    Exact but for the outermost pixels, where zero padding now means middle grey.
    """
    first = next(layer for layer in backbone.layers if isinstance(layer, layers.Conv2D))
    kernel, bias = first.get_weights()  # (3, 3, 3 in, 64)
    shift = (127.5 - _CAFFE_MEAN)[None, None, :, None]
    first.set_weights([127.5 * kernel[:, :, ::-1], bias + (kernel * shift).sum(axis=(0, 1, 2))])
