"""The registry of architectures: a new network is one decorated function in one file."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras

from fer_core.errors import TrainingError
from fer_core.registry import Registry
from fer_core.training.networks.blocks import standardised
from fer_core.zoo import Published

Builder = Callable[..., keras.KerasTensor]
"""Takes scaled faces (n, side, side, channels) and the number of classes; gives logits.

Anything more by keyword, and only for ablations: it has a default."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """One row of the zoo, before training.

    Attributes:
        slug: its name everywhere.
        title: for people.
        layers: the layers in one line, for the card.
        origin: project or paper.
        published: what that origin reports; None where it reports nothing.
        side_px, channels: the input that ships.
        recipe: name of the default recipe, a file in `runs/recipes`.
        build: the function that draws the layers.
        original_classes: number of classes that the origin trained on.
        any_side: it pools globally, so that it can learn at any input side.
        standardise: the graph begins with `blocks.standardised`.
        grows_from: slug of a narrower network whose weights it can go on from; see `training.grow`.
    """

    slug: str
    title: str
    layers: str
    origin: str
    published: Published | None
    side_px: int
    channels: int
    recipe: str
    build: Builder
    original_classes: int = 7
    any_side: bool = False
    standardise: bool = False
    grows_from: str = ""


_ARCHITECTURES: Registry[Architecture] = Registry(
    "architecture", "fer_core.training.networks", TrainingError
)


def architecture(
    *,
    title: str,
    layers: str,
    origin: str,
    published: Published | None = None,
    side_px: int = 48,
    channels: int = 1,
    recipe: str = "bn",
    original_classes: int = 7,
    any_side: bool = False,
    standardise: bool = False,
    grows_from: str = "",
) -> Callable[[Builder], Builder]:
    """Register the decorated function under its own name; see `Architecture`."""

    def register(build: Builder) -> Builder:
        slug = build.__name__
        _ARCHITECTURES.add(
            slug,
            Architecture(
                slug=slug,
                title=title,
                layers=layers,
                origin=origin,
                published=published,
                side_px=side_px,
                channels=channels,
                recipe=recipe,
                build=build,
                original_classes=original_classes,
                any_side=any_side,
                standardise=standardise,
                grows_from=grows_from,
            ),
        )
        return build

    return register


def architectures() -> dict[str, Architecture]:
    """All registered architectures by slug."""
    return _ARCHITECTURES.entries()


def get_architecture(slug: str) -> Architecture:
    """One architecture.

    Raises:
        TrainingError: there is none of that name.
    """
    return _ARCHITECTURES[slug]


def build_network(arch: Architecture, *, classes: int = 7, any_side: bool = False) -> keras.Model:
    """An untrained Keras model: `faces` 0-255 -> `logits`, float32 at both ends.

    Args:
        arch: what to build.
        classes: number of outputs; other than 7 only to check the origin's parameter count.
        any_side: leave the input's side open; only for networks that pool globally.
    """
    side = None if any_side else arch.side_px
    faces = keras.Input((side, side, arch.channels), name="faces")
    # Inside the graph, so that preprocessing travels with the weights; centred, because networks
    # without BatchNorm learn slowly from inputs that are all positive.
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(faces)
    features = arch.build(standardised(scaled) if arch.standardise else scaled, classes)
    logits = keras.layers.Activation("linear", dtype="float32", name="logits")(features)
    return keras.Model(faces, logits, name=arch.slug)


def multiply_accumulates(model: keras.Model) -> int:
    """Multiplications of one face's pass: convolutions and dense layers, without biases."""
    total = 0
    for layer in _flat_layers(model):
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            height, width, channels = layer.output.shape[1:]
            total += height * width * channels * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, keras.layers.Conv2D):
            height, width, _ = layer.output.shape[1:]
            total += height * width * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Dense):
            total += math.prod(layer.kernel.shape)
    return int(total)


def _flat_layers(model: keras.Model) -> list[keras.layers.Layer]:
    found: list[keras.layers.Layer] = []
    for layer in model.layers:
        found += _flat_layers(layer) if isinstance(layer, keras.Model) else [layer]
    return found
