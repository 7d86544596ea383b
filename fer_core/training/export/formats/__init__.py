"""Formats that a shipped network can be delivered in, a file each.

A new one is a file here with a decorated function of the file's name, which writes it. Keras is
imported inside the function: `export --help` lists the formats without it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fer_core.errors import TrainingError
from fer_core.registry import Registry
from fer_core.zoo import ModelCard


class WriteModel(Protocol):
    """Writes a network in one format."""

    def __call__(self, folder: Path, card: ModelCard, out: Path) -> Path:
        """The sound model folder ``folder`` into the folder ``out``; returns what was written."""
        ...


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format before anything is written.

    Attributes:
        name: in `--format`.
        title: for people: whose it is, and what opens it.
        needs_weights: it is made from the Keras weights, which the largest networks ship without.
        write: writes it.
    """

    name: str
    title: str
    needs_weights: bool
    write: WriteModel


_FORMATS: Registry[ExportFormat] = Registry("export format", __name__, TrainingError)


def export_format(*, title: str, needs_weights: bool) -> Callable[[WriteModel], WriteModel]:
    """Register the decorated function under its own name; see `ExportFormat`."""

    def register(write: WriteModel) -> WriteModel:
        name = write.__name__  # type: ignore[attr-defined]  # a Protocol does not say so
        _FORMATS.add(name, ExportFormat(name, title, needs_weights, write))
        return write

    return register


def export_formats() -> dict[str, ExportFormat]:
    """All registered formats by name."""
    return _FORMATS.entries()


def get_format(name: str) -> ExportFormat:
    """One format.

    Raises:
        TrainingError: there is none of that name.
    """
    return _FORMATS[name]
