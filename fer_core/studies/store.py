"""A study on disk: a folder with a database, readings and exports, opened.

``study.db`` has everything but the readings themselves. Any number of programs may look at a study
and change it, one at a time and for milliseconds each; one at most leads, that is hands out parts.
"""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter
from sqlalchemy import delete, select

from fer_core.errors import MienError, StudyError
from fer_core.media.videos import VideoIndex
from fer_core.storage.atomic import new_stream
from fer_core.studies.database import DATABASE_FILE, Database
from fer_core.studies.leader import Leader, leading, who_leads
from fer_core.studies.place import ReadingsPlace
from fer_core.studies.recordings import (
    Examined,
    StudyRecording,
    Tell,
    examine,
    name_for,
    videos_in,
)
from fer_core.studies.schema import PartRow, RecordingRow, StudyRow
from fer_core.studies.settings import StudySettings

ASSEMBLED_FOLDER = "assembled"
"""Of a study's folder: what was followed and smoothed, and can be made anew."""

SUMS_FILE = "sums.zip"
"""In there: what each recording adds to the findings, see `fer_core.studies.sums`."""

_INDEX = TypeAdapter(VideoIndex)


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a file that was to be added.

    Attributes:
        path: the file.
        recording: what it is now; None where it could not be added.
        error: why not, in a sentence; "" where it was.
    """

    path: Path
    recording: StudyRecording | None = None
    error: str = ""


class Study:
    """An open study. Safe to share between threads.

    Attributes:
        name, folder: of it.
        database: its tables.
    """

    def __init__(self, folder: Path) -> None:
        """Open it; see `open_study`."""
        self.name, self.folder = folder.name, folder
        self.database = Database(folder / DATABASE_FILE)

    # --- settings ---

    @property
    def settings(self) -> StudySettings:
        """How it is read."""
        with self.database.read() as session:
            return StudySettings.model_validate_json(session.get_one(StudyRow, 1).settings)

    @settings.setter
    def settings(self, settings: StudySettings) -> None:
        """Read it otherwise from now on; what was read with others is kept, and found again."""
        with self.database.write() as session:
            session.get_one(StudyRow, 1).settings = settings.model_dump_json()

    @property
    def place(self) -> ReadingsPlace:
        """Where its readings lie."""
        with self.database.read() as session:
            address = session.get_one(StudyRow, 1).readings
        # Elsewhere, other studies may lie beside it.
        return ReadingsPlace(
            f"{address.rstrip('/')}/{self.name}" if address else str(self.folder / "readings")
        )

    # --- recordings ---

    def recordings(self) -> tuple[StudyRecording, ...]:
        """All of them, in the order in which they are read."""
        with self.database.read() as session:
            rows = session.scalars(
                select(RecordingRow).order_by(RecordingRow.priority.desc(), RecordingRow.id)
            ).all()
            return tuple(_recording(row) for row in rows)

    def recording(self, name: str) -> StudyRecording:
        """One of them by its name.

        Raises:
            StudyError: there is none of that name.
        """
        known = name.encode(errors="replace").decode()  # no database takes half a character
        with self.database.read() as session:
            row = session.scalars(select(RecordingRow).where(RecordingRow.name == known)).first()
            if row is not None:
                return _recording(row)
            names = session.scalars(select(RecordingRow.name)).all()
        raise StudyError(
            "there is no such recording",
            where=self.name,
            expected=", ".join(names[:20]) or "a recording; there is none yet",
            received=name,
            remedy="Name one that is there, or add its file first.",
        )

    def index_of(self, recording: StudyRecording) -> VideoIndex:
        """What is in a recording's file."""
        with self.database.read() as session:
            text = session.scalars(
                select(RecordingRow.index).where(RecordingRow.id == recording.id)
            ).one()
        return _INDEX.validate_json(text)

    def add(
        self, paths: Iterable[Path], *, copy: bool = False, tell: Tell | None = None
    ) -> list[Added]:
        """Add videos; one that cannot be read gets its sentence, the others are added.

        Args:
            paths: files, and folders that stand for all videos in them and below.
            copy: take them into the study's folder; else they stay where they are.
            tell: told how far it is.

        Returns:
            What came of each file, in order.
        """
        return [self._add(path, copy, tell) for path in videos_in(paths)]

    def add_upload(self, name: str, stream: BinaryIO, tell: Tell | None = None) -> Added:
        """Add a video that came from elsewhere; it is kept in the study's folder.

        Args:
            name: the file's name, not to be trusted.
            stream: its bytes.
            tell: told how far it is.

        Raises:
            StorageError: it cannot be written.
        """
        path = self.place_for(Path(name))
        with new_stream(path) as target:
            shutil.copyfileobj(stream, target, 8_000_000)
        added = self._add(path, False, tell, copied=True)
        if added.recording is None:
            path.unlink(missing_ok=True)
        return added

    def _add(self, path: Path, copy: bool, tell: Tell | None, *, copied: bool = False) -> Added:
        try:
            found = examine(path, tell)
            if earlier := self.known(found):
                raise StudyError(
                    "this video is in the study already",
                    where=path.name,
                    received=f"the same as {earlier}",
                    remedy="Leave it out; it is read once.",
                )
            if copy:
                own = self.place_for(path)
                with path.open("rb") as source, new_stream(own) as target:
                    shutil.copyfileobj(source, target, 8_000_000)
                state = own.stat()
                found = Examined(own, state.st_size, state.st_mtime_ns, found.sha256, found.index)
            return Added(path, self.enter(found, path, copied or copy))
        except MienError as error:
            return Added(path, error=str(error))

    def known(self, found: Examined) -> str | None:
        """The recording of this very file, by its digest; None where there is none."""
        with self.database.read() as session:
            return session.scalars(
                select(RecordingRow.name).where(RecordingRow.sha256 == found.sha256)
            ).first()

    def place_for(self, path: Path) -> Path:
        """A place in the study's folder for a video that is taken in."""
        folder = self.folder / "videos"
        taken = [file.stem for file in folder.glob("*")]
        return folder / (name_for(path, taken) + path.suffix.lower()[:8])

    def enter(self, found: Examined, path: Path, copied: bool) -> StudyRecording:
        """Enter a file that was looked into.

        Args:
            found: what is in it.
            path: whose name it gets.
            copied: whether the file lies in the study's folder, and goes with it.
        """
        with self.database.write() as session:
            row = RecordingRow(
                name=name_for(path, session.scalars(select(RecordingRow.name)).all()),
                path=str(found.path),
                copied=copied,
                bytes=found.bytes,
                modified_ns=found.modified_ns,
                sha256=found.sha256,
                added_at=now(),
                recorded_at=found.index.recorded_at,
                seconds=found.index.seconds,
                frames=found.index.frames,
                parts=len(found.index.parts),
                notes="\n".join(found.index.notes),
                index=_INDEX.dump_json(found.index).decode(),
                priority=0,
                error="",
            )
            session.add(row)
            session.flush()
            return _recording(row)

    def remove(self, recording: StudyRecording) -> None:
        """Take a recording out, with its readings, its rows of the sheet and its edits.

        The video itself goes only where it was taken in.

        Raises:
            StudyError: the study is being read.
        """
        with self.lead():
            with self.database.write() as session:
                keys = session.scalars(
                    select(PartRow.settings).where(PartRow.recording_id == recording.id).distinct()
                ).all()
                session.execute(delete(RecordingRow).where(RecordingRow.id == recording.id))
            for key in keys:
                self.place.delete(f"{key}/{recording.name}")
            for kept in (f"{recording.name}.npz", SUMS_FILE):
                (self.folder / ASSEMBLED_FOLDER / kept).unlink(missing_ok=True)
            if recording.copied:
                recording.path.unlink(missing_ok=True)

    def prioritise(self, recording: StudyRecording, priority: int) -> None:
        """Have a recording read before those of a lower priority; new ones have 0."""
        with self.database.write() as session:
            session.get_one(RecordingRow, recording.id).priority = priority

    # --- leading ---

    def lead(self) -> AbstractContextManager[None]:
        """Be the one that hands out parts; see `fer_core.studies.leader.leading`."""
        return leading(self.folder)

    def leader(self) -> Leader | None:
        """Who leads at this moment; see `fer_core.studies.leader.who_leads`."""
        return who_leads(self.folder)


def _recording(row: RecordingRow) -> StudyRecording:
    return StudyRecording(
        id=row.id,
        name=row.name,
        path=Path(row.path),
        copied=row.copied,
        bytes=row.bytes,
        modified_ns=row.modified_ns,
        sha256=row.sha256,
        added_at=row.added_at,
        recorded_at=row.recorded_at,
        seconds=row.seconds,
        frames=row.frames,
        parts=row.parts,
        notes=tuple(row.notes.splitlines()),
        priority=row.priority,
        error=row.error,
    )


def now() -> str:
    """This moment in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
