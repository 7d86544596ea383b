"""The architectures that can be trained, as the page lists them without Keras.

Their file is what ``python -m fer_core networks --json`` prints; a test holds the two together.
"""

import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from fer_core.errors import TrainingError

NETWORKS_FILE = Path(__file__).with_name("networks.json")


class NetworkFacts(BaseModel):
    """What is known of an architecture before it is trained.

    Attributes:
        slug, title, layers, origin: as registered.
        side_px, channels: its input.
        parameters, multiply_accumulates: its size, and its work on one face.
        recipe: name of its own recipe.
        any_side: whether it takes recipes that change the input's side.
        grows_from: slug of a narrower one whose weights it can go on from; "" for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    title: str
    layers: str
    origin: str
    side_px: int
    channels: int
    parameters: int
    multiply_accumulates: int
    recipe: str
    any_side: bool
    grows_from: str


@cache
def known_networks() -> dict[str, NetworkFacts]:
    """All architectures by slug, the least work first."""
    rows = json.loads(NETWORKS_FILE.read_text(encoding="utf-8"))
    return {fact.slug: fact for fact in map(NetworkFacts.model_validate, rows)}


def known_network(slug: str) -> NetworkFacts:
    """One architecture.

    Raises:
        TrainingError: there is none of that name.
    """
    known = known_networks()
    if slug not in known:
        raise TrainingError(
            "there is no such network to train",
            expected=", ".join(known),
            received=slug[:80],
            remedy="Choose one of these.",
        )
    return known[slug]
