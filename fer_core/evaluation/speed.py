"""How long each network takes for a face: what ``bench --models`` wrote.

Milliseconds belong to the machine and the moment; the same times over a reference time,
measured in turns with the networks, can be compared between machines. In the file a reference time
is called a yardstick.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from fer_core.errors import ModelError
from fer_core.storage.records import read_report, write_report
from fer_core.zoo import GRAPH_FILE, MODELS, ModelCard, find_folder, read_card

SPEED_FILE = "speed.json"
BATCHES = (1, 4, 16)
"""Faces in one call: one person before a camera, a family, a group photo."""


class ModelSpeed(BaseModel):
    """Median time of one face, by the number of faces in one call.

    Attributes:
        graph_sha256: of the graph that was measured; None for an external package.
        ms_per_face: milliseconds.
        in_yardsticks: the same in reference times.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    graph_sha256: str | None = None
    ms_per_face: dict[int, PositiveFloat]
    in_yardsticks: dict[int, PositiveFloat]


class ExternalSpeed(ModelSpeed):
    """An external package's times, which may be of another run or machine than our networks'.

    Attributes:
        version: of the package.
        processor: measured on.
        yardstick_ms: the reference time in that run, milliseconds.
    """

    version: str
    processor: str
    yardstick_ms: PositiveFloat


class SpeedReport(BaseModel):
    """``models/speed.json``.

    Attributes:
        processor: measured on.
        threads: of ONNX Runtime within one call.
        detector, yardstick_model: what the reference time is of: one detection on 320x240
            pixels and one face of that network.
        yardstick_ms: the reference time in this run, milliseconds.
        models: by slug.
        external: external packages by name, as each opens its network by itself, in turns with the
            reference.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    processor: str
    threads: int = Field(ge=1)
    detector: str
    yardstick_model: str
    yardstick_ms: PositiveFloat
    models: dict[str, ModelSpeed]
    external: dict[str, ExternalSpeed] = {}

    def relative_time(self, slug: str, faces: int = 1) -> float | None:
        """Reference times that a network takes for a face, ``faces`` in one call.

        External packages have theirs under their names. None: not measured.
        """
        known = self.models.get(slug) or self.external.get(slug)
        return known.in_yardsticks.get(faces) if known else None

    def ms_per_face(self, slug: str, faces: int = 1) -> float | None:
        """The same in milliseconds: on `processor`, a package's on its own entry's."""
        known = self.models.get(slug) or self.external.get(slug)
        return known.ms_per_face.get(faces) if known else None


def write_speed(models: Path, report: SpeedReport) -> Path:
    """Write ``models/speed.json`` in one step.

    External packages that were measured before and not this time stay, since few people have all of
    them, unless the reference is another one now. A report without networks adds to the one there.

    Raises:
        ModelError: the file that is there cannot be read, or a report without networks was measured
            against another reference; the file is left as it is.
        StorageError: it cannot be written.
    """
    before = _read(models)
    if before:
        known, now = ((of.detector, of.yardstick_model) for of in (before, report))
        if known == now:
            external = {"external": before.external | report.external}
            report = (report if report.models else before).model_copy(update=external)
        elif not report.models:
            raise ModelError(
                "these times cannot stand beside those that are there",
                where=SPEED_FILE,
                expected=f"a reference time of {' and '.join(known)}",
                received=f"one of {' and '.join(now)}",
                remedy="Measure all networks with them: bench --models --external NAME",
            )
    return write_report(models / SPEED_FILE, report)


def read_speed(*roots: Path) -> SpeedReport | None:
    """What was measured of the very graphs that are there; None where nobody has measured.

    Args:
        roots: folders of models, see `zoo.find_folders`; the file lies in the first of them.

    Raises:
        ModelError: the file is damaged.
    """
    roots = roots or (MODELS,)
    report = _read(roots[0])
    if report is None:
        return None
    current = {
        slug: speed
        for slug, speed in report.models.items()
        if (card := _card(slug, roots)) and card.files[GRAPH_FILE].sha256 == speed.graph_sha256
    }
    return report.model_copy(update={"models": current})


def _read(models: Path) -> SpeedReport | None:
    return read_report(
        models / SPEED_FILE,
        SpeedReport,
        "the measured times cannot be used",
        "Measure them again: python -m fer_core bench --models",
    )


def _card(slug: str, roots: Sequence[Path]) -> ModelCard | None:
    try:
        return read_card(find_folder(slug, *roots))
    except ModelError:  # the list of models says what is wrong with it
        return None
