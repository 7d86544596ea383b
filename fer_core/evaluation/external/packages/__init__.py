"""External packages by name, a file each.

A new one is a file here with a decorated function of the file's name, which opens its network. It
imports the package inside that function: most people have none of them.
"""

import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.registry import Registry
from fer_core.zoo import Published

PYTHON_INSTALL = "In an environment of its own: pip install -r requirements-external.txt"
"""How a person gets one that is on PyPI."""


class ExternalNetwork(Protocol):
    """A package's network, loaded."""

    @property
    def version(self) -> str:
        """Of the package."""
        ...

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        """(n, 48, 48) uint8 grey faces to (n, 7) probabilities in the order of `Emotion`."""
        ...


@runtime_checkable
class TimesItself(Protocol):
    """A network behind a pipe, which knows better than we how long it took."""

    def milliseconds(self, faces: NDArray[np.uint8]) -> float:
        """What (n, 48, 48) uint8 grey faces take it, without the way to it and back."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A network that holds something beside memory."""

    def close(self) -> None:
        """Let go of it."""
        ...


class FrameReader(Protocol):
    """A package's own way through a frame: finds the faces and reads them."""

    @property
    def version(self) -> str:
        """Of the package."""
        ...

    def read(self, image: NDArray[np.uint8]) -> list[Any]:
        """(h, w, 3) uint8 BGR to one entry a face."""
        ...


@dataclass(frozen=True, slots=True)
class ExternalPackage:
    """An external package that can be measured.

    Attributes:
        name: on the command line, and of its files here.
        title: for people.
        source: where it comes from.
        needs: how a person gets it: a sentence, the end of an error.
        load: opens its network; ImportError or `ModelError` where that cannot be.
        quoted: what the package itself states, shown until somebody measures it.
        load_reader: opens its own way through frames; None where that is not measured.
    """

    name: str
    title: str
    source: str
    needs: str
    load: Callable[[], ExternalNetwork]
    quoted: Published | None = None
    load_reader: Callable[[], FrameReader] | None = None


_PACKAGES: Registry[ExternalPackage] = Registry("external package", __name__, ModelError)


def external_package(
    *,
    title: str,
    source: str,
    needs: str = PYTHON_INSTALL,
    quoted: Published | None = None,
    load_reader: Callable[[], FrameReader] | None = None,
) -> Callable[[Callable[[], ExternalNetwork]], Callable[[], ExternalNetwork]]:
    """Register the decorated function under its own name; see `ExternalPackage`."""

    def register(load: Callable[[], ExternalNetwork]) -> Callable[[], ExternalNetwork]:
        name = load.__name__
        _PACKAGES.add(name, ExternalPackage(name, title, source, needs, load, quoted, load_reader))
        return load

    return register


def known_packages() -> dict[str, ExternalPackage]:
    """All registered packages by name."""
    return _PACKAGES.entries()


def get_package(name: str) -> ExternalPackage:
    """One package, installed or not.

    Raises:
        ModelError: there is none of that name.
    """
    return _PACKAGES[name]


@contextmanager
def open_package(name: str) -> Iterator[ExternalNetwork]:
    """A package's network, for a `with`; what it started is ended behind it.

    Raises:
        ModelError: it, or something that it needs, is not installed.
    """
    package = get_package(name)
    try:
        network = package.load()
    except ImportError as error:
        raise _not_installed(package, error) from error
    try:
        yield network
    finally:
        if isinstance(network, Closes):
            network.close()


def open_reader(name: str) -> FrameReader:
    """Open a package's own way through frames.

    Raises:
        ModelError: it is not installed, or its way through frames is not measured here.
    """
    package = get_package(name)
    if package.load_reader is None:
        raise ModelError(
            "this package's own way through frames is not measured",
            where=name,
            expected=", ".join(
                other.name for other in known_packages().values() if other.load_reader
            ),
            remedy="Name one of these.",
        )
    try:
        return package.load_reader()
    except ImportError as error:
        raise _not_installed(package, error) from error


def _not_installed(package: ExternalPackage, error: ImportError) -> ModelError:
    return ModelError(
        "the external package is not installed here",
        where=package.name,
        received=error,
        remedy=package.needs,
    )


def class_columns(labels: Mapping[int, str], where: str) -> list[int]:
    """A package's column of each of our classes.

    Raises:
        ModelError: it knows other classes.
    """
    names = {name.lower(): column for column, name in labels.items()}
    if set(names) != set(LABELS):
        raise ModelError(
            "the package knows other classes",
            where=where,
            expected=", ".join(LABELS),
            received=", ".join(names),
            remedy="Install the version that requirements-external.txt or package.json names.",
        )
    return [names[label] for label in LABELS]


def installed_version(name: str) -> str:
    """Of a Python package in this environment; "unknown" where it tells none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
