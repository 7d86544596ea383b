"""`@vladmandic/human`: its emotion network at 64x64 pixels (Mini-Xception), made for browsers."""

from fer_core.evaluation.external.node_network import NODE_INSTALL, NodeNetwork
from fer_core.evaluation.external.packages import ExternalNetwork, external_package


@external_package(
    title="human (Mini-Xception)", source="github.com/vladmandic/human", needs=NODE_INSTALL
)
def human() -> ExternalNetwork:
    """Raises ModelError where node or the package is missing."""
    return NodeNetwork("human.mjs", "@vladmandic/human")
