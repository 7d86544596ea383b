"""How much accuracy external packages keep under corruptions: ``models/external/robustness.csv``.

The very faces that our networks are measured on, see `evaluation.robustness`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset import Fer2013
from fer_core.evaluation.external.measurement import log_probabilities
from fer_core.evaluation.external.packages import open_package
from fer_core.evaluation.external.report import EXTERNAL_FOLDER, ExternalReport, external_key
from fer_core.evaluation.robustness import (
    EVERY,
    ROBUSTNESS_FILE,
    SETTINGS,
    corrupted_samples,
    is_stated,
)
from fer_core.storage.records import read_rows, replace_rows
from fer_core.zoo import MODELS


class ExternalRobustnessRow(BaseModel):
    """One package under one condition.

    Attributes:
        name, version: of the package.
        condition, severity, n, accuracy, accuracy_low, accuracy_high, macro_f1: as in
            `RobustnessRow`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    condition: str
    severity: float = Field(ge=0)
    n: int = Field(ge=1)
    accuracy: float = Field(ge=0, le=1)
    accuracy_low: float = Field(ge=0, le=1)
    accuracy_high: float = Field(ge=0, le=1)
    macro_f1: float = Field(ge=0, le=1)

    @property
    def slug(self) -> str:
        """What tells it from networks in a comparison."""
        return external_key(self.name)


def measure_external_robustness(
    name: str,
    data: Fer2013,
    *,
    every: int = EVERY,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[ExternalRobustnessRow]:
    """A row for each condition and severity, and one for the faces as they are.

    Args:
        name: of a registered package.
        data: FER2013.
        every: take one of so many PublicTest images.
        progress: called with settings done and to do.

    Raises:
        ModelError: the package is not installed, or does not answer in probabilities.
    """
    rows = []
    with open_package(name) as network:
        for sample in corrupted_samples(data, every=every):
            predicted = log_probabilities(network, sample.faces, name).argmax(axis=1)
            rows.append(
                ExternalRobustnessRow(
                    name=name, version=network.version, **sample.figures(predicted)
                )
            )
            progress(sample.number, SETTINGS)
    return rows


def read_external_robustness(models: Path = MODELS) -> list[ExternalRobustnessRow]:
    """All rows of ``models/external/robustness.csv``; [] where there is no such file.

    Raises:
        ModelError: a row that is not valid.
    """
    return read_rows(
        models / EXTERNAL_FOLDER / ROBUSTNESS_FILE,
        ExternalRobustnessRow,
        "the measured robustness of external packages cannot be used",
        "Measure it again: python -m fer_core external NAME --robustness",
    )


def current_external_rows(
    rows: Iterable[ExternalRobustnessRow], packages: Iterable[ExternalReport]
) -> list[ExternalRobustnessRow]:
    """Rows of the packages that are compared, of the versions that their figures are of."""
    versions = {package.name: package.version for package in packages}
    return [
        row
        for row in rows
        if versions.get(row.name) == row.version and is_stated(row.condition, row.severity)
    ]


def write_external_robustness(models: Path, rows: Iterable[ExternalRobustnessRow]) -> Path:
    """Put rows in the file, in place of all earlier ones of the same packages, in one step.

    Raises:
        ModelError: the file that is there cannot be read; it is left as it is.
    """
    path = models / EXTERNAL_FOLDER / ROBUSTNESS_FILE
    return replace_rows(
        path, ExternalRobustnessRow, read_external_robustness(models), rows, of="name"
    )
