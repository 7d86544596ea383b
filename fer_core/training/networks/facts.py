"""What is known of each architecture before it is trained."""

from fer_core.runs.networks import NetworkFacts
from fer_core.training.networks.registry import (
    Architecture,
    architectures,
    build_network,
    multiply_accumulates,
)


def network_facts() -> list[NetworkFacts]:
    """All architectures, the least work first."""
    facts = [_facts(arch) for arch in architectures().values()]
    return sorted(facts, key=lambda fact: (fact.multiply_accumulates, fact.slug))


def _facts(arch: Architecture) -> NetworkFacts:
    model = build_network(arch)
    return NetworkFacts(
        slug=arch.slug,
        title=arch.title,
        layers=arch.layers,
        origin=arch.origin,
        side_px=arch.side_px,
        channels=arch.channels,
        parameters=model.count_params(),
        multiply_accumulates=multiply_accumulates(model),
        recipe=arch.recipe,
        any_side=arch.any_side,
        grows_from=arch.grows_from,
    )
