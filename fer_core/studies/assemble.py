"""Readings and edits -> one recording as it was mended: the step that can be made again.

What took long, following and smoothing, is kept in the study's folder and made anew only where
readings, merges or splits are others.
"""

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from fer_core.errors import MienError, StorageError, StudyError
from fer_core.pipeline.assembled import (
    NO_TRACK,
    Assembled,
    RowFollower,
    RowSmoother,
    joined_readings,
)
from fer_core.pipeline.readings import Readings, from_parquet
from fer_core.storage.atomic import write_npz
from fer_core.studies.edits import EDIT, Edit, edit_words
from fer_core.studies.mended import MendedRecording
from fer_core.studies.mending import Mending, Tracks, applicable
from fer_core.studies.queue import DONE, FAILED
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.schema import EditRow, PartRow
from fer_core.studies.settings import StudySettings
from fer_core.studies.store import ASSEMBLED_FOLDER, Study
from fer_core.studies.tasks import part_file

_ASSEMBLING_VERSION = 1
# Another way of following or smoothing gets another number: what was kept is then made anew.


class _Read(NamedTuple):
    """Parts of a recording that are read.

    Attributes:
        readings: of all of them, in the order of time.
        parts: by number, the SHA-256 of each one's file.
    """

    readings: Readings
    parts: dict[int, str]

    @property
    def key(self) -> str:
        """Names what was read, by its digests."""
        texts = (f"{number} {sha256}" for number, sha256 in self.parts.items())
        return _digest(str(_ASSEMBLING_VERSION), *texts)


class _Kept(NamedTuple):
    """What took long; `key` names the readings and the edits that it was made from."""

    read: str
    key: str
    followed: NDArray[np.int64]
    track_ids: NDArray[np.int64]
    smoothed: NDArray[np.float32]


class Assembler:
    """Assembles recordings of a study; what the database says of all of them is asked once."""

    def __init__(
        self,
        study: Study,
        settings: StudySettings | None = None,
        recording: StudyRecording | None = None,
    ) -> None:
        """Ask the database.

        Args:
            study: whose.
            settings: with which it was read; None: those that the study has now.
            recording: the only one that is wanted; None: any.
        """
        self._study, self._place = study, study.place
        self._settings = settings = settings or study.settings
        self._done: dict[int, dict[int, str]] = {}
        self._failed: Counter[int] = Counter()
        self._edits: dict[int, list[tuple[str, str]]] = {}
        parts = select(PartRow.recording_id, PartRow.number, PartRow.state, PartRow.sha256)
        parts = parts.where(PartRow.settings == settings.readings_key).order_by(PartRow.number)
        edits = select(EditRow.recording_id, EditRow.body, EditRow.followed)
        edits = edits.where(EditRow.undone.is_(False)).order_by(EditRow.id)
        if recording is not None:
            parts = parts.where(PartRow.recording_id == recording.id)
            edits = edits.where(EditRow.recording_id == recording.id)
        with study.database.read() as session:
            for key, number, state, sha256 in session.execute(parts):
                if state == DONE:
                    self._done.setdefault(key, {})[number] = sha256
                self._failed[key] += state == FAILED
            for key, body, followed in session.execute(edits):
                self._edits.setdefault(key, []).append((body, followed))

    def key_of(self, recording: StudyRecording) -> str:
        """Names all that is known of a recording: with equal keys, it is assembled to the same."""
        done = self._done.get(recording.id, {})
        edits = self._edits.get(recording.id, ())
        return _digest(repr((done, self._failed[recording.id], recording.parts, edits)))

    def assemble(
        self, recording: StudyRecording, edits: Sequence[Edit] | None = None
    ) -> MendedRecording:
        """See the function of this name."""
        problems: list[str] = []
        if edits is None:
            edits, problems = self._entered(recording)
        read = self._read(recording)
        path = self._study.folder / ASSEMBLED_FOLDER / f"{recording.name}.npz"
        kept = _load(path)
        if kept is not None and kept.read == read.key:
            followed = kept.followed
        else:
            followed = RowFollower().add(read.readings)
        edits, unfit = applicable(edits, tracks_of(recording, followed, read.readings))
        mending = Mending.of(edits)
        key = _digest(read.key, *(edit.model_dump_json() for edit in mending.relabellings))
        if kept is None or kept.key != key:
            kept = _made(read, key, followed, mending)
            _keep(path, kept)
        return MendedRecording(
            recording=recording,
            settings=self._settings,
            assembled=Assembled(read.readings, kept.track_ids, kept.smoothed),
            followed=followed,
            mending=mending,
            edits=edits,
            problems=(*problems, *unfit),
            parts=read.parts,
            failed=self._failed[recording.id],
        )

    def _entered(self, recording: StudyRecording) -> tuple[list[Edit], list[str]]:
        """Edits that are in force, and a sentence on each that speaks of faces found otherwise."""
        edits, problems = [], []
        for body, followed in self._edits.get(recording.id, ()):
            edit = EDIT.validate_json(body)
            if followed in ("", self._settings.tracks_key):
                edits.append(edit)
            else:
                problems.append(
                    f"{edit_words(edit)}: not applied, it was entered for faces found with "
                    f"{followed}, and these were found with {self._settings.tracks_key}."
                )
        return edits, problems

    def _read(self, recording: StudyRecording) -> _Read:
        """All parts that are done; each is what was entered, to the bit.

        Raises:
            StudyError: there is none, or one is damaged.
        """
        done, again = self._done.get(recording.id, {}), json.dumps(self._study.name)
        if not done:
            raise StudyError(
                "nothing of this recording is read yet",
                where=recording.name,
                remedy=f"Read it: python -m fer_core study run {again}",
            )
        parts = []
        for number, sha256 in done.items():
            file = part_file(self._settings.readings_key, recording.name, number)
            content = self._place.read(file)
            if content is None or hashlib.sha256(content).hexdigest() != sha256:
                raise StudyError(
                    "what was read of this recording is damaged or gone",
                    where=f"{recording.name}, part {number}",
                    expected=f"SHA-256 {sha256[:12]}…",
                    received="no file" if content is None else "another one",
                    remedy="Run the study: only this part is read again. "
                    f"python -m fer_core study run {again}",
                )
            parts.append(Readings.of_table(from_parquet(content)))
        return _Read(joined_readings(parts), done)


def assemble(
    study: Study,
    recording: StudyRecording,
    *,
    settings: StudySettings | None = None,
    edits: Sequence[Edit] | None = None,
) -> MendedRecording:
    """A recording's rows, as far as it is read, with a person's edits applied.

    Args:
        study: whose.
        recording: which.
        settings: with which it was read; None: those that the study has now.
        edits: to be applied; None: those that were entered and not taken back.

    Raises:
        StudyError: nothing of it is read yet, or what was read is damaged.
        StorageError: the place of the readings cannot be read.
    """
    return Assembler(study, settings, recording).assemble(recording, edits)


def tracks_of(recording: StudyRecording, followed: NDArray[np.int64], readings: Readings) -> Tracks:
    """Who is where before all edits."""
    face = followed != NO_TRACK
    return Tracks(followed[face], readings.time_s[face], recording.seconds)


def assemble_all(study: Study) -> None:
    """Assemble what was never assembled, so that nobody has to wait for it later."""
    assembler = Assembler(study)
    for recording in study.recordings():
        if not (study.folder / ASSEMBLED_FOLDER / f"{recording.name}.npz").exists():
            with suppress(MienError):  # nothing of it is read, or it cannot be reached
                assembler.assemble(recording)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _made(read: _Read, key: str, followed: NDArray[np.int64], mending: Mending) -> _Kept:
    track_ids, face = followed.copy(), followed != NO_TRACK
    track_ids[face] = mending.relabel(followed[face], read.readings.time_s[face])
    smoothed = RowSmoother().add(read.readings, track_ids)
    return _Kept(read.key, key, followed, track_ids, smoothed)


def _keep(path: Path, kept: _Kept) -> None:
    with suppress(StorageError):  # the disk is full: then it is made anew each time
        write_npz(
            path,
            {
                "keys": np.array([kept.read, kept.key]),
                "tracks": np.stack([kept.followed, kept.track_ids]).astype(np.int32),
                "smoothed": kept.smoothed,
            },
        )


def _load(path: Path) -> _Kept | None:
    try:
        with np.load(path) as arrays:
            read, key = arrays["keys"].tolist()
            followed, track_ids = arrays["tracks"].astype(np.int64)
            return _Kept(read, key, followed, track_ids, arrays["smoothed"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # none was made, or it is damaged: it is made anew
