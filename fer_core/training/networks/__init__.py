"""All architectures, one file per family; a new one is a decorated function in one of them."""

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
