"""The two ImageNet backbones of juljac56/emotion-recognition.

Their project freezes ImageNet weights at 224 px. A user trains them so with ``--weights imagenet``
(Keras's own download, or a local file). The rows that ship are the same backbones from scratch on
FER2013, at the smaller input that the registry states.

Sources: MobileNetV2, Sandler et al. 2018 (arXiv:1801.04381); VGG, Simonyan & Zisserman 2014
(arXiv:1409.1556).
"""

import keras
from keras import layers

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
    layers="MobileNetV2 at 96 px, GAP, FC128-ReLU-D.3-BN, FC64-ReLU-D.3-BN",
    origin=_ORIGIN,
    published=_published(),
    side_px=96,
    channels=3,
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
    recipe="plain",
)
def vgg16(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Backbone of 14,714,688 parameters."""
    backbone = keras.applications.VGG16(
        input_shape=x.shape[1:], include_top=False, weights=None, name="backbone"
    )
    x = layers.Dropout(0.3)(layers.Flatten()(backbone(x)))
    x = layers.Dense(128, activation="relu")(layers.Dense(128, activation="relu")(x))
    return layers.Dense(classes)(layers.Dropout(0.3)(x))
