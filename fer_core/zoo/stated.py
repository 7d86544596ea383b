"""What an exported network says of its own confidence, so that it comes back with it.

With it goes how its faces are restored, which no graph tells. Temperature and thresholds are chosen
in minutes on faces as cameras see them, which an import does not repeat. They stand in the graph's
notes with the digest of the weights that they were chosen for: a network that was trained on since
has lost them.
"""

from pathlib import Path
from typing import Self

import onnx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fer_core.faces import Restoration
from fer_core.zoo.card import ModelCard
from fer_core.zoo.confidence import Calibration
from fer_core.zoo.graph import KERNEL_PREFIX
from fer_core.zoo.ledger import weights_digest

STATED_KEY = "mien.confidence"
"""Of the note among an ONNX file's ``metadata_props``."""


class StatedConfidence(BaseModel):
    """The note: of a card what turns logits into what a person is told.

    Attributes:
        weights_sha256: of the kernels that it was chosen for; see `zoo.weights_digest`.
        temperature, unsure_threshold, calibration: as on a `ModelCard`.
        restoration: of faces before it reads them, see `fer_core.faces.InputSpec`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    temperature: float = Field(gt=0)
    unsure_threshold: float = Field(ge=0, le=1)
    calibration: Calibration | None
    restoration: Restoration = Restoration.NONE

    @classmethod
    def of(cls, card: ModelCard, model: onnx.ModelProto) -> Self:
        """What a card says of its graph."""
        return cls(
            weights_sha256=_kernels_digest(model),
            temperature=card.temperature,
            unsure_threshold=card.unsure_threshold,
            calibration=card.calibration,
            restoration=card.input.restoration,
        )


def write_with_confidence(graph: Path, card: ModelCard, out: Path) -> Path:
    """Copy a graph with the note in it; gives ``out``.

    Raises:
        OSError: it cannot be written.
    """
    model = onnx.load(graph)
    kept = [entry for entry in model.metadata_props if entry.key != STATED_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    note = StatedConfidence.of(card, model).model_dump_json(exclude_defaults=True)
    model.metadata_props.add(key=STATED_KEY, value=note)
    out.write_bytes(model.SerializeToString())
    return out


def stated_confidence(model: onnx.ModelProto) -> StatedConfidence | None:
    """The note of a graph; None where there is none, it is damaged, or of other weights."""
    for entry in model.metadata_props:
        if entry.key == STATED_KEY:
            try:
                found = StatedConfidence.model_validate_json(entry.value)
            except ValidationError:
                return None
            return found if found.weights_sha256 == _kernels_digest(model) else None
    return None


def _kernels_digest(model: onnx.ModelProto) -> str:
    return weights_digest(
        {
            tensor.name: onnx.numpy_helper.to_array(tensor)
            for tensor in model.graph.initializer
            if tensor.name.startswith(KERNEL_PREFIX)
        }
    )
