"""All studies of this machine: made, opened, listed, deleted."""

import json
import re
import shutil
from pathlib import Path

from fer_core.errors import StudyError
from fer_core.settings import get_settings
from fer_core.storage.atomic import write_text
from fer_core.storage.lock import locked
from fer_core.studies.database import DATABASE_FILE
from fer_core.studies.leader import LOCK_FILE
from fer_core.studies.place import ReadingsPlace
from fer_core.studies.schema import StudyRow
from fer_core.studies.settings import StudySettings
from fer_core.studies.store import Study, now

_NAME = re.compile(r"\w(?:[\w .-]{0,58}\w)?")


def studies_folder() -> Path:
    """Where studies lie: ``MIEN_STUDIES``, else in the user's data folder."""
    return get_settings().studies


def _folder_of(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise StudyError(
            "a study cannot be called so",
            expected="1 to 60 letters, digits, spaces, dots, - or _, beginning and ending with a "
            "letter or digit",
            received=name,
            remedy="Choose another name.",
        )
    return studies_folder() / name


def create_study(name: str, settings: StudySettings, *, readings: str = "") -> Study:
    """Make an empty study.

    Args:
        name: becomes a folder's name.
        settings: how it is to be read; may be changed later.
        readings: where readings go, see `ReadingsPlace`; "" for the study's own folder.

    Raises:
        StudyError: there is one of that name, or the name cannot be a folder's.
        StorageError: it cannot be written, or readings cannot be kept there.
    """
    folder = _folder_of(name)
    if readings:
        ReadingsPlace(readings)
    if (folder / DATABASE_FILE).exists():
        raise StudyError(
            "there is a study of that name already",
            where=name,
            remedy="Choose another name, or add to that one.",
        )
    write_text(folder / "README.txt", _README)
    study = Study(folder)
    with study.database.write() as session:
        session.add(
            StudyRow(
                id=1,
                created_at=now(),
                settings=settings.model_dump_json(),
                readings=readings,
                paused=False,
            )
        )
    return study


_README = """This folder is a study that was made with Mien. It is about people's faces.
study.db   recordings, sheet, edits and what was read when (SQLite)
readings   what was read from the videos, by parts (Parquet)
assembled  whose faces these are, smoothed; is made anew where it is missing
videos     videos that were uploaded or copied in
exports    tables and reports that were made here
To remove all of it: python -m fer_core study delete NAME, or delete this folder.
"""


def open_study(name: str) -> Study:
    """Open a study.

    Raises:
        StudyError: there is no such study, or its database is damaged or of a newer Mien.
    """
    folder = _folder_of(name)
    if not (folder / DATABASE_FILE).is_file():
        raise StudyError(
            "there is no such study",
            where=studies_folder(),
            expected=", ".join(list_studies()) or "a study; there is none yet",
            received=name,
            remedy=f"Make it: python -m fer_core study new {json.dumps(name)}",
        )
    return Study(folder)


def list_studies() -> tuple[str, ...]:
    """Names of all studies, sorted; () where there is none."""
    return tuple(sorted(path.parent.name for path in studies_folder().glob(f"*/{DATABASE_FILE}")))


def delete_study(name: str) -> None:
    """Remove a study with all that it holds: readings, exports, and videos that were taken in.

    Raises:
        StudyError: there is no such study, or it is being read.
        StorageError: readings that lie elsewhere cannot be removed; then nothing is.
    """
    folder = _folder_of(name)
    try:
        study = open_study(name)
    except StudyError:
        # A damaged database must not keep anybody from removing what is in the folder.
        with locked(folder / LOCK_FILE) as mine:
            if not mine or not (folder / DATABASE_FILE).is_file():
                raise
    else:
        with study.lead():
            study.place.delete()
    shutil.rmtree(folder)
