"""What a training will cost, timed on this machine, kept so that the same is not timed twice."""

import hashlib
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fer_core.errors import StorageError
from fer_core.runs.recipe import Recipe
from fer_core.runs.shelf import runs_folder
from fer_core.storage.atomic import write_text
from fer_core.storage.machine import processor_name
from fer_core.storage.reading import read_bytes

COSTS_FILE = "costs.json"
_LIMIT_BYTES = 1_000_000

_OF_A_STEP = ("batch_size", "optimizer", "sides_px", "votes", "teacher", "teacher_reads")
"""Settings that a step's time follows from."""


class Cost(BaseModel):
    """Seconds of one network with one kind of batch on one processor.

    Attributes:
        step_s: one batch, learned from, where no other program is in the way.
        face_s: one face, only read, likewise.
        peak_megabytes: memory of the process that timed it; None where the system does not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step_s: float = Field(gt=0)
    face_s: float = Field(gt=0)
    peak_megabytes: float | None = None

    def epoch_s(self, recipe: Recipe, learned: int, chosen: int) -> float:
        """Of an epoch on ``learned`` faces, with its validation on ``chosen`` ones."""
        return learned // recipe.batch_size * self.step_s + chosen * self.face_s

    def finish_s(self, chosen: int) -> float:
        """What comes after the last epoch: the validation faces, read as cameras see them."""
        return _READINGS * chosen * self.face_s + _START_S


_READINGS = 16
"""How often each face that is chosen on is read after the last epoch: as it is, detected, and under
each condition, both ways round."""

_START_S = 15.0
"""Importing TensorFlow, and writing the ONNX graph."""


class _Costs(BaseModel):
    costs: dict[str, Cost] = Field(default_factory=dict)


def cost_key(network: str, recipe: Recipe) -> str:
    """What a cost is of: network, batch and processor."""
    step = recipe.model_dump_json(include=set(_OF_A_STEP))
    return hashlib.sha256(f"{network}\n{step}\n{processor_name()}".encode()).hexdigest()[:16]


def known_cost(network: str, recipe: Recipe) -> Cost | None:
    """What was timed on this machine; None where nothing was."""
    return _read(_file()).costs.get(cost_key(network, recipe))


def keep_cost(network: str, recipe: Recipe, cost: Cost) -> None:
    """Keep what was timed.

    Raises:
        StorageError: it cannot be written.
    """
    known = _read(_file()).costs | {cost_key(network, recipe): cost}
    write_text(_file(), _Costs(costs=known).model_dump_json(indent=2) + "\n")


def _read(path: Path) -> _Costs:
    with suppress(OSError, StorageError, ValidationError):
        return _Costs.model_validate_json(read_bytes(path, _LIMIT_BYTES))
    return _Costs()


def _file() -> Path:
    return runs_folder() / COSTS_FILE
