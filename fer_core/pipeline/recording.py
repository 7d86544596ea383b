"""A stretch of video as readings: when each face showed what, for how long, and what followed.

Readings only, never pixels; in memory until the person takes them away or discards them.
"""

import json
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.emotions import LABELS, UNSURE, valence
from fer_core.errors import ContractError

BRIDGED_S = 0.5
"""On the way from one expression to the next a face is unsure for a moment. What is shorter than
this, and between two stretches of the same seeing, is the way and no state of its own: most
transitions would else be from and to "unsure"."""

GAP_S = 1.0
"""A face that was not seen for longer did not go on showing what it showed before; unless nobody
looked for so long, as between the frames of a slide show."""

STATES = (*LABELS, UNSURE)
"""What a face can be in; the last one while the network is unsure."""

_UNSURE = len(LABELS)

RAW_COLUMNS = tuple(f"raw_{label}" for label in LABELS)

COLUMNS = (
    "seconds",
    "face",
    "expression",
    "confidence",
    "unsure",
    *LABELS,
    "valence",
    "model",
    "marker",
    *RAW_COLUMNS,
)
"""Columns of `readings_table`; all but `RAW_COLUMNS` are of the smoothed probabilities.

``valence`` is derived from them, see `fer_core.emotions.valence`.
"""


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment that the person marked: seconds from the start, and a word."""

    seconds: float
    label: str


@dataclass(frozen=True, slots=True)
class Network:
    """A network that read from a moment on: seconds from the start, its slug, and what found the
    faces for it; "" where that is known elsewhere."""

    seconds: float
    model: str
    detector: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a camera's recording of m readings has beside them, for its table.

    Attributes:
        recorded_at: when it began, ISO 8601 with the zone.
        boxes: (m, 4) float32 x, y, width, height in pixels of the camera's frame.
        scores: (m,) float32, the detector's.
        empty_s: (k,) float64 seconds of the frames that were kept and had no face.
    """

    recorded_at: str
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    empty_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """m readings of some faces, in the order of time; one row is one face at one moment.

    Attributes:
        seconds: (m,) float64 from the start.
        track_ids: (m,) int64, by which a face is known; drawn at the boxes.
        raw: (m, 7) float32 probabilities as each frame alone says, in the order of `Emotion`.
        smoothed: (m, 7) float32, the same averaged over time; what a face is taken to show.
        unsure: (m,) bool, of the smoothed ones.
        steps_s: (m,) float64, from each reading to the next frame that was read, which may have no
            face.
        markers: in the order of time.
        networks: those that read, in the order of time; one was on until the next one's moment.
        duration_s: from start to stop.
        full: whether it ended early, because it could hold no more readings.
        found: where they were, of a camera's recording; None of a file's, which has its own table.

    Raises:
        ContractError: on construction, where the arrays differ in length.
    """

    seconds: NDArray[np.float64]
    track_ids: NDArray[np.int64]
    raw: NDArray[np.float32]
    smoothed: NDArray[np.float32]
    unsure: NDArray[np.bool_]
    steps_s: NDArray[np.float64]
    markers: tuple[Marker, ...]
    networks: tuple[Network, ...]
    duration_s: float
    full: bool = False
    found: Found | None = None

    def __post_init__(self) -> None:
        m = len(self.seconds)
        columns = (self.track_ids, self.raw, self.smoothed, self.unsure, self.steps_s)
        shapes = tuple(column.shape for column in columns)
        seven = (m, len(LABELS))
        if shapes != ((m,), seven, seven, (m,), (m,)):
            raise ContractError(
                "each reading needs a time, a track id, seven raw and seven smoothed "
                "probabilities, whether it is unsure, and a step",
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
    states = np.where(recording.unsure[mine], _UNSURE, recording.smoothed[mine].argmax(axis=1))
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
    """How often each state (row) was followed by each other one (column).

    Directly, or with nothing but an unsure moment shorter than `BRIDGED_S` in between; where such
    a moment leads back to the state before it, that one went on.

    Returns:
        (8, 8) int64 in the order of `STATES`; the diagonal is 0, gaps are no transitions.
    """
    counts = np.zeros((len(STATES), len(STATES)), np.int64)
    for before, after in pairwise(_bridged(parts)):
        if after.follows and before.state != after.state:
            counts[before.state, after.state] += 1
    return counts


def _bridged(parts: tuple[Stretch, ...]) -> list[Stretch]:
    """Stretches without the short unsure ones that lead from one to the next."""
    kept: list[Stretch] = []
    for part, following in zip_longest(parts, parts[1:]):
        between = part.follows and following is not None and following.follows
        short = part.end_s - part.start_s < BRIDGED_S
        if not (between and short and part.state == _UNSURE):
            kept.append(part)
    return kept


def readings_table(recording: Recording) -> pd.DataFrame:
    """One row a reading, and one a marker, by time.

    Returns:
        `COLUMNS`; a marker's row has its time and its words, and nothing about a face.
    """
    readings = _readings(recording)
    readings["marker"] = pd.array([None] * len(recording), dtype="object")
    markers = pd.DataFrame(
        {
            "seconds": [round(mark.seconds, 3) for mark in recording.markers],
            "marker": [mark.label for mark in recording.markers],
        }
    )
    table = pd.concat([readings, markers], ignore_index=True) if len(markers) else readings
    return table[list(COLUMNS)].sort_values("seconds", kind="stable", ignore_index=True)


def _readings(recording: Recording) -> pd.DataFrame:
    """One row a reading: `COLUMNS` but the markers'."""
    shown = shown_columns(recording.smoothed, recording.unsure)
    raw = np.asarray(recording.raw, np.float64).round(4)
    return pd.DataFrame(
        {
            "seconds": recording.seconds.round(3),
            "face": pd.array(recording.track_ids, dtype="Int64"),
            **shown,
            "model": pd.array(recording.models, dtype="object"),
            **{name: raw[:, column] for column, name in enumerate(RAW_COLUMNS)},
        }
    )


def shown_columns(
    smoothed: NDArray[np.float32], unsure: NDArray[np.bool_]
) -> dict[str, NDArray[np.generic]]:
    """What m faces show, as columns of a table.

    Args:
        smoothed: (m, 7) float32 probabilities.
        unsure: (m,) bool.

    Returns:
        By name, each (m,): ``expression``, ``confidence``, ``unsure``, the seven labels, and
        ``valence``.
    """
    likeliest = smoothed.argmax(axis=1) if len(smoothed) else np.empty(0, np.int64)
    rounded = np.asarray(smoothed, np.float64).round(4)
    return {
        "expression": np.array(LABELS, object)[likeliest],
        "confidence": rounded.max(axis=1, initial=0.0),
        "unsure": unsure,
        **{label: rounded[:, column] for column, label in enumerate(LABELS)},
        "valence": valence(smoothed).round(4),
    }


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
    head = json.dumps(
        {
            "version": __version__,
            "recorded_at": recording.found.recorded_at if recording.found else "",
            "networks": [
                {
                    "seconds": round(network.seconds, 3),
                    "model": network.model,
                    "detector": network.detector,
                }
                for network in recording.networks
            ],
            "seconds": round(recording.duration_s, 3),
            "states": STATES,
            "markers": [
                {"seconds": round(mark.seconds, 3), "label": mark.label}
                for mark in recording.markers
            ],
            "faces": face_summaries(recording),
        }
    )
    # Row by row: as objects, an hour's readings would take hundreds of MB.
    table = _readings(recording)
    rows = (
        json.dumps(dict(zip(table.columns, row, strict=True)))
        for row in zip(*(table[name].tolist() for name in table.columns), strict=True)
    )
    return f'{head[:-1]}, "readings": [{", ".join(rows)}]}}'.encode()
