"""Our own small network: the pattern of VGG with BatchNorm and global average pooling.

Sources: VGG, Simonyan & Zisserman 2014 (arXiv:1409.1556); global average pooling, Lin et al. 2013
(arXiv:1312.4400).
"""

import keras
from keras import layers

from fer_core.training.networks.registry import architecture


def _conv(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)  # BatchNorm has the bias
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


@architecture(
    title="Compact",
    layers="conv-BN-ReLU 32, 32 | 64, 64 | 128, 128 | 256, 256, global average pooling, D.3",
    origin="Mien",
    recipe="compact",
    any_side=True,
)
def compact(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """1.18 million parameters; pools globally, so it learns at any input side."""
    for filters in (32, 64, 128, 256):
        x = _conv(_conv(x, filters), filters)
        if filters < 256:
            x = layers.MaxPooling2D()(x)
    return layers.Dense(classes)(layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x)))
