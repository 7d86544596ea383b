"""What the page lists of the architectures is what the code builds."""

from fer_core.runs.networks import NETWORKS_FILE, known_networks
from fer_core.runs.recipe import RECIPES
from fer_core.training.networks.facts import network_facts


def test_the_list_is_that_of_the_registry() -> None:
    again = f"python -m fer_core networks --json > {NETWORKS_FILE.name}"
    assert list(known_networks().values()) == network_facts(), again
    assert all((RECIPES / f"{fact.recipe}.json").is_file() for fact in known_networks().values())
