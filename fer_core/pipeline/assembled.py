"""Readings -> who is who and what is shown: the step that is cheap and can be made again.

All of a recording's parts in the order of time, whoever read them: faces are followed, then each
one's probabilities are averaged over time. Live video goes the same way, frame by frame, in
`fer_core.pipeline.stream`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import LANDMARKS, Faces, FaceTracker
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.readings import Readings
from fer_core.pipeline.recording import Network, Recording
from fer_core.pipeline.smoothing import Smoother
from fer_core.zoo import Predictions

NO_TRACK = 0
"""The track id of a row without a face; faces have 1 and up."""


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """m rows of readings with what follows from the rows before them.

    Attributes:
        readings: as each frame alone says.
        track_ids: (m,) int64 by which a face is known; `NO_TRACK` in a row without a face.
        smoothed: (networks, m, 7) float32 probabilities averaged over time; NaN without a face.

    Raises:
        ContractError: on construction, where an array has another shape or type.
    """

    readings: Readings
    track_ids: NDArray[np.int64]
    smoothed: NDArray[np.float32]

    def __post_init__(self) -> None:
        m = len(self.readings)
        for field, values, shape, kind in (
            ("track_ids", self.track_ids, (m,), np.int64),
            ("smoothed", self.smoothed, self.readings.probabilities.shape, np.float32),
        ):
            if values.shape != shape or values.dtype != kind:
                raise ContractError(
                    "wrong array",
                    where=f"Assembled.{field}",
                    expected=f"{shape} {np.dtype(kind)}",
                    received=f"{values.shape} {values.dtype}",
                )

    def __len__(self) -> int:
        return len(self.readings)

    def rows(self, wanted: slice | NDArray[np.int64]) -> "Assembled":
        """Some rows, in this order."""
        return Assembled(
            self.readings.rows(wanted), self.track_ids[wanted], self.smoothed[:, wanted]
        )


class RowFollower:
    """Follows the faces of a recording's rows, part after part. For one thread."""

    def __init__(self) -> None:
        """Begin with no face."""
        self._tracker = FaceTracker(gapless=True)

    def add(self, readings: Readings) -> NDArray[np.int64]:
        """(m,) track ids of the part after the one before; `NO_TRACK` in a row without a face."""
        track_ids = np.full(len(readings), NO_TRACK, np.int64)
        times = readings.time_s.tolist()
        has_face = (readings.face_row >= 0).tolist()
        start = 0
        for end in _frame_ends(readings):
            # Frames without a face count too: they say that somebody went.
            rows = slice(start, end if has_face[start] else start)
            track_ids[rows] = self._tracker.update(readings.boxes[rows], times[start])
            start = end
        return track_ids


class RowSmoother:
    """Averages each face's probabilities over time, part after part. For one thread."""

    def __init__(self) -> None:
        """Begin with no face."""
        self._smoothers: list[Smoother] = []

    def add(self, readings: Readings, track_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """(networks, m, 7) float32 of the part after the one before; NaN without a face.

        Args:
            readings: later ones than all before, by the same networks.
            track_ids: (m,) which face is which.
        """
        self._smoothers = self._smoothers or [Smoother() for _ in readings.networks]
        smoothed = np.full_like(readings.probabilities, np.nan)
        ids, times, ends = track_ids.tolist(), readings.time_s.tolist(), _frame_ends(readings)
        for network, smoother in enumerate(self._smoothers):
            raw, rows = readings.probabilities[network], smoothed[network]
            start = 0
            for end in ends:
                if ids[start] != NO_TRACK:
                    rows[start:end] = smoother.update(ids[start:end], raw[start:end], times[start])
                start = end
        return smoothed


class RowAssembler:
    """Follows and smooths a recording's faces, part after part. For one thread."""

    def __init__(self) -> None:
        """Begin with no face."""
        self._follower, self._smoother = RowFollower(), RowSmoother()

    def add(self, readings: Readings) -> Assembled:
        """Take in the part after the one before.

        Args:
            readings: later ones than all before, by the same networks.
        """
        track_ids = self._follower.add(readings)
        return Assembled(readings, track_ids, self._smoother.add(readings, track_ids))


def _frame_ends(readings: Readings) -> list[int]:
    """Row after the last one of each frame."""
    begins = np.flatnonzero(readings.face_row <= 0)
    return [*begins[1:].tolist(), len(readings)] if len(readings) else []


def joined(parts: Sequence[Assembled]) -> Assembled:
    """Parts in the order of time as one.

    Raises:
        ContractError: there is none, or different networks read them.
    """
    return Assembled(
        joined_readings([part.readings for part in parts]),
        np.concatenate([part.track_ids for part in parts]),
        np.concatenate([part.smoothed for part in parts], axis=1),
    )


def joined_readings(parts: Sequence[Readings]) -> Readings:
    """The same for readings alone."""
    networks = {part.networks for part in parts}
    if len(networks) != 1:
        raise ContractError(
            "parts of one recording are read by the same networks",
            where="joined_readings",
            expected="one set of networks",
            received=sorted(networks),
            remedy="Read all parts with the same settings.",
        )
    return Readings(
        networks=parts[0].networks,
        frame=np.concatenate([part.frame for part in parts]),
        time_s=np.concatenate([part.time_s for part in parts]),
        step_s=np.concatenate([part.step_s for part in parts]),
        face_row=np.concatenate([part.face_row for part in parts]),
        boxes=np.concatenate([part.boxes for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        landmarks=np.concatenate([part.landmarks for part in parts]),
        quality=np.concatenate([part.quality for part in parts]),
        probabilities=np.concatenate([part.probabilities for part in parts], axis=1),
    )


def recording_of(
    assembled: Assembled, duration_s: float, *, network: int = 0, unsure_threshold: float
) -> Recording:
    """One network's readings of the faces, for timelines and tables.

    Args:
        assembled: of the whole recording.
        duration_s: of it.
        network: number of the one that is asked.
        unsure_threshold: a face whose highest probability is below it is unsure, 0-1.
    """
    readings = assembled.readings
    face = assembled.track_ids != NO_TRACK
    smoothed = assembled.smoothed[network][face]
    return Recording(
        seconds=readings.time_s[face],
        track_ids=assembled.track_ids[face],
        raw=readings.probabilities[network][face],
        smoothed=smoothed,
        unsure=smoothed.max(axis=1, initial=0.0) < unsure_threshold,
        steps_s=readings.step_s[face],
        markers=(),
        networks=(Network(0.0, readings.networks[network]),),
        duration_s=duration_s,
    )


def results_by_frame(
    assembled: Assembled,
    *,
    size: tuple[int, int],
    scale: float,
    network: int = 0,
    unsure_threshold: float,
) -> dict[int, FrameResult]:
    """What is shown in each frame that was read, by its number, smoothed, for drawing it.

    Args:
        assembled: of some frames.
        size: width and height of the frames to be drawn on, pixels.
        scale: pixels of the upright video for one of these frames' pixels.
        network, unsure_threshold: as for `recording_of`.
    """
    readings = assembled.readings
    results = {}
    start = 0
    for end in _frame_ends(readings):
        rows = slice(start, end if readings.face_row[start] >= 0 else start)
        results[int(readings.frame[start])] = FrameResult(
            width=size[0],
            height=size[1],
            faces=Faces(
                readings.boxes[rows] / np.float32(scale),
                readings.scores[rows],
                readings.landmarks[rows].reshape(-1, LANDMARKS, 2) / np.float32(scale),
            ),
            predictions=Predictions(assembled.smoothed[network][rows], unsure_threshold),
            model=readings.networks[network],
            milliseconds={},
            track_ids=tuple(assembled.track_ids[rows].tolist()),
        )
        start = end
    return results
