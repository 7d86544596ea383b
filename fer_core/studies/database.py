"""``study.db``, opened, and how one that an older Mien wrote becomes one of today.

SQLite in WAL mode: who looks at a study never waits for who writes it. One writes at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, PoolProxiedConnection

from fer_core.errors import StudyError

DATABASE_FILE = "study.db"

_PATIENCE_MS = 10_000
# Others write for milliseconds.

_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE study (id INTEGER NOT NULL PRIMARY KEY, created_at VARCHAR NOT NULL, "
        "settings VARCHAR NOT NULL, readings VARCHAR NOT NULL, paused BOOLEAN NOT NULL)",
        "CREATE TABLE recordings (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, "
        "path VARCHAR NOT NULL, copied BOOLEAN NOT NULL, bytes INTEGER NOT NULL, "
        "modified_ns INTEGER NOT NULL, sha256 VARCHAR NOT NULL, added_at VARCHAR NOT NULL, "
        "recorded_at VARCHAR NOT NULL, seconds DOUBLE NOT NULL, frames INTEGER NOT NULL, "
        "parts INTEGER NOT NULL, notes VARCHAR NOT NULL, "
        '"index" VARCHAR NOT NULL, priority INTEGER NOT NULL, error VARCHAR NOT NULL)',
        "CREATE TABLE entries (id INTEGER NOT NULL PRIMARY KEY, recording_id INTEGER NOT NULL "
        "REFERENCES recordings (id) ON DELETE CASCADE, participant VARCHAR NOT NULL, "
        "condition VARCHAR NOT NULL, start_s DOUBLE, end_s DOUBLE, onset_s DOUBLE, face INTEGER, "
        "note VARCHAR NOT NULL)",
        "CREATE TABLE parts (recording_id INTEGER NOT NULL REFERENCES recordings (id) "
        "ON DELETE CASCADE, settings VARCHAR NOT NULL, number INTEGER NOT NULL, "
        "state VARCHAR NOT NULL, attempts INTEGER NOT NULL, error VARCHAR NOT NULL, "
        "sha256 VARCHAR NOT NULL, bytes INTEGER NOT NULL, frames INTEGER NOT NULL, "
        "damaged INTEGER NOT NULL, took_s DOUBLE NOT NULL, done_at DOUBLE NOT NULL, "
        "PRIMARY KEY (recording_id, settings, number))",
        "CREATE TABLE edits (id INTEGER NOT NULL PRIMARY KEY, recording_id INTEGER NOT NULL "
        "REFERENCES recordings (id) ON DELETE CASCADE, created_at VARCHAR NOT NULL, "
        "body VARCHAR NOT NULL, undone BOOLEAN NOT NULL)",
        "CREATE TABLE runs (id INTEGER NOT NULL PRIMARY KEY, engine VARCHAR NOT NULL, "
        "workers INTEGER NOT NULL, pid INTEGER NOT NULL, host VARCHAR NOT NULL, "
        "started_at DOUBLE NOT NULL, seen_at DOUBLE NOT NULL, ended_at DOUBLE, "
        "sentence VARCHAR NOT NULL)",
    ),
    ("ALTER TABLE edits ADD COLUMN followed VARCHAR NOT NULL DEFAULT ''",),
    ("CREATE TABLE reading_settings (key VARCHAR NOT NULL PRIMARY KEY, body VARCHAR NOT NULL)",),
)
"""What makes a database of version n out of one of version n - 1; never changed, only added to."""

SCHEMA_VERSION = len(_MIGRATIONS)


class Database:
    """``study.db``, opened. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open it, and bring it to today's version.

        Raises:
            StudyError: it is no such database, a damaged one, one of a newer Mien, or cannot be
                written.
        """
        self._path = path
        # No pool: a file's connection is cheap, and none is left open in a thread that ended.
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        with self._in_sentences():
            self._migrate()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Look at all tables as they are at this moment."""
        with self._in_sentences(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Change tables: all that is done in the block, or nothing.

        Raises:
            StudyError: others write for longer than ten seconds, the disk is full, or the database
                is damaged.
        """
        engine = self._engine.execution_options(writes=True)
        with self._in_sentences(), Session(engine) as session, session.begin():
            yield session

    def _migrate(self) -> None:
        with self._engine.execution_options(writes=True).begin() as connection:
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
            if version > SCHEMA_VERSION:
                raise StudyError(
                    "this study was made with a newer version",
                    where=self._path.parent.name,
                    expected=f"tables of version {SCHEMA_VERSION} or before",
                    received=version,
                    remedy="Install the newest version of Mien.",
                )
            for statements in _MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(text(statement))
            if version < SCHEMA_VERSION:
                connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))

    @contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            told = str(error.orig)
            what, remedy = next(
                (sentence for sign, sentence in _FAULTS.items() if sign in told), _OTHER_FAULT
            )
            raise StudyError(
                what, where=self._path.parent.name, received=told, remedy=remedy
            ) from error


_FAULTS = {
    "database is locked": (
        "the study's database is being written by another program",
        "Try again in a moment. If it stays so, end the other program.",
    ),
    "disk is full": (
        "the study's database cannot be written, because the disk is full",
        "Free some room there; nothing that was read is lost.",
    ),
    "readonly": (
        "the study's database cannot be written",
        "Check that you may write to its folder.",
    ),
    "unable to open": (
        "the study's database cannot be opened",
        "Check that its folder is there and that you may write to it.",
    ),
}
_OTHER_FAULT = (
    "the study's database is damaged",
    "Bring study.db back from a backup. Readings and videos are not hurt.",
)


def _prepare(connection: PoolProxiedConnection, _: object) -> None:
    # Transactions are begun by `_begin`: the driver's own wait until something is written, and
    # then it may be too late for a lock.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
