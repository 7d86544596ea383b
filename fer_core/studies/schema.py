"""The tables of ``study.db``; `fer_core.studies.database` makes and renews them."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Of all tables."""


class StudyRow(Base):
    """The study itself; one row.

    Attributes:
        settings: `StudySettings` as JSON.
        readings: where readings lie, an address for `pyarrow.fs`; "" for the study's own folder.
        paused: whether whoever leads should hand out no more parts.
    """

    __tablename__ = "study"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[str]
    settings: Mapped[str]
    readings: Mapped[str]
    paused: Mapped[bool]


class RecordingRow(Base):
    """A video of the study; see `fer_core.studies.recordings.StudyRecording`.

    Attributes:
        notes: one a line.
        index: `VideoIndex` as JSON; tens of kilobytes for hours.
    """

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    path: Mapped[str]
    copied: Mapped[bool]
    bytes: Mapped[int]
    modified_ns: Mapped[int]
    sha256: Mapped[str]
    added_at: Mapped[str]
    recorded_at: Mapped[str]
    seconds: Mapped[float]
    frames: Mapped[int]
    parts: Mapped[int]
    notes: Mapped[str]
    index: Mapped[str] = mapped_column(deferred=True)
    priority: Mapped[int]
    error: Mapped[str]


class EntryRow(Base):
    """A row of the sheet; see `fer_core.studies.sheet.Entry`."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    participant: Mapped[str]
    condition: Mapped[str]
    start_s: Mapped[float | None]
    end_s: Mapped[float | None]
    onset_s: Mapped[float | None]
    face: Mapped[int | None]
    note: Mapped[str]


class PartRow(Base):
    """A part of a recording that was begun, with these settings; one without a row is missing.

    Attributes:
        settings: key of the `ReadingSettings`.
        state: ``reading``, ``done`` or ``failed``.
        attempts: how often it was begun.
        error: why it failed, or why it was begun again.
        sha256, bytes: of its file, once it is done.
        frames, damaged: decoded, and not decoded as they should.
        took_s: how long reading it took.
        done_at: when, in seconds since 1970.
    """

    __tablename__ = "parts"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    settings: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int]
    error: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int]
    frames: Mapped[int]
    damaged: Mapped[int]
    took_s: Mapped[float]
    done_at: Mapped[float]


class SettingsRow(Base):
    """Settings with which the study was read at some time.

    Attributes:
        key: `StudySettings.readings_key`, which names its parts.
        body: `StudySettings` as JSON.
    """

    __tablename__ = "reading_settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]


class EditRow(Base):
    """What a person mended; see `fer_core.studies.edits`.

    Attributes:
        body: the edit as JSON.
        undone: whether it was taken back.
        followed: `StudySettings.tracks_key` of the faces that it speaks of; "" where of none.
    """

    __tablename__ = "edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    created_at: Mapped[str]
    body: Mapped[str]
    undone: Mapped[bool]
    followed: Mapped[str]


class RunRow(Base):
    """A run of the queue.

    Attributes:
        engine, workers: what read, and how many at once.
        pid, host: of the process that led.
        started_at, seen_at: when it began and was last alive, seconds since 1970.
        ended_at: None while it runs, and where it was killed.
        sentence: why it ended before everything was read; "" where it did not.
    """

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    engine: Mapped[str]
    workers: Mapped[int]
    pid: Mapped[int]
    host: Mapped[str]
    started_at: Mapped[float]
    seen_at: Mapped[float]
    ended_at: Mapped[float | None]
    sentence: Mapped[str]
