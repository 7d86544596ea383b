"""The few layer patterns that several families share."""

import keras
from keras import layers


def standardised(x: keras.KerasTensor) -> keras.KerasTensor:
    """Each face with mean 0 and deviation 1, whatever its light; has no weights.

    As the winner of Kaggle's 2013 challenge prepared its faces (Tang 2013, arXiv:1306.0239).
    """
    return layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(x)


def conv_bn_relu(x: keras.KerasTensor, filters: int, size: int = 3) -> keras.KerasTensor:
    """Convolution, BatchNorm, ReLU; same padding, with bias as the student projects have it."""
    x = layers.Conv2D(filters, size, padding="same")(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)


def conv_relu(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Valid 3x3 convolution and ReLU: the picture shrinks by two pixels."""
    return layers.Conv2D(filters, 3, activation="relu")(x)


def dense_relu(x: keras.KerasTensor, units: int, drop: float) -> keras.KerasTensor:
    """Fully connected layer, ReLU, dropout."""
    return layers.Dropout(drop)(layers.Dense(units, activation="relu")(x))


def dense_bn_relu(x: keras.KerasTensor, units: int, drop: float) -> keras.KerasTensor:
    """Fully connected layer, BatchNorm, ReLU, dropout."""
    x = layers.BatchNormalization(momentum=0.9)(layers.Dense(units)(x))
    return layers.Dropout(drop)(layers.ReLU()(x))


def pooled_head(x: keras.KerasTensor, classes: int, drop: float) -> keras.KerasTensor:
    """Global average pooling, dropout, one dense layer: works at any input side."""
    return layers.Dense(classes)(layers.Dropout(drop)(layers.GlobalAveragePooling2D()(x)))


def squeeze_excite(x: keras.KerasTensor) -> keras.KerasTensor:
    """Scale each channel by what the whole picture says of it (Hu et al. 2017, arXiv:1709.01507).

    The hidden layer has an eighth of the channels.
    """
    channels = x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(channels // 8, 1, activation="relu")(gate)
    gate = layers.Conv2D(channels, 1, activation="sigmoid")(gate)
    return layers.Multiply()([x, gate])
