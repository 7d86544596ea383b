"""``receipt.json``: what a study's tables were made of, and whether that still gives the same."""

import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from fer_core import __version__
from fer_core.errors import StorageError, StudyError
from fer_core.storage.atomic import write_text
from fer_core.storage.reading import fault, read_bytes
from fer_core.studies.export import Basis, Exported, Format, basis_of, export_tables
from fer_core.studies.recordings import file_digest
from fer_core.studies.store import Study, now

RECEIPT = "receipt.json"
MOST_BYTES = 100_000_000

_LIBRARIES = ("av", "numpy", "onnxruntime", "opencv-python-headless", "pandas", "pyarrow", "scipy")
# Another version of one of these may read or count otherwise.


class FileDigest(BaseModel):
    """A file's SHA-256 and length."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    bytes: int


class RecordingReceipt(BaseModel):
    """A recording that is in the tables.

    Attributes:
        name, file: what the study calls it, and its file's name.
        sha256, bytes, recorded_at, seconds: of the file; see `StudyRecording`.
        parts: by number, the SHA-256 of what was read; a part that is missing was not read.
        parts_of: how many parts it has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    sha256: str
    bytes: int
    recorded_at: str
    seconds: float
    parts: dict[int, str]
    parts_of: int


class Receipt(BaseModel):
    """What tables were made of.

    Attributes:
        study, made_at: of which study, and when, in ISO 8601.
        version: Mien's.
        made_with: Python, machine and libraries.
        format: of the tables.
        basis: settings, sheet and edits.
        recordings: that are in the tables.
        tables: by file name.
        notes: sentences on what is missing in them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    made_at: str
    version: str
    made_with: dict[str, str]
    format: Format
    basis: Basis
    recordings: tuple[RecordingReceipt, ...]
    tables: dict[str, FileDigest]
    notes: tuple[str, ...]


def export_with_receipt(
    study: Study,
    folder: Path,
    form: Format = "csv",
    *,
    tell: Callable[[str], None] | None = None,
) -> tuple[Exported, Path]:
    """`export_tables`, and a receipt beside them.

    Returns:
        What was written, and the receipt's path.

    Raises:
        StudyError: nothing is read yet.
        StorageError: it cannot be written.
    """
    basis = basis_of(study)
    exported = export_tables(study, folder, form, basis=basis, tell=tell)
    receipt = Receipt(
        study=study.name,
        made_at=now(),
        version=__version__,
        made_with=made_with(),
        format=form,
        basis=basis,
        recordings=tuple(
            RecordingReceipt(
                name=recording.name,
                file=recording.path.name,
                sha256=recording.sha256,
                bytes=recording.bytes,
                recorded_at=recording.recorded_at,
                seconds=recording.seconds,
                parts=dict(exported.recordings[recording.name]),
                parts_of=recording.parts,
            )
            for recording in sorted(study.recordings(), key=lambda each: each.id)
            if recording.name in exported.recordings
        ),
        tables={path.name: digest_of(path) for path in exported.tables},
        notes=exported.notes,
    )
    path = write_text(folder / RECEIPT, receipt.model_dump_json(indent=2) + "\n")
    return exported, path


def made_with() -> dict[str, str]:
    """Versions of Python and of the libraries that read and count here, and the machine."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # OpenCV has several names
            continue
    return found


def digest_of(path: Path) -> FileDigest:
    """Of a file as it lies there."""
    return FileDigest(sha256=file_digest(path), bytes=path.stat().st_size)


def read_receipt(path: Path) -> Receipt:
    """A receipt from its file.

    Raises:
        StudyError: it cannot be read, or is none.
    """
    try:
        return Receipt.model_validate_json(read_bytes(path, MOST_BYTES))
    except (OSError, ValueError, StorageError) as error:
        raise StudyError(
            "this is no receipt",
            where=path,
            expected=f"{RECEIPT} as study export writes it",
            received=fault(error),
            remedy="Name the receipt that lies beside the tables.",
        ) from error
