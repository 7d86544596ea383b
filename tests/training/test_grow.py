"""A wider network goes on where a narrower one stood."""

import keras
import numpy as np
import pytest

from fer_core.errors import TrainingError
from fer_core.training.networks import build_network, get_architecture
from fer_core.training.networks.grow import grow_weights

RANGES = {
    "gamma": (0.5, 1.5), "beta": (-0.2, 0.2), "moving_mean": (-1, 1), "moving_variance": (0.5, 2),
}  # fmt: skip
"""What training may give BatchNorm."""


def _as_if_trained(model: keras.Model, rng: np.random.Generator) -> keras.Model:
    for variable in model.weights:
        if limits := RANGES.get(variable.name):
            variable.assign(rng.uniform(*limits, variable.shape))
    return model


def test_a_grown_network_gives_the_same_answers_and_can_learn_more() -> None:
    rng = np.random.default_rng(0)
    arch = get_architecture("flagship")
    small = _as_if_trained(build_network(get_architecture(arch.grows_from)), rng)
    large = build_network(arch)
    faces = rng.uniform(0, 255, (4, 48, 48, 1)).astype(np.float32)
    expected = small(faces).numpy()
    assert np.abs(large(faces).numpy() - expected).max() > 0.1

    grow_weights(small, large)

    assert np.abs(large(faces).numpy() - expected).max() < 1e-3 * np.abs(expected).max()
    added = [v for v in large.trainable_variables if v.name == "kernel" and v.shape[-1] == 192]
    assert all(np.abs(kernel.numpy()[..., 128:]).max() > 0 for kernel in added[:2])
    before = [variable.numpy() for variable in large.trainable_variables]
    large.compile(keras.optimizers.SGD(0.1), keras.losses.CategoricalCrossentropy(from_logits=True))
    for _ in range(2):
        large.train_on_batch(faces, np.eye(7, dtype=np.float32)[:4])
    dense = large.trainable_variables[-2].numpy()
    assert np.abs(dense[256:]).max() > 0  # the added channels are heard
    assert all(
        np.abs(variable.numpy() - old).max() > 0
        for variable, old in zip(large.trainable_variables, before, strict=True)
    )


def test_other_layers_are_refused() -> None:
    small, large = (build_network(get_architecture(slug)) for slug in ("nano", "flagship"))
    with pytest.raises(TrainingError, match="does not grow out of the other"):
        grow_weights(small, large)
