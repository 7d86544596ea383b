"""All architectures, one file per family; importing this package registers them."""

from fer_core.training.networks import (  # noqa: F401  # imported for their registration
    compact,
    flagship,
    flip,
    fourconv,
    multi,
    scratch,
    shallow_deep,
    transfer,
)
from fer_core.training.networks.registry import (
    Architecture,
    architectures,
    build_network,
    get_architecture,
    multiply_accumulates,
)
from fer_core.training.networks.transfer import load_backbone

__all__ = [
    "Architecture",
    "architectures",
    "build_network",
    "get_architecture",
    "load_backbone",
    "multiply_accumulates",
]
