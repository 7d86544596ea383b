"""The network that every page opens with, and the large one that teaches it.

Sources: VGG, Simonyan & Zisserman 2014 (arXiv:1409.1556); residual connections, He et al. 2015
(arXiv:1512.03385); squeeze-excitation, Hu et al. 2017 (arXiv:1709.01507).
"""

import keras
from keras import layers

from fer_core.training.networks.blocks import pooled_head, squeeze_excite
from fer_core.training.networks.registry import architecture


def _conv_bn(x: keras.KerasTensor, filters: int, size: int = 3) -> keras.KerasTensor:
    x = layers.Conv2D(filters, size, padding="same", use_bias=False)(x)  # BatchNorm has the bias
    return layers.BatchNormalization(momentum=0.9)(x)


@architecture(
    title="Flagship",
    layers="conv-BN-ReLU 32, 32 | 96, 96 | 192, 192 | 384, 384, squeeze-excitation after the last"
    " two pairs, global average pooling, D.3",
    origin="Mien",
    recipe="flagship",
    any_side=True,
    grows_from="compact",
)
def flagship(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """2.7 million parameters, 229 MMAC.

    Few channels and no gates where maps are large: there, a training waits for memory
    (docs/experiments.md).
    """
    for stage, filters in enumerate((32, 96, 192, 384)):
        if stage:
            x = layers.MaxPooling2D()(x)
        x = layers.ReLU()(_conv_bn(x, filters))
        x = layers.ReLU()(_conv_bn(x, filters))
        x = squeeze_excite(x) if stage >= 2 else x
    return pooled_head(x, classes, 0.3)


def _residual(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    short = x if x.shape[-1] == filters else _conv_bn(x, filters, 1)
    x = layers.ReLU()(_conv_bn(x, filters))
    return layers.ReLU()(layers.Add()([short, squeeze_excite(_conv_bn(x, filters))]))


@architecture(
    title="Teacher",
    layers="conv 64, then residual pairs with squeeze-excitation 64, 64 | 128, 128 | 256, 256 |"
    " 512, 512, global average pooling, D.4",
    origin="Mien",
    recipe="long",
    any_side=True,
)
def teacher(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """11.4 million parameters, 1.2 GMAC: for an accelerator, and not to ship."""
    x = layers.ReLU()(_conv_bn(x, 64))
    for stage, filters in enumerate((64, 128, 256, 512)):
        if stage:
            x = layers.MaxPooling2D()(x)
        x = _residual(_residual(x, filters), filters)
    return pooled_head(x, classes, 0.4)
