"""The last self-test over all of PublicTest, as it ships: what ``selftest --all`` wrote."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from fer_core.errors import ContractError
from fer_core.evaluation.selftest import SelfTest
from fer_core.storage.records import read_report, write_report
from fer_core.zoo import GRAPH_FILE, MODELS, ModelCard

SELFTEST_FILE = "selftest.json"
_AGAIN = "Run it again: python -m fer_core selftest --all"


class SizeReport(BaseModel):
    """Faces of one width.

    Attributes:
        n: faces pasted.
        found: of these, faces found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(ge=1)
    found: int = Field(ge=0)


class SelfTestReport(BaseModel):
    """``models/selftest.json``. Accuracies are fractions, of the faces that were found.

    Attributes:
        run_on: the day.
        model, graph_sha256: the network, and the SHA-256 of its `model.onnx`.
        detector: what found the faces.
        dataset_fingerprint: of the FER2013 that they came from.
        split: always PublicTest.
        n, found: faces pasted, and faces found.
        direct_accuracy: of the 48x48 pictures themselves.
        path_accuracy: through detector and crop.
        difference, low, high: path less direct, with its paired 95 % interval.
        only_path_right, only_direct_right: faces that only this way got right.
        agreement: fraction on which both ways name the same class, right or wrong.
        by_size: by the width of the face in pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_on: date
    model: str
    graph_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    detector: str
    dataset_fingerprint: str
    split: str
    n: int = Field(ge=1)
    found: int = Field(ge=1)
    direct_accuracy: float = Field(ge=0, le=1)
    path_accuracy: float = Field(ge=0, le=1)
    difference: float = Field(ge=-1, le=1)
    low: float = Field(ge=-1, le=1)
    high: float = Field(ge=-1, le=1)
    only_path_right: int = Field(ge=0)
    only_direct_right: int = Field(ge=0)
    agreement: float = Field(ge=0, le=1)
    by_size: dict[int, SizeReport]

    @property
    def found_fraction(self) -> float:
        """Found faces over pasted ones."""
        return self.found / self.n

    def is_about(self, card: ModelCard) -> bool:
        """Whether it was made with the very weights of a card."""
        return self.model == card.slug and self.graph_sha256 == card.files[GRAPH_FILE].sha256


def report_of(figures: SelfTest, card: ModelCard, fingerprint: str, today: date) -> SelfTestReport:
    """What is kept of a self-test over PublicTest.

    Args:
        figures: what was measured.
        card: of the network.
        fingerprint: of the data set.
        today: the day.

    Raises:
        ContractError: no face was found, so there is nothing to compare.
    """
    total, compared = figures.total, figures.comparison
    if compared is None:
        raise ContractError(
            "no face was found", where="selftest", expected="at least one", received=total.found
        )
    return SelfTestReport(
        run_on=today,
        model=card.slug,
        graph_sha256=card.files[GRAPH_FILE].sha256,
        detector=figures.detector,
        dataset_fingerprint=fingerprint,
        split="PublicTest",
        n=total.n,
        found=total.found,
        direct_accuracy=round(total.direct_accuracy, 6),
        path_accuracy=round(total.path_accuracy, 6),
        difference=round(compared.difference, 6),
        low=round(compared.low, 6),
        high=round(compared.high, 6),
        only_path_right=compared.only_a_right,
        only_direct_right=compared.only_b_right,
        agreement=round(total.agreement, 6),
        by_size={
            size: SizeReport(n=part.n, found=part.found) for size, part in figures.by_size.items()
        },
    )


def write_selftest(models: Path, report: SelfTestReport) -> Path:
    """Write ``models/selftest.json`` in one step.

    Raises:
        StorageError: it cannot be written.
    """
    return write_report(models / SELFTEST_FILE, report)


def read_selftest(models: Path = MODELS) -> SelfTestReport | None:
    """The last result; None where nobody has run it.

    Raises:
        ModelError: the file is damaged.
    """
    return read_report(
        models / SELFTEST_FILE, SelfTestReport, "the last self-test cannot be read", _AGAIN
    )
