"""A mended recording and its rows of the sheet -> tables: of frames, segments and annotations."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.emotions import LABELS, valence
from fer_core.pipeline.readings import POINTS
from fer_core.pipeline.recording import STATES, Recording, Stretch, shown_columns, stretches
from fer_core.pipeline.tables import columns_schema
from fer_core.pipeline.worth import set_words
from fer_core.studies.columns import ANNOTATIONS, FRAMES, SEGMENTS
from fer_core.studies.mended import MendedRecording
from fer_core.studies.sheet import Entry


class CountedRows(NamedTuple):
    """k of a recording's rows, as they count for an entry of the sheet.

    Attributes:
        row: (k,) numbers of rows.
        face: (k,) whether the row is of a face that counts; else its frame is without one.
    """

    row: NDArray[np.int64]
    face: NDArray[np.bool_]


def counted_rows(mended: MendedRecording, face: int | None) -> CountedRows:
    """Each frame's faces that count, or one row without a face.

    Args:
        mended: the recording.
        face: track id of the only one that counts; None: all do that are not ignored.
    """
    counts = mended.has_face
    if face is not None:
        counts = counts & (mended.assembled.track_ids == face)
    first = mended.readings.face_row <= 0
    frame = np.cumsum(first) - 1
    with_face = np.bincount(frame, counts, frame[-1] + 1 if len(frame) else 0) > 0
    rows = np.flatnonzero(counts | (first & ~with_face[frame]))
    return CountedRows(rows, counts[rows])


def _within(mended: MendedRecording, rows: NDArray[np.int64], entry: Entry) -> NDArray[np.bool_]:
    """Whether rows stand for some of the stretch that counts."""
    begins = mended.readings.time_s[rows]
    ends = begins + mended.readings.step_s[rows]
    start_s = entry.start_s if entry.start_s is not None else -np.inf
    end_s = entry.end_s if entry.end_s is not None else np.inf
    return np.asarray((ends > start_s) & (begins < end_s))


def where_columns(mended: MendedRecording) -> dict[str, str]:
    """What every row of a recording says of its file."""
    recording = mended.recording
    return {
        "recording": recording.name,
        "file": recording.path.name,
        "sha256": recording.sha256,
        "recorded_at": recording.recorded_at,
    }


def frames_table(mended: MendedRecording, entries: Iterable[Entry]) -> pa.Table:
    """`FRAMES` of a recording.

    Args:
        mended: the recording.
        entries: its rows of the sheet. Frames outside of them all are there without a
            participant, and count where the sheet has no row of this recording.
    """
    entries = tuple(entries)
    schema = columns_schema(FRAMES)
    blocks = _blocks(mended, entries)
    tables = [
        pa.table(_frame_columns(mended, network, rows, entry, counts), schema=schema)
        for network in mended.networks_read
        for rows, entry, counts in blocks
    ]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _blocks(
    mended: MendedRecording, entries: Sequence[Entry]
) -> list[tuple[CountedRows, Entry, bool]]:
    """Rows of each entry within its stretch, then those of none; whether they may count."""
    blocks, covered = [], np.zeros(len(mended), np.bool_)
    for entry in entries:
        own = counted_rows(mended, entry.face)
        within = _within(mended, own.row, entry)
        covered |= _within(mended, np.arange(len(mended)), entry)
        blocks.append((CountedRows(own.row[within], own.face[within]), entry, True))
    rest = counted_rows(mended, None)
    others = ~covered[rest.row]
    nobody = Entry(mended.recording.name, "", "")
    blocks.append((CountedRows(rest.row[others], rest.face[others]), nobody, not entries))
    return [block for block in blocks if len(block[0].row)]


def _frame_columns(
    mended: MendedRecording, network: int, rows: CountedRows, entry: Entry, counts: bool
) -> dict[str, pa.Array]:
    """Columns of `FRAMES` for some rows, those of faces empty where there is none."""
    readings, row, face = mended.readings, rows.row, rows.face
    onset_s = np.nan if entry.onset_s is None else entry.onset_s
    smoothed = mended.assembled.smoothed[network][row]
    raw = readings.probabilities[network][row]
    shown = shown_columns(
        np.nan_to_num(mended.probabilities(network)[row]), mended.is_unsure(network)[row]
    )
    of_frame: dict[str, NDArray[np.generic]] = {
        "frame": readings.frame[row],
        "seconds": readings.time_s[row],
        "step_s": readings.step_s[row],
        "from_onset_s": readings.time_s[row] - onset_s,
        "counted": np.logical_and(counts, ~mended.excluded[row]),
    }
    track_ids = mended.assembled.track_ids[row]
    landmarks, quality = readings.landmarks[row], readings.quality[row]
    points = [f"{point}_{axis}" for point in POINTS for axis in "xy"]
    of_face: dict[str, NDArray[np.generic]] = {
        "face": track_ids,
        "face_name": _names(mended, track_ids),
        "expression": shown["expression"],
        "confidence": mended.probabilities(network)[row].max(axis=1, initial=-1.0),
        "unsure": shown["unsure"],
        "expected_right": mended.expected_right(network)[row],
        "prediction_set": set_words(
            mended.settings.networks[network].confidence, mended.probabilities(network)[row]
        ),
        **{label: smoothed[:, i] for i, label in enumerate(LABELS)},
        "valence": valence(smoothed),
        **{f"raw_{label}": raw[:, i] for i, label in enumerate(LABELS)},
        **{name: readings.boxes[row, i] for i, name in enumerate(("x", "y", "width", "height"))},
        "detection_score": readings.scores[row],
        **{name: landmarks[:, i] for i, name in enumerate(points)},
        **{
            name: quality[:, i]
            for i, name in enumerate(("size_px", "grey", "white", "sharpness", "turn"))
        },
    }
    same = {
        **where_columns(mended),
        "participant": entry.participant,
        "condition": entry.condition,
        **with_columns(mended, network),
    }
    arrays = {name: pa.array(values, from_pandas=True) for name, values in of_frame.items()}
    arrays |= {
        name: pa.array(values, mask=_empty(values, face)) for name, values in of_face.items()
    }
    arrays |= {name: pa.repeat(value, len(row)) for name, value in same.items()}
    return {column.name: arrays[column.name].cast(column.type) for column in FRAMES}


def _empty(values: NDArray[np.generic], face: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a column of faces has nothing to say."""
    if np.issubdtype(values.dtype, np.floating):
        return np.asarray(~face | np.isnan(values.astype(np.float64)))
    return ~face


def _names(mended: MendedRecording, track_ids: NDArray[np.int64]) -> NDArray[np.object_]:
    """(k,) what faces are called; "" for those without a name."""
    names = np.full(len(track_ids), "", object)
    for track_id, name in mended.mending.names.items():
        names[track_ids == track_id] = name
    return names


def with_columns(mended: MendedRecording, network: int) -> dict[str, str]:
    """What every row says of what read it."""
    return {
        "model": mended.readings.networks[network],
        "detector": mended.settings.detector,
        "version": __version__,
    }


def segments_table(mended: MendedRecording, entries: Iterable[Entry]) -> pa.Table:
    """`SEGMENTS` of a recording: what counts of it, cut at the edges of the sheet's stretches.

    Args:
        mended: the recording.
        entries: its rows of the sheet; none: all of it counts, for nobody.
    """
    entries = tuple(entries) or (Entry(mended.recording.name, "", ""),)
    records = []
    for network in mended.networks_read:
        shown = mended.shown(network)
        right = mended.expected_right(network)[mended.has_face]
        same = where_columns(mended) | with_columns(mended, network)
        for entry in entries:
            for track_id in sorted(shown.tracks):
                if entry.face in (None, track_id):
                    records += _segments(mended, shown, right, track_id, entry, same)
    return pa.Table.from_pylist(records, schema=columns_schema(SEGMENTS))


def _segments(
    mended: MendedRecording,
    shown: Recording,
    right: NDArray[np.float32],
    track_id: int,
    entry: Entry,
    same: dict[str, str],
) -> list[dict[str, object]]:
    mine = shown.track_ids == track_id
    times, rows = shown.seconds[mine], shown.smoothed[mine]
    right = right[mine]
    records: list[dict[str, object]] = []
    for start_s, end_s, stretch in _counted_pieces(mended, stretches(shown, track_id), entry):
        first = np.searchsorted(times, stretch.start_s)
        last = max(np.searchsorted(times, stretch.end_s), first + 1)
        records.append(
            same
            | {
                "participant": entry.participant,
                "condition": entry.condition,
                "face": track_id,
                "face_name": mended.mending.names.get(track_id, ""),
                "expression": STATES[stretch.state],
                "start_s": start_s,
                "end_s": end_s,
                "duration_s": end_s - start_s,
                "from_onset_s": None if entry.onset_s is None else start_s - entry.onset_s,
                "confidence": float(rows[first:last].max(axis=1).mean()),
                "expected_right": _or_empty(float(right[first:last].mean())),
            }
        )
    return records


def _or_empty(value: float) -> float | None:
    return None if np.isnan(value) else value


def _counted_pieces(
    mended: MendedRecording, parts: Iterable[Stretch], entry: Entry
) -> Iterable[tuple[float, float, Stretch]]:
    """What is left of stretches within the sheet's, without what is left out."""
    begin = entry.start_s if entry.start_s is not None else -np.inf
    end = entry.end_s if entry.end_s is not None else np.inf
    for stretch in parts:
        at, last = max(stretch.start_s, begin), min(stretch.end_s, end)
        for out_s, back_s in mended.mending.excluded:
            if out_s < last and back_s > at:
                if out_s > at:
                    yield at, out_s, stretch
                at = max(at, back_s)
        if at < last:
            yield at, last, stretch


def annotations_table(mended: MendedRecording) -> pa.Table:
    """`ANNOTATIONS` of a recording, by time."""
    mending = mended.mending
    marks = [("event", event.seconds, event.seconds, event.label) for event in mending.events]
    marks += [
        ("excluded", edit.start_s, edit.end_s, edit.reason)
        for edit in mended.edits
        if edit.kind == "exclude"
    ]
    if mending.baseline is not None:
        marks.append(("baseline", *mending.baseline, ""))
    same = where_columns(mended)
    names = ("kind", "start_s", "end_s", "label")
    records = [
        same | dict(zip(names, mark, strict=True)) for mark in sorted(marks, key=lambda m: m[1])
    ]
    return pa.Table.from_pylist(records, schema=columns_schema(ANNOTATIONS))
