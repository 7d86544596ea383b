"""Things of one kind, known by name: a new one is one new file in the package of its kind.

Whoever lists them (command line, pickers, contract tests) asks here and needs no change.
"""

import importlib
import pkgutil
from pathlib import Path
from typing import Generic, TypeVar

from fer_core.errors import MienError

_ROOT = Path(__file__).resolve().parent


Entry = TypeVar("Entry")


def file_names(package: str) -> tuple[str, ...]:
    """Names of the modules of a package of ours, sorted; nothing is imported.

    Where each module registers one thing under its own name, these are the names of the things:
    `--help` lists them without OpenCV or Keras.

    Args:
        package: such as ``"fer_core.faces.detectors"``.
    """
    folder = _ROOT.joinpath(*package.split(".")[1:])
    return tuple(sorted(module.name for module in pkgutil.iter_modules([str(folder)])))


class Registry(Generic[Entry]):
    """The things of one kind. All files of their package are imported at the first question."""

    def __init__(self, kind: str, package: str, error: type[MienError]) -> None:
        """An empty registry.

        Args:
            kind: what one of them is, as an error names it.
            package: whose modules register them.
            error: raised for a name that is unknown or used twice.
        """
        self._kind, self._package, self._error = kind, package, error
        self._entries: dict[str, Entry] = {}
        self._imported = False

    def add(self, name: str, entry: Entry) -> None:
        """Register one; a module of the package does this as it is imported."""
        if name in self._entries:
            raise self._error(f"two things are registered as one {self._kind}", where=name)
        self._entries[name] = entry

    def entries(self) -> dict[str, Entry]:
        """All of them by name, as they were registered: file by file."""
        if not self._imported:
            for name in file_names(self._package):
                importlib.import_module(f"{self._package}.{name}")
            self._imported = True  # only now: a module that fails is tried, and told of, again
        return dict(self._entries)

    def __getitem__(self, name: str) -> Entry:
        """The one of that name.

        Raises:
            MienError: of the registry's kind: there is none; says which there are.
        """
        entries = self.entries()
        if name not in entries:
            raise self._error(
                f"unknown {self._kind}",
                expected=", ".join(sorted(entries)),
                received=name,
                remedy="Choose one of these.",
            )
        return entries[name]
