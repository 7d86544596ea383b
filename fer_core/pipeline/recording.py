"""A stretch of live video as readings: when each face showed what, for how long, and what followed.

Readings only, never pictures; in memory until the person takes them away or discards them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS, UNSURE, Emotion
from fer_core.errors import ContractError
from fer_core.pipeline.tables import harmless_cell

READINGS_A_SECOND = 10.0
"""Steps of 0.1 s: dwell times are of half a second and more."""

MOST_READINGS = 120_000
"""One face for over three hours, or six for half an hour; some 10 MB. Then recording ends."""

GAP_S = 1.0
"""A face that was not seen for longer did not go on showing what it showed before; unless nobody
looked for so long, as between the pictures of a slide show."""

STATES = (*LABELS, UNSURE)
"""What a face can be in; the last one while the network is unsure."""

COLUMNS = ("seconds", "face", "expression", "confidence", "unsure", *LABELS, "model", "marker")
"""Columns of `readings_table`."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment that the person marked: seconds from the start, and a word."""

    seconds: float
    label: str


@dataclass(frozen=True, slots=True)
class Network:
    """A network that read from a moment on: seconds from the start, and its slug."""

    seconds: float
    model: str


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """m readings of some faces, in the order of time; one row is one face at one moment.

    Attributes:
        seconds: (m,) float64 from the start.
        track_ids: (m,) int64, by which a face is known; drawn at the boxes.
        probabilities: (m, 7) float32, in the order of `Emotion`.
        unsure: (m,) bool.
        steps_s: (m,) float64, from each reading to the next look for faces, which may find none.
        markers: in the order of time.
        networks: those that read, in the order of time; one was on until the next one's moment.
        duration_s: from start to stop.
        full: whether it ended by itself, at `MOST_READINGS`.

    Raises:
        ContractError: on construction, where the arrays differ in length.
    """

    seconds: NDArray[np.float64]
    track_ids: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    unsure: NDArray[np.bool_]
    steps_s: NDArray[np.float64]
    markers: tuple[Marker, ...]
    networks: tuple[Network, ...]
    duration_s: float
    full: bool = False

    def __post_init__(self) -> None:
        m = len(self.seconds)
        columns = (self.track_ids, self.probabilities, self.unsure, self.steps_s)
        shapes = tuple(column.shape for column in columns)
        if shapes != ((m,), (m, len(LABELS)), (m,), (m,)):
            raise ContractError(
                "each reading needs a time, a track id, seven probabilities, whether it is unsure, "
                "and a step",
                where="Recording",
                expected=f"{m} of each",
                received=shapes,
            )

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def models(self) -> tuple[str, ...]:
        """m slugs: the network of each reading."""
        starts = [network.seconds for network in self.networks]
        rows = np.searchsorted(starts, self.seconds, side="right") - 1
        return tuple(self.networks[row].model for row in rows)

    @property
    def tracks(self) -> tuple[int, ...]:
        """Each track id once, the one with the most readings first."""
        track_ids, counts = np.unique(self.track_ids, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return tuple(int(track_id) for track_id in track_ids[order])


@dataclass(slots=True)
class Recorder:
    """Collects a `Recording`. Not thread-safe: `LiveSession` holds its lock around it."""

    started_s: float
    _rows: list[tuple[float, int, NDArray[np.float32], bool]] = field(default_factory=list)
    _markers: list[Marker] = field(default_factory=list)
    _networks: list[Network] = field(default_factory=list)
    _due: float = -float("inf")

    @property
    def full(self) -> bool:
        """Whether no more readings are taken."""
        return len(self._rows) >= MOST_READINGS

    @property
    def markers(self) -> int:
        """How many moments were marked."""
        return len(self._markers)

    def add(
        self,
        time_s: float,
        track_ids: tuple[int, ...],
        probabilities: NDArray[np.float32],
        unsure: NDArray[np.bool_],
        model: str,
    ) -> None:
        """Take in a frame's n faces; frames that come faster than needed are left out.

        Args:
            time_s: of the frame, on the clock of ``started_s``.
            track_ids: n of them.
            probabilities: (n, 7) float32; kept, so the caller must not change it afterwards.
            unsure: (n,) bool.
            model: slug of the network that read them.
        """
        step = 1.0 / READINGS_A_SECOND
        # On a grid: at 29 frames a second "0.1 s after the last one" would be 7 a second. A frame
        # a little early is taken, or a stream of just this rate would lose every other one.
        if time_s < self._due - step / 4 or self.full:
            return
        self._due = self._due + step if time_s - self._due < step else time_s + step
        since = time_s - self.started_s
        if not self._networks or self._networks[-1].model != model:
            self._networks.append(Network(since, model))
        self._rows += [
            (since, track_id, row, bool(doubt))
            for track_id, row, doubt in zip(track_ids, probabilities, unsure, strict=True)
        ]

    def mark(self, time_s: float, label: str) -> None:
        """Mark this moment; without a word it gets its number."""
        words = " ".join(label.split())[:60] or f"marker {len(self._markers) + 1}"
        self._markers.append(Marker(time_s - self.started_s, words))

    def stop(self, time_s: float) -> Recording:
        """What was recorded."""
        rows = self._rows
        return Recording(
            seconds=np.array([row[0] for row in rows], np.float64),
            track_ids=np.array([row[1] for row in rows], np.int64),
            probabilities=np.array([row[2] for row in rows], np.float32).reshape(-1, len(LABELS)),
            unsure=np.array([row[3] for row in rows], np.bool_),
            steps_s=np.full(len(rows), 1.0 / READINGS_A_SECOND),
            markers=tuple(self._markers),
            networks=tuple(self._networks),
            duration_s=time_s - self.started_s,
            full=self.full,
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a face stayed in one of `STATES`.

    Attributes:
        start_s, end_s: seconds from the start of the recording.
        state: column of `STATES`.
        follows: whether it directly followed the stretch before; False after a gap.
    """

    start_s: float
    end_s: float
    state: int
    follows: bool


def held(
    recording: Recording, track_id: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """From when until when each of one face's k readings holds, and after which it was away.

    A reading holds until the face's next one. Where that comes more than `GAP_S` and one and a
    half steps later, or never, the face was away: then for one step, and never beyond the end of
    the recording.

    Returns:
        (k,) float64 and (k,) float64 seconds from the start; (k,) bool, True at the last one too.
    """
    mine = recording.track_ids == track_id
    begins, steps = recording.seconds[mine], recording.steps_s[mine]
    following = np.append(begins, np.inf)[1:]
    away = following - begins > np.maximum(GAP_S, 1.5 * steps)
    ends = np.where(away, begins + steps, following)
    return begins, np.minimum(ends, np.maximum(begins, recording.duration_s)), away


def stretches(recording: Recording, track_id: int) -> tuple[Stretch, ...]:
    """One face's stretches, in the order of time; none for a face without readings.

    How long a reading holds, `held` says.
    """
    seconds, ends, away = held(recording, track_id)
    if not len(seconds):
        return ()
    mine = recording.track_ids == track_id
    states = np.where(
        recording.unsure[mine], len(LABELS), recording.probabilities[mine].argmax(axis=1)
    )
    starts_new = np.flatnonzero(np.append(True, (np.diff(states) != 0) | away[:-1]))
    last = np.append(starts_new[1:], len(seconds)) - 1
    return tuple(
        Stretch(
            float(seconds[a]),
            float(ends[b]),
            int(states[a]),
            follows=bool(a > 0 and not away[a - 1]),
        )
        for a, b in zip(starts_new, last, strict=True)
    )


def dwell_seconds(parts: tuple[Stretch, ...]) -> dict[str, float]:
    """Seconds in each of `STATES`, in their order."""
    total = dict.fromkeys(STATES, 0.0)
    for part in parts:
        total[STATES[part.state]] += part.end_s - part.start_s
    return total


def transitions(parts: tuple[Stretch, ...]) -> NDArray[np.int64]:
    """How often each state (row) was directly followed by each other one (column).

    Returns:
        (8, 8) int64 in the order of `STATES`; the diagonal is 0, gaps are no transitions.
    """
    counts = np.zeros((len(STATES), len(STATES)), np.int64)
    for before, after in pairwise(parts):
        if after.follows:
            counts[before.state, after.state] += 1
    return counts


def readings_table(recording: Recording) -> pd.DataFrame:
    """One row a reading, and one a marker, by time.

    Returns:
        `COLUMNS`; a marker's row has its words in the last column and nothing about a face.
    """
    rows: list[dict[str, Any]] = list(_readings(recording))
    rows += [
        {"seconds": round(mark.seconds, 3), "marker": mark.label} for mark in recording.markers
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["face"] = table["face"].astype("Int64")
    return table.sort_values("seconds", kind="stable", ignore_index=True)


def _readings(recording: Recording) -> Iterator[dict[str, Any]]:
    for seconds, track_id, row, unsure, model in zip(
        recording.seconds,
        recording.track_ids,
        recording.probabilities,
        recording.unsure,
        recording.models,
        strict=True,
    ):
        yield {
            "seconds": round(float(seconds), 3),
            "face": int(track_id),
            "expression": Emotion(int(row.argmax())).label,
            "confidence": round(float(row.max()), 4),
            "unsure": bool(unsure),
            **{label: round(float(value), 4) for label, value in zip(LABELS, row, strict=True)},
            "model": model,
        }


def recording_csv(recording: Recording) -> bytes:
    """`readings_table` as CSV, UTF-8; a marker's word that a spreadsheet would run is defused."""
    table = readings_table(recording)
    table["marker"] = [
        harmless_cell(word) if isinstance(word, str) else word for word in table["marker"]
    ]
    return table.to_csv(index=False, lineterminator="\n").encode()


def face_summaries(recording: Recording) -> dict[str, dict[str, Any]]:
    """By track id: ``dwell_seconds`` by state, and ``transitions`` (8, 8) as nested lists."""
    summaries = {}
    for track_id in recording.tracks:
        parts = stretches(recording, track_id)
        summaries[str(track_id)] = {
            "dwell_seconds": {key: round(value, 2) for key, value in dwell_seconds(parts).items()},
            "transitions": transitions(parts).tolist(),
        }
    return summaries


def recording_json(recording: Recording) -> bytes:
    """Readings, markers, networks, and for each face its dwell times and transitions, as JSON."""
    return json.dumps(
        {
            "networks": [
                {"seconds": round(network.seconds, 3), "model": network.model}
                for network in recording.networks
            ],
            "seconds": round(recording.duration_s, 3),
            "states": STATES,
            "markers": [
                {"seconds": round(mark.seconds, 3), "label": mark.label}
                for mark in recording.markers
            ],
            "faces": face_summaries(recording),
            "readings": list(_readings(recording)),
        }
    ).encode()
