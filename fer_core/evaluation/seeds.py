"""Further seeds of a network: ``seeds/<n>.json`` and ``.npz`` in a model's folder.

The same training begun with other numbers. No weights ship, but figures: the JSON file has them,
the other the logits that they come from and the learning curves, so that anybody with FER2013 can
have others from them. `freeze --seeds` writes both.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.dataset import FER2013
from fer_core.emotions import LABELS
from fer_core.errors import MienError, ModelError, StorageError
from fer_core.evaluation.summary import HISTORY_COLUMNS, LIMIT_BYTES, History
from fer_core.metrics import SplitReport
from fer_core.metrics.report import Share
from fer_core.storage.atomic import write_npz
from fer_core.storage.reading import fault, read_npz
from fer_core.storage.records import read_report, write_report
from fer_core.zoo import find_folders
from fer_core.zoo.card import SLUG_PATTERN

SEEDS = "seeds"
"""The folder in a model's folder."""

OUTCOMES = ("best_epoch", "replanned")
"""What a card's recipe has beside the settings: they differ from seed to seed."""

_LARGEST = np.finfo(np.float16).max
_CLIPPED = np.nextafter(_LARGEST, np.float16(0))
"""Leaves a step upwards to the winner of those that are larger."""


class SeedFigures(BaseModel):
    """One seed on one split: fractions, as in `SplitReport`, without test-time augmentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(ge=1)
    accuracy: Share
    accuracy_low: Share
    accuracy_high: Share
    accuracy_twin_free: Share
    macro_f1: Share

    @classmethod
    def of(cls, report: SplitReport) -> "SeedFigures":
        """Those of a split's figures that are kept of a seed."""
        return cls(**{name: getattr(report, name) for name in cls.model_fields})


class SeedReport(BaseModel):
    """One seed of a network, as ``seeds/<n>.json`` says it.

    Attributes:
        slug, seed: the architecture, and the source of all chance.
        weights_sha256: of its weights, as in the ledger; see `zoo.weights_digest`.
        recipe_name: of the recipe among those that ship; "" for one of somebody's own.
        recipe: every setting.
        epochs, best_epoch: trained, and which of them was the best on PublicTest.
        train_seconds: wall clock, on ``processor``.
        dataset: what it learned from; a named one's validation and test stand in the places of
            PublicTest and PrivateTest.
        public_test, private_test: its figures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=SLUG_PATTERN)
    seed: int = Field(ge=0)
    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    recipe_name: str
    recipe: dict[str, Any]
    epochs: int = Field(ge=1)
    best_epoch: int = Field(ge=1)
    train_seconds: float = Field(ge=0)
    processor: str
    precision: str
    dataset: str = FER2013
    dataset_fingerprint: str
    public_test: SeedFigures
    private_test: SeedFigures

    @property
    def tested_on(self) -> str:
        """What ``private_test`` is of, in words."""
        return "PrivateTest" if self.dataset == FER2013 else f"kept back of {self.dataset}"

    @property
    def chosen_on(self) -> str:
        """What ``public_test`` is of, in words."""
        return "PublicTest" if self.dataset == FER2013 else f"chosen on, of {self.dataset}"


def settings_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A card's recipe as it was asked for, the same for all seeds of a family."""
    return {name: value for name, value in recipe.items() if name not in OUTCOMES}


def to_halves(logits: NDArray[np.float32]) -> NDArray[np.float16]:
    """Logits (n, 7) as they are kept: float16, and every answer the same.

    Where rounding would let another class win, the winner goes up by the smallest step that
    float16 has there.
    """
    halves = logits.clip(-_CLIPPED, _CLIPPED).astype(np.float16)
    rows, winners = np.arange(len(logits)), logits.argmax(axis=1)
    moved = halves.argmax(axis=1) != winners
    rows, winners = rows[moved], winners[moved]
    halves[rows, winners] = np.nextafter(halves[rows].max(axis=1), _LARGEST)
    return halves


def keep_seed(
    folder: Path,
    report: SeedReport,
    logits: Mapping[str, NDArray[np.float32]],
    history: History,
) -> Path:
    """Keep a seed's figures beside its network, in place of those that are there.

    Args:
        folder: ``models/<slug>``.
        report: the figures.
        logits: ``public_logits`` and ``private_logits``, (n, 7).
        history: the learning curves.

    Returns:
        The JSON file.

    Raises:
        StorageError: they cannot be written.
    """
    path = folder / SEEDS / f"{report.seed}.json"
    # Logits first: figures without them could not be looked into.
    write_npz(
        path.with_suffix(".npz"),
        {name: to_halves(values) for name, values in logits.items()}
        | {"history": np.stack([history[name] for name in HISTORY_COLUMNS], 1).astype(np.float32)},
        compressed=True,
    )
    return write_report(path, report)


def read_seed(folder: Path, seed: int) -> SeedReport | None:
    """A seed's figures; None where it was not frozen.

    Raises:
        ModelError: the file is damaged, or of another seed or network.
    """
    report = read_report(
        folder / SEEDS / f"{seed}.json",
        SeedReport,
        "the figures of a seed cannot be used",
        _remedy(folder),
    )
    if report is not None and (report.slug, report.seed) != (folder.name, seed):
        raise ModelError(
            "the figures of a seed are another's",
            where=f"{folder.name}/{SEEDS}/{seed}.json",
            expected=f"{folder.name}, seed {seed}",
            received=f"{report.slug}, seed {report.seed}",
            remedy=_remedy(folder),
        )
    return report


def read_seeds(folder: Path) -> tuple[tuple[SeedReport, ...], list[MienError]]:
    """All seeds of a network in order, and what is wrong with the others; ((), []) for none."""
    found, errors = [], []
    for seed in _numbers(folder):
        try:
            report = read_seed(folder, seed)
        except MienError as error:
            errors.append(error)
            continue
        if report is not None:
            found.append(report)
    return tuple(found), errors


def _numbers(folder: Path) -> list[int]:
    names = (path.stem for path in (folder / SEEDS).glob("*.json"))
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def read_seed_logits(folder: Path, report: SeedReport) -> dict[str, NDArray[np.float32]]:
    """A seed's logits: ``public_logits`` and ``private_logits``, (n, 7) float32.

    Raises:
        ModelError: they are missing, or not those of these figures.
    """
    arrays = _arrays(folder, report)
    found = {}
    for name, figures in (
        ("public_logits", report.public_test),
        ("private_logits", report.private_test),
    ):
        values = arrays.get(name, np.empty(0))
        if values.shape != (figures.n, len(LABELS)) or not np.isfinite(values).all():
            raise _not_those(
                folder, report, f"{name} ({figures.n}, {len(LABELS)}), finite", values.shape
            )
        found[name] = np.asarray(values, np.float32)
    return found


def read_seed_history(folder: Path, report: SeedReport) -> History:
    """A seed's learning curves.

    Raises:
        ModelError: they are missing, or not those of these figures.
    """
    table = _arrays(folder, report).get("history", np.empty(0))
    shape = (report.epochs, len(HISTORY_COLUMNS))
    if table.shape != shape or not np.isfinite(table).all():
        raise _not_those(folder, report, f"history {shape}, finite", table.shape)
    return History(
        {name: table[:, at].astype(np.float64) for at, name in enumerate(HISTORY_COLUMNS)}
    )


def _arrays(folder: Path, report: SeedReport) -> dict[str, NDArray[Any]]:
    try:
        return read_npz(folder / SEEDS / f"{report.seed}.npz", LIMIT_BYTES)
    except (OSError, StorageError) as error:
        raise _not_those(folder, report, "an archive of arrays", fault(error)) from error


def _not_those(folder: Path, report: SeedReport, expected: str, received: object) -> ModelError:
    return ModelError(
        "the logits of a seed cannot be used",
        where=f"{folder.name}/{SEEDS}/{report.seed}.npz",
        expected=expected,
        received=received,
        remedy=_remedy(folder),
    )


def _remedy(folder: Path) -> str:
    return f"Restore the folder, or write it again: python -m fer_core freeze {folder.name} --seeds"


def read_all_seeds(*roots: Path) -> tuple[dict[Path, tuple[SeedReport, ...]], list[MienError]]:
    """The seeds of every network that has some, by its folder; and what is wrong with others.

    Args:
        roots: folders of models, see `find_folders`.
    """
    folders, _ = find_folders(*roots)
    found, errors = {}, []
    for folder in folders.values():
        reports, wrong = read_seeds(folder)
        errors += wrong
        if reports:
            found[folder] = reports
    return found, errors
