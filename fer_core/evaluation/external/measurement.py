"""An external package on the test images: measured as our networks are, or quoted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.evaluate import split_figures
from fer_core.evaluation.external.packages import (
    ExternalNetwork,
    ExternalPackage,
    get_package,
    open_package,
)
from fer_core.evaluation.external.report import (
    ExternalReport,
    read_external_report,
    write_external_report,
)
from fer_core.evaluation.summary import Metrics
from fer_core.metrics import fit_temperature
from fer_core.storage.atomic import write_npz
from fer_core.storage.machine import processor_name

_BATCH = 64
_SMALLEST = 1e-7
"""Packages round their probabilities; a 0 would be minus infinity among logits."""


def log_probabilities(
    network: ExternalNetwork,
    pixels: NDArray[np.uint8],
    where: str,
    told: Callable[[int], None] = lambda count: None,
) -> NDArray[np.float32]:
    """Logarithms of a network's probabilities: its logits up to a constant a row.

    Args:
        network: the package's.
        pixels: (n, 48, 48) uint8 grey faces.
        where: name of the package, for an error.
        told: is told of each so many faces that are done.

    Returns:
        (n, 7) float32.

    Raises:
        ModelError: it answers something else than probabilities of the seven classes.
    """
    out = np.empty((len(pixels), len(LABELS)), np.float32)
    for start in range(0, len(pixels), _BATCH):
        rows = slice(start, start + _BATCH)
        part = np.asarray(network.probabilities(np.ascontiguousarray(pixels[rows])), np.float64)
        total = part.sum(axis=1, keepdims=True) if part.ndim == 2 else np.zeros(1)
        # Written so that NaN is refused. Quantised networks' rows sum to 1 only roughly.
        if part.shape != out[rows].shape or not (part.min() >= 0 and abs(total - 1).max() < 0.05):
            raise ModelError(
                "the package does not answer in probabilities",
                where=where,
                expected=f"{out[rows].shape}, rows that sum to 1",
                received=f"{part.shape}, first row {np.atleast_1d(part)[0]}",
                remedy="Install the version that requirements-external.txt or package.json names.",
            )
        out[rows] = np.log((part / total).clip(_SMALLEST))
        told(len(part))
    return out


def quote_external(name: str, out: Path) -> Path:
    """Write what a package states of itself, marked as not measured.

    Raises:
        ModelError: it states nothing, or it has been measured, which is worth more.
    """
    package = get_package(name)
    path = out / f"{name}.json"
    if package.quoted is None:
        raise ModelError(
            "the package states no figure that could be quoted",
            where=name,
            remedy="Measure it: leave out --quote.",
        )
    if path.exists() and read_external_report(path).metrics:
        raise ModelError(
            "the package has been measured, which a quotation cannot replace",
            where=path,
            remedy="Delete the file first, if its figures are not wanted.",
        )
    return write_external_report(out, _report(package))


def measure_external(
    name: str,
    data: Fer2013,
    out: Path,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ExternalReport:
    """Measure a package on both test splits, with and without the mirrored faces.

    No look in the ledger's sense: nothing of ours is chosen by it.

    Args:
        name: of a registered package.
        data: FER2013.
        out: where ``<name>.json`` and ``<name>.npz`` (the arrays of a model's ``predictions.npz``)
            are written, each in one step.
        progress: is told how many of how many faces are done.

    Raises:
        ModelError: the package is not installed, or answers something else than probabilities of
            the seven classes.
    """
    package = get_package(name)
    splits = (Split.PUBLIC_TEST, Split.PRIVATE_TEST)
    total, done = 2 * sum(len(data.rows(split)) for split in splits), 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    arrays: dict[str, NDArray[np.float32]] = {}
    with open_package(name) as network:
        version = network.version
        for split, prefix in zip(splits, ("public", "private"), strict=True):
            pixels, _ = data.part(split)
            own = log_probabilities(network, pixels, name, told)
            mirrored = log_probabilities(network, pixels[:, :, ::-1], name, told)
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
        package,
        version=version,
        processor=processor_name(),
        dataset_fingerprint=data.fingerprint,
        temperature=temperature,
        metrics=Metrics.of(private, public),
    )
    write_npz(out / f"{name}.npz", arrays)
    write_external_report(out, report)
    return report


def _report(package: ExternalPackage, **measured: Any) -> ExternalReport:
    return ExternalReport(
        name=package.name,
        title=package.title,
        source=package.source,
        quoted=package.quoted,
        **measured,
    )
