"""Weights of a trained network in a wider one that begins by giving the same answers.

After Net2Net, Chen, Goodfellow & Shlens 2015 (arXiv:1511.05641), which copies channels; here the
added channels begin at random, and what they feed into the old ones begins at zero.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers

from fer_core.errors import TrainingError


def grow_weights(small: keras.Model, large: keras.Model) -> None:
    """Give ``large`` the weights of ``small``, so that both give the same logits.

    The added channels' own kernels stay as they are in ``large``: random, if it is untrained.

    Args:
        small: trained; convolutions, BatchNorm and dense layers.
        large: the same layers in the same order, each at least as wide, squeeze-excitation
            (1x1 convolutions ending in a sigmoid) added anywhere after a BatchNorm.

    Raises:
        TrainingError: ``large`` has other layers.
    """
    old_layers, new_layers = list(_with_weights(small)), list(_with_weights(large))
    wider = [layer for layer in new_layers if not _is_of_gate(layer)]
    if [type(layer) for layer in wider] != [type(layer) for layer in old_layers]:
        raise TrainingError(
            "the network does not grow out of the other",
            where=large.name,
            expected=f"the layers of {small.name}, in order, and wider",
            received=", ".join(type(layer).__name__ for layer in new_layers),
            remedy="Change the larger network, or train it from the beginning, without --from.",
        )
    for old, new in zip(old_layers, wider, strict=True):
        new.set_weights(
            [in_corner(a, b) for a, b in zip(old.get_weights(), new.get_weights(), strict=True)]
        )
    norm = None
    for layer in new_layers:
        if isinstance(layer, layers.BatchNormalization):
            norm = layer
        elif norm is not None and layer.activation is keras.activations.sigmoid:
            # The gate opens halfway for every channel; ReLU lets the factor 2 through.
            layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
            gamma, beta, *statistics = norm.get_weights()
            norm.set_weights([gamma * 2, beta * 2, *statistics])


def _with_weights(model: keras.Model) -> Iterator[Any]:
    return (layer for layer in model.layers if layer.weights)


def _is_of_gate(layer: Any) -> bool:
    return isinstance(layer, layers.Conv2D) and layer.kernel_size == (1, 1)


def in_corner(old: Any, new: Any) -> Any:
    """``old`` in the corner of ``new``; kernels ignore what added channels send to old ones."""
    new = new.copy()
    if old.ndim > 1:
        new[..., : old.shape[-1]] = 0
    new[tuple(slice(size) for size in old.shape)] = old
    return new
