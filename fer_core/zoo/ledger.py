"""``looks.csv``: how often each network was measured on PrivateTest, and by which weights."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from fer_core.faces import Restoration
from fer_core.settings import MODELS
from fer_core.storage.atomic import write_bytes
from fer_core.storage.reading import read_bytes
from fer_core.storage.records import read_rows
from fer_core.zoo.card import CARD_FILE, LIMIT_BYTES, SLUG_PATTERN, ModelCard
from fer_core.zoo.check import GRAPH_FILE, graph_tensors
from fer_core.zoo.graph import KERNEL_PREFIX

LEDGER_FILE = "looks.csv"


class Look(BaseModel):
    """One measurement of a network on PrivateTest: a row of the ledger.

    Attributes:
        date: the day.
        slug: the model.
        weights_sha256: see `weights_digest`.
        public_accuracy, private_accuracy: fractions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    slug: str = Field(pattern=SLUG_PATTERN)
    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    public_accuracy: float = Field(ge=0, le=1)
    private_accuracy: float = Field(ge=0, le=1)


def read_ledger(models: Path = MODELS) -> list[Look]:
    """All looks; [] where there is no ledger.

    Raises:
        ModelError: a row is not valid.
    """
    return read_rows(
        models / LEDGER_FILE,
        Look,
        "the ledger of looks at PrivateTest cannot be used",
        "Restore the file.",
    )


def enter_look(models: Path, look: Look) -> None:
    """Add a look at the end; the rows that are there stay as they are, to the byte.

    Raises:
        ModelError: the ledger that is there cannot be used.
        StorageError: it cannot be written.
    """
    path = models / LEDGER_FILE
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    before = path.read_bytes() if read_ledger(models) else b""
    if not before:
        writer.writerow(Look.model_fields)
    elif not before.endswith(b"\n"):
        text.write("\r\n")
    accuracies = (f"{value:.6f}" for value in (look.public_accuracy, look.private_accuracy))
    writer.writerow([look.date.isoformat(), look.slug, look.weights_sha256, *accuracies])
    write_bytes(path, before + text.getvalue().encode())


def enter_new_look(
    models: Path, slug: str, weights_sha256: str, *, public_accuracy: float, private_accuracy: float
) -> None:
    """Add a look of today, unless these very weights were looked at before: that tells nothing new.

    Raises:
        ModelError: the ledger that is there cannot be used.
        StorageError: it cannot be written.
    """
    if weights_sha256 in {look.weights_sha256 for look in read_ledger(models)}:
        return
    look = Look(
        date=datetime.now(UTC).date(),
        slug=slug,
        weights_sha256=weights_sha256,
        public_accuracy=public_accuracy,
        private_accuracy=private_accuracy,
    )
    enter_look(models, look)


def looks_by_slug(looks: Iterable[Look]) -> Counter[str]:
    """Number of looks for each model; 0 for any other."""
    return Counter(look.slug for look in looks)


def stored_weights_digest(folder: Path) -> str:
    """The digest in the ledger: over the kernels of a folder's graph, as float16.

    The same kernels behind another restoration of the face answer differently: that is another
    digest, and a look of its own.
    """
    tensors = graph_tensors(folder / GRAPH_FILE)
    kernels = {n: t for n, t in tensors.items() if n.startswith(KERNEL_PREFIX)}
    return weights_digest(kernels, restoration=_restoration(folder))


def _restoration(folder: Path) -> Restoration:
    """As the folder's card says; a folder that is still being written has none."""
    path = folder / CARD_FILE
    if not path.exists():
        return Restoration.NONE
    return ModelCard.model_validate_json(read_bytes(path, LIMIT_BYTES)).input.restoration


def weights_digest(
    tensors: Mapping[str, NDArray[Any]], *, restoration: Restoration = Restoration.NONE
) -> str:
    """SHA-256 over float16 tensors in name order: the same however a graph is packed.

    Args:
        tensors: by name.
        restoration: see `fer_core.faces.InputSpec`.
    """
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensors[name], np.float16).tobytes())
    if restoration != Restoration.NONE:
        digest.update(restoration.encode())
    return digest.hexdigest()
