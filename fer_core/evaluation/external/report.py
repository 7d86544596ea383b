"""What was measured of an external package, or quoted: ``models/external/<name>.json``."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from fer_core.errors import ModelError, StorageError
from fer_core.evaluation.summary import Metrics, read_logit_arrays
from fer_core.storage.atomic import write_text
from fer_core.storage.reading import fault, read_bytes
from fer_core.storage.records import LIMIT_BYTES
from fer_core.zoo import MODELS, Published

EXTERNAL_FOLDER = "external"
_KEY = "external."


def external_key(name: str) -> str:
    """How a package is told from networks, among whose slugs no such name can be."""
    return f"{_KEY}{name}"


def external_name(key: str) -> str | None:
    """The package that a key is of; None for a network's slug."""
    return key.removeprefix(_KEY) if key.startswith(_KEY) else None


class ExternalReport(BaseModel):
    """``models/external/<name>.json``.

    Attributes:
        version: of the package that was measured; None, like all below, where it was only quoted.
        temperature: fitted on PublicTest, as for our own networks; only ``ece_calibrated`` uses it.
        metrics: in the form of a model folder's ``metrics.json``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    source: str
    quoted: Published | None = None
    version: str | None = None
    processor: str | None = None
    dataset_fingerprint: str | None = None
    temperature: float | None = None
    metrics: Metrics | None = None

    @property
    def status(self) -> str:
        """What the leaderboard calls it."""
        return "external package" if self.metrics else "external package, quoted"


def write_external_report(folder: Path, report: ExternalReport) -> Path:
    """Write ``<name>.json`` in one step; its path."""
    text = report.model_dump_json(indent=2, exclude_none=True) + "\n"
    return write_text(folder / f"{report.name}.json", text)


def read_external_report(path: Path) -> ExternalReport:
    """One package's file.

    Raises:
        ModelError: it is damaged.
    """
    try:
        return ExternalReport.model_validate_json(read_bytes(path, LIMIT_BYTES))
    except (OSError, StorageError, ValidationError) as error:
        raise ModelError(
            "what was measured of an external package cannot be used",
            where=f"{path.parent.name}/{path.name}",
            received=fault(error),
            remedy=f"Restore the file, or measure again: python -m fer_core external {path.stem}",
        ) from error


def read_external_logits(models: Path, name: str) -> dict[str, NDArray[np.float32]]:
    """A package's answers to both test splits, in the form of a model's `predictions.npz`.

    Raises:
        ModelError: they are missing or damaged.
    """
    return read_logit_arrays(
        models / EXTERNAL_FOLDER / f"{name}.npz",
        f"Restore the file, or measure again: python -m fer_core external {name}",
    )


def read_external(models: Path = MODELS) -> list[ExternalReport]:
    """Every package in ``models/external``: measured ones first, most accurate first.

    Raises:
        ModelError: a file is damaged.
    """
    paths = sorted((models / EXTERNAL_FOLDER).glob("[!.]*.json"))
    found = [read_external_report(path) for path in paths]
    return sorted(found, key=lambda report: -report.metrics.accuracy if report.metrics else 0.0)
