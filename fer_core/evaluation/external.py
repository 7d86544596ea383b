"""Outside packages on the same images: an adapter for each, and what was measured of them.

A package is asked through its own network's entrance, with its own preprocessing, for each face of
48x48 grey pixels as the data set has it: no detector of its own in between, so that it is its
network that is compared with ours. Packages live in an environment of their own
(``requirements-peers.txt``) and are imported only where they are asked.
"""

import importlib
import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError, StorageError
from fer_core.evaluation.evaluate import split_figures
from fer_core.evaluation.summary import Metrics
from fer_core.metrics import fit_temperature
from fer_core.storage.atomic import write_npz, write_text
from fer_core.storage.machine import processor_name
from fer_core.storage.reading import fault, read_bytes
from fer_core.storage.records import LIMIT_BYTES
from fer_core.zoo import MODELS, Published

PEERS_FOLDER = "peers"
_BATCH = 64
_SMALLEST = 1e-7
"""Packages round their probabilities; a 0 would be minus infinity among logits."""


class PeerNetwork(Protocol):
    """An outside network, loaded."""

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        """(n, 48, 48) uint8 grey faces to (n, 7) probabilities in the order of `Emotion`."""


@dataclass(frozen=True, slots=True)
class Peer:
    """An outside package that can be measured.

    Attributes:
        name: of the package on PyPI, and of its files here.
        title: for people.
        source: where it comes from.
        load: imports the package and opens its network; raises ImportError where it is missing.
        quoted: what the package itself states, shown until somebody measures it.
    """

    name: str
    title: str
    source: str
    load: Callable[[], PeerNetwork]
    quoted: Published | None = None


class PeerReport(BaseModel):
    """``models/peers/<name>.json``.

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
        return "outside package" if self.metrics else "outside package, quoted"


def _columns(labels: Mapping[int, str], where: str) -> list[int]:
    """Their column of each of our classes."""
    names = {name.lower(): column for column, name in labels.items()}
    if set(names) != set(LABELS):
        raise ModelError(
            "the package knows other classes",
            where=where,
            expected=", ".join(LABELS),
            received=", ".join(names),
        )
    return [names[label] for label in LABELS]


class _Fer:
    """`fer`: Mini-Xception at 64x64, through the method that its own detector ends in.

    Its public method rounds to two decimals and looks for faces first, which finds none in most
    of these pictures.
    """

    def __init__(self, package: ModuleType) -> None:
        self._detector: Any = package.FER()
        self._order = _columns(self._detector._get_labels(), "fer")

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        large = np.stack([cv2.resize(face, (64, 64)) for face in faces]).astype(np.float32)
        answers = self._detector._classify_emotions((large / 255.0 - 0.5) * 2.0)
        return np.asarray(answers, np.float32)[:, self._order]


class _DeepFace:
    """`deepface`: its emotion network, through `DeepFace.analyze` told that there is one face."""

    def __init__(self, package: ModuleType) -> None:
        self._analyze: Callable[..., Any] = package.DeepFace.analyze

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        rows = []
        for face in faces:
            found = self._analyze(
                np.repeat(face[:, :, None], 3, axis=2),
                actions=("emotion",),
                detector_backend="skip",
                enforce_detection=False,
                silent=True,
            )
            answer = (found[0] if isinstance(found, list) else found)["emotion"]
            columns = _columns(dict(enumerate(answer)), "deepface")
            values = list(answer.values())
            rows.append([float(values[column]) / 100 for column in columns])
        return np.array(rows, np.float32)


def _load_fer() -> PeerNetwork:
    return _Fer(importlib.import_module("fer.fer"))


def _load_deepface() -> PeerNetwork:
    return _DeepFace(importlib.import_module("deepface"))


PEERS = {
    peer.name: peer
    for peer in (
        Peer("fer", "fer (Mini-Xception)", "github.com/justinshenk/fer", _load_fer),
        Peer(
            "deepface",
            "deepface (emotion)",
            "github.com/serengil/deepface",
            _load_deepface,
            Published(
                figure=57.43,
                split="FER2013, split not stated",
                classes=7,
                source="deepface's own documentation",
            ),
        ),
    )
}
"""The packages that `python -m fer_core peer` knows; a new one is a class and a line here."""


def open_peer(peer: Peer) -> PeerNetwork:
    """Import the package and open its network.

    Raises:
        ModelError: it, or something that it needs, is not installed.
    """
    try:
        return peer.load()
    except ImportError as error:
        raise ModelError(
            "the outside package is not installed here",
            where=peer.name,
            received=error,
            remedy="In an environment of its own: pip install -r requirements-peers.txt",
        ) from error


def silent_package(python: Path, received: object, trial: str) -> ModelError:
    """What is said where a package's own process does not answer; ``trial`` is its command."""
    return ModelError(
        "the outside package did not answer",
        where=python,
        expected="an environment with requirements-peers.txt",
        received=received,
        remedy=f"Try there: python -m fer_core {trial}",
    )


def _log_probabilities(
    network: PeerNetwork, pixels: NDArray[np.uint8], where: str, told: Callable[[int], None]
) -> NDArray[np.float32]:
    """(n, 7) float32 logarithms of a network's probabilities: its logits up to a constant a row."""
    out = np.empty((len(pixels), len(LABELS)), np.float32)
    for start in range(0, len(pixels), _BATCH):
        rows = slice(start, start + _BATCH)
        part = np.asarray(network.probabilities(pixels[rows]), np.float64)
        total = part.sum(axis=1, keepdims=True) if part.ndim == 2 else np.zeros(1)
        # Written so that NaN is refused. Quantised networks' rows sum to 1 only roughly.
        if part.shape != out[rows].shape or not (part.min() >= 0 and abs(total - 1).max() < 0.05):
            raise ModelError(
                "the package does not answer in probabilities",
                where=where,
                expected=f"{out[rows].shape}, rows that sum to 1",
                received=f"{part.shape}, first row {np.atleast_1d(part)[0]}",
            )
        out[rows] = np.log((part / total).clip(_SMALLEST))
        told(len(part))
    return out


def quote_peer(name: str, out: Path) -> Path:
    """Write what a package states of itself, marked as not measured.

    Raises:
        ModelError: it states nothing, or it has been measured, which is worth more.
    """
    peer = PEERS[name]
    path = out / f"{name}.json"
    if peer.quoted is None:
        raise ModelError("the package states no figure that could be quoted", where=name)
    if path.exists() and read_peer(path).metrics:
        raise ModelError(
            "the package has been measured, which a quotation cannot replace", where=path
        )
    return _write(path, _report(peer))


def measure_peer(
    name: str,
    data: Fer2013,
    out: Path,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PeerReport:
    """Measure a package on both test splits, with and without the mirrored faces.

    No look in the ledger's sense: nothing of ours is chosen by it.

    Args:
        name: one of `PEERS`.
        data: FER2013.
        out: where ``<name>.json`` and ``<name>.npz`` (the arrays of a model's ``predictions.npz``)
            are written, each in one step.
        progress: is told how many of how many faces are done.

    Raises:
        ModelError: the package is not installed, or answers something else than probabilities of
            the seven classes.
    """
    peer = PEERS[name]
    network = open_peer(peer)
    splits = (Split.PUBLIC_TEST, Split.PRIVATE_TEST)
    total, done = 2 * sum(len(data.rows(split)) for split in splits), 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    arrays: dict[str, NDArray[np.float32]] = {}
    for split, prefix in zip(splits, ("public", "private"), strict=True):
        pixels, _ = data.part(split)
        own = _log_probabilities(network, pixels, name, told)
        mirrored = _log_probabilities(network, np.ascontiguousarray(pixels[:, :, ::-1]), name, told)
        arrays[f"{prefix}_logits"] = own
        arrays[f"{prefix}_logits_flip"] = (own + mirrored) / np.float32(2)
    _, labels = data.part(Split.PUBLIC_TEST)
    temperature = fit_temperature(arrays["public_logits"], labels)
    public, private = (
        split_figures(
            data, split, arrays[f"{prefix}_logits"], arrays[f"{prefix}_logits_flip"], temperature
        )
        for split, prefix in zip(splits, ("public", "private"), strict=True)
    )
    report = _report(
        peer,
        version=installed_version(name),
        processor=processor_name(),
        dataset_fingerprint=data.fingerprint,
        temperature=temperature,
        metrics=Metrics.of(private, public),
    )
    write_npz(out / f"{name}.npz", arrays)
    _write(out / f"{name}.json", report)
    return report


def installed_version(name: str) -> str:
    """Of a package in this environment; "unknown" where it tells none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _report(peer: Peer, **measured: Any) -> PeerReport:
    return PeerReport(
        name=peer.name, title=peer.title, source=peer.source, quoted=peer.quoted, **measured
    )


def _write(path: Path, report: PeerReport) -> Path:
    return write_text(path, report.model_dump_json(indent=2, exclude_none=True) + "\n")


def read_peer(path: Path) -> PeerReport:
    """One package's file.

    Raises:
        ModelError: it is damaged.
    """
    try:
        return PeerReport.model_validate_json(read_bytes(path, LIMIT_BYTES))
    except (OSError, StorageError, ValidationError) as error:
        raise ModelError(
            "what was measured of an outside package cannot be used",
            where=f"{path.parent.name}/{path.name}",
            received=fault(error),
            remedy=f"Restore the file, or measure again: python -m fer_core peer {path.stem}",
        ) from error


def read_peers(models: Path = MODELS) -> list[PeerReport]:
    """Every package in ``models/peers``: measured ones first, most accurate first.

    Raises:
        ModelError: a file is damaged.
    """
    found = [read_peer(path) for path in sorted((models / PEERS_FOLDER).glob("[!.]*.json"))]
    return sorted(found, key=lambda peer: -peer.metrics.accuracy if peer.metrics else 0.0)
