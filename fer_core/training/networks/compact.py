"""Our own small networks: the pattern of VGG with BatchNorm and global average pooling.

Sources: VGG, Simonyan & Zisserman 2014 (arXiv:1409.1556); global average pooling, Lin et al. 2013
(arXiv:1312.4400).
"""

import keras
from keras import layers

from fer_core.training.networks.blocks import pooled_head, squeeze_excite
from fer_core.training.networks.registry import architecture


def _conv(x: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
    # BatchNorm has the bias.
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
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
    return pooled_head(x, classes, 0.3)


@architecture(
    title="Nano",
    layers="conv-BN-ReLU 24 (stride 2), 32 | 64, 64 | 128, 192, squeeze-excitation after the last"
    " two pairs, global average pooling, D.1",
    origin="Mien",
    recipe="nano",
    any_side=True,
)
def nano(
    x: keras.KerasTensor,
    classes: int,
    *,
    narrow: bool = False,
    width: float = 1.0,
    excite: bool = False,
) -> keras.KerasTensor:
    """371 thousand parameters, 23 MMAC: a face in less time than `fer`'s network takes.

    ``narrow`` is the network that ablations are run on: 24, 32 | 48, 64 | 96, 128 without
    squeeze-excitation; ``width`` times its channels, or ``excite`` after each pair.
    """
    stages = ((24, 32), (48, 64), (96, 128)) if narrow else ((24, 32), (64, 64), (128, 192))
    for stage, (first, second) in enumerate(stages):
        if stage:
            x = layers.MaxPooling2D()(x)
        x = _conv(x, round(width * first), strides=1 if stage else 2)
        x = _conv(x, round(width * second))
        x = squeeze_excite(x) if excite or (stage and not narrow) else x
    return pooled_head(x, classes, 0.1)
