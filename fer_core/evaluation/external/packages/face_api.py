"""`@vladmandic/face-api`: its expression network at 112x112 pixels, made for browsers."""

from fer_core.evaluation.external.node_network import NODE_INSTALL, NodeNetwork
from fer_core.evaluation.external.packages import ExternalNetwork, external_package

_WORDS = {"fearful": "fear", "disgusted": "disgust", "surprised": "surprise"}


@external_package(
    title="face-api (expression)", source="github.com/vladmandic/face-api", needs=NODE_INSTALL
)
def face_api() -> ExternalNetwork:
    """Raises ModelError where node or the package is missing."""
    return NodeNetwork("face_api.mjs", "@vladmandic/face-api", words=_WORDS)
