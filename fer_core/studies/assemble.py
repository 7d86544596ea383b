"""Readings and edits -> one recording as it was mended: the step that can be made again.

What took long, following and smoothing, is kept in the study's folder and made anew only where
readings, merges or splits are others.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from fer_core.errors import StorageError, StudyError
from fer_core.pipeline.assembled import (
    NO_TRACK,
    Assembled,
    RowFollower,
    RowSmoother,
    joined_readings,
)
from fer_core.pipeline.readings import Readings, from_parquet
from fer_core.pipeline.recording import Network, Recording
from fer_core.storage.atomic import write_npz
from fer_core.studies.edits import EDIT, Edit, Mending, Tracks, applicable, edit_words
from fer_core.studies.parts import part_file
from fer_core.studies.queue import DONE, FAILED
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.schema import EditRow, PartRow
from fer_core.studies.settings import StudySettings
from fer_core.studies.store import ASSEMBLED_FOLDER, Study

_ASSEMBLING_VERSION = 1
# Another way of following or smoothing gets another number: what was kept is then made anew.


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """A face of a recording, as it was mended.

    Attributes:
        track_id: by which edits and tables know it.
        name: what it is called; "" without a name.
        from_s, to_s: when it is first and last seen, seconds from the recording's start.
        seconds: for how long it is seen.
        ignored: whether it does not count.
    """

    track_id: int
    name: str
    from_s: float
    to_s: float
    seconds: float
    ignored: bool


@dataclass(frozen=True, eq=False)
class MendedRecording:
    """All that is known of a recording: m rows as read, followed, mended and smoothed.

    Attributes:
        recording: which.
        settings: with which it was read.
        assembled: its rows; track ids as mended, smoothed after that.
        followed: (m,) int64 track ids as they were followed, before any edit.
        mending: what the edits come to.
        edits: those that were applied, in their order.
        problems: a sentence on each edit that cannot be applied.
        parts: by the number of each part that was read, the SHA-256 of its file.
        failed: how many parts cannot be read; their rows are missing.
    """

    recording: StudyRecording
    settings: StudySettings
    assembled: Assembled
    followed: NDArray[np.int64]
    mending: Mending
    edits: tuple[Edit, ...]
    problems: tuple[str, ...]
    parts: Mapping[int, str]
    failed: int

    @property
    def waiting(self) -> int:
        """How many parts are not read yet; their rows are missing."""
        return self.recording.parts - len(self.parts) - self.failed

    def __len__(self) -> int:
        return len(self.assembled)

    @property
    def readings(self) -> Readings:
        """As each frame alone says."""
        return self.assembled.readings

    @cached_property
    def has_face(self) -> NDArray[np.bool_]:
        """(m,) whether a row is of a face that counts: not of one that is ignored."""
        track_ids = self.assembled.track_ids
        return np.asarray((track_ids != NO_TRACK) & ~self.mending.is_ignored(track_ids))

    @cached_property
    def excluded(self) -> NDArray[np.bool_]:
        """(m,) whether a row lies in a stretch that is left out."""
        return self.mending.is_excluded(self.readings.time_s)

    @property
    def track_ids(self) -> tuple[int, ...]:
        """Each face that counts once, the one with the most rows first."""
        return self.shown(0).tracks

    def faces(self) -> tuple[FaceSeen, ...]:
        """Every face, also those that do not count, in the order of their track ids."""
        ids, times, steps = self.assembled.track_ids, self.readings.time_s, self.readings.step_s
        seen = []
        for track_id in np.unique(ids[ids != NO_TRACK]).tolist():
            rows = np.flatnonzero(ids == track_id)
            seen.append(
                FaceSeen(
                    track_id=track_id,
                    name=self.mending.names.get(track_id, ""),
                    from_s=float(times[rows[0]]),
                    to_s=float(times[rows[-1]] + steps[rows[-1]]),
                    seconds=float(steps[rows].sum()),
                    ignored=track_id in self.mending.ignored,
                )
            )
        return tuple(seen)

    def name_of(self, track_id: int) -> str:
        """What a face is called."""
        return self.mending.names.get(track_id, f"face {track_id}")

    def probabilities(self, network: int) -> NDArray[np.float32]:
        """(m, 7) that findings are made from, raw or smoothed as the study says."""
        of = self.assembled.smoothed if self.settings.smoothed else self.readings.probabilities
        return np.asarray(of[network])

    def is_unsure(self, network: int) -> NDArray[np.bool_]:
        """(m,) whether a network is unsure of a row's face; False without one."""
        highest = np.nan_to_num(self.probabilities(network), nan=1.0).max(axis=1, initial=0.0)
        return np.asarray(highest < self.settings.networks[network].unsure_threshold)

    def shown(self, network: int = 0, *, with_ignored: bool = False) -> Recording:
        """What one network reads, for timelines and stretches; all times, also those left out.

        Args:
            network: number of the one that is asked.
            with_ignored: also faces that do not count.
        """
        rows = self.assembled.track_ids != NO_TRACK if with_ignored else self.has_face
        return Recording(
            seconds=self.readings.time_s[rows],
            track_ids=self.assembled.track_ids[rows],
            raw=self.readings.probabilities[network][rows],
            smoothed=self.probabilities(network)[rows],
            unsure=self.is_unsure(network)[rows],
            steps_s=self.readings.step_s[rows],
            markers=self.mending.events,
            networks=(Network(0.0, self.readings.networks[network]),),
            duration_s=self.recording.seconds,
        )


class _Read(NamedTuple):
    """Parts of a recording that are read.

    Attributes:
        readings: of all of them, in the order of time.
        parts: by number, the SHA-256 of each one's file.
        failed: how many parts cannot be read.
    """

    readings: Readings
    parts: dict[int, str]
    failed: int

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
    settings = settings or study.settings
    problems: list[str] = []
    if edits is None:
        edits, problems = _entered(study, recording, settings)
    read = _read(study, recording, settings)
    path = study.folder / ASSEMBLED_FOLDER / f"{recording.name}.npz"
    kept = _load(path)
    followed = kept.followed if kept and kept.read == read.key else RowFollower().add(read.readings)
    edits, unfit = applicable(edits, tracks_of(recording, followed, read.readings))
    mending = Mending.of(edits)
    key = _digest(read.key, *(edit.model_dump_json() for edit in mending.relabellings))
    if kept is None or kept.key != key:
        kept = _made(read, key, followed, mending)
        _keep(path, kept)
    return MendedRecording(
        recording=recording,
        settings=settings,
        assembled=Assembled(read.readings, kept.track_ids, kept.smoothed),
        followed=followed,
        mending=mending,
        edits=edits,
        problems=(*problems, *unfit),
        parts=read.parts,
        failed=read.failed,
    )


def tracks_of(recording: StudyRecording, followed: NDArray[np.int64], readings: Readings) -> Tracks:
    """Who is where before all edits."""
    face = followed != NO_TRACK
    return Tracks(followed[face], readings.time_s[face], recording.seconds)


def _entered(
    study: Study, recording: StudyRecording, settings: StudySettings
) -> tuple[list[Edit], list[str]]:
    """Edits that are in force, and a sentence on each that speaks of faces found otherwise."""
    with study.database.read() as session:
        rows = session.scalars(
            select(EditRow)
            .where(EditRow.recording_id == recording.id, EditRow.undone.is_(False))
            .order_by(EditRow.id)
        ).all()
    edits, problems = [], []
    for row in rows:
        edit = EDIT.validate_json(row.body)
        if row.followed in ("", settings.tracks_key):
            edits.append(edit)
        else:
            problems.append(
                f"{edit_words(edit)}: not applied, it was entered for faces found with "
                f"{row.followed}, and these were found with {settings.tracks_key}."
            )
    return edits, problems


def _read(study: Study, recording: StudyRecording, settings: StudySettings) -> _Read:
    """All parts that are done; each is what was entered, to the bit.

    Raises:
        StudyError: there is none, or one is damaged.
    """
    with study.database.read() as session:
        rows = session.scalars(
            select(PartRow)
            .where(PartRow.recording_id == recording.id, PartRow.settings == settings.readings_key)
            .order_by(PartRow.number)
        ).all()
    done = {row.number: row.sha256 for row in rows if row.state == DONE}
    failed = sum(row.state == FAILED for row in rows)
    if not done:
        raise StudyError(
            "nothing of this recording is read yet",
            where=recording.name,
            remedy=f"Read it: python -m fer_core study run {json.dumps(study.name)}",
        )
    place, parts = study.place, []
    for number, sha256 in done.items():
        file = part_file(settings, recording.name, number)
        content = place.read(file)
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise StudyError(
                "what was read of this recording is damaged or gone",
                where=f"{recording.name}, part {number}",
                expected=f"SHA-256 {sha256[:12]}…",
                received="no file" if content is None else "another one",
                remedy="Run the study: only this part is read again. "
                f"python -m fer_core study run {json.dumps(study.name)}",
            )
        parts.append(Readings.of_table(from_parquet(content)))
    return _Read(joined_readings(parts), done, failed)


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
