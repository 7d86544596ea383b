"""One recording as it was mended: what was read of it, whose faces these are, and what counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fer_core.pipeline.assembled import NO_TRACK, Assembled
from fer_core.pipeline.readings import Readings
from fer_core.pipeline.recording import Network, Recording
from fer_core.pipeline.worth import expected_right, prediction_sets
from fer_core.studies.edits import Edit
from fer_core.studies.mending import Mending
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.settings import StudySettings


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

    @cached_property
    def networks_read(self) -> tuple[int, ...]:
        """Numbers of the networks that said something of its faces; all, where there is none.

        Of a live recording, which has no pictures, only the one that read it then.
        """
        face = self.readings.face_row >= 0
        said = ~np.isnan(self.readings.probabilities[:, face, 0]).all(axis=1)
        return tuple(np.flatnonzero(said | ~face.any()).tolist())

    @property
    def track_ids(self) -> tuple[int, ...]:
        """Each face that counts once, the one with the most rows first."""
        return self.shown().tracks

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

    def expected_right(self, network: int) -> NDArray[np.float32]:
        """(m,) see `fer_core.pipeline.worth.expected_right`; NaN without a face."""
        told, readings = self.settings.networks[network].confidence, self.readings
        return expected_right(told, self.probabilities(network), readings.quality, readings.scores)

    def set_sizes(self, network: int) -> NDArray[np.float32]:
        """(m,) how many classes are in each face's prediction set; NaN where there is none."""
        probabilities = self.probabilities(network)
        sets = prediction_sets(self.settings.networks[network].confidence, probabilities)
        if sets is None:
            return np.full(len(self), np.nan, np.float32)
        sizes = sets.sum(axis=1, dtype=np.float32)
        return np.where(np.isnan(probabilities[:, 0]), np.float32(np.nan), sizes)

    def shown(self, network: int | None = None, *, with_ignored: bool = False) -> Recording:
        """What one network reads, for timelines and stretches; all times, also those left out.

        Args:
            network: number of the one that is asked; None: the first one that read.
            with_ignored: also faces that do not count.
        """
        rows = self.assembled.track_ids != NO_TRACK if with_ignored else self.has_face
        if network is None:
            network = next(iter(self.networks_read), 0)
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
