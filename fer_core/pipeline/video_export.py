"""A video that was read -> JSON, table, and a folder that another process can load it from."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.emotions import Emotion
from fer_core.media import display_name
from fer_core.pipeline.assembled import NO_TRACK, RowAssembler
from fer_core.pipeline.readings import Readings, from_parquet, to_parquet
from fer_core.pipeline.recording import (
    COLUMNS,
    RAW_COLUMNS,
    STATES,
    face_summaries,
    shown_columns,
)
from fer_core.pipeline.stills import STILL_PX, FaceStill
from fer_core.pipeline.tables import harmless_cell
from fer_core.pipeline.video import VideoReading
from fer_core.pipeline.worth import expected_right, prediction_sets, set_words
from fer_core.storage.atomic import write_bytes, write_npz, write_text
from fer_core.zoo.confidence import Confidence
from fer_core.zoo.voters import AnswersAs

SUMMARY, READINGS, STILLS = "summary.json", "readings.parquet", "stills.npz"
"""What `save_reading` writes into a folder."""

VIDEO_COLUMNS = (
    *COLUMNS,
    *("frame", "x", "y", "width", "height", "detection_score", "detector"),
    *("expected_right", "prediction_set"),
    *("file", "sha256", "recorded_at", "version"),
)
"""Columns of `video_table`: those of every recording, then what a file knows more. Boxes are in
pixels of the upright video; ``version`` is Mien's. ``expected_right`` and ``prediction_set`` are of
the smoothed probabilities, empty where the network's card does not say."""


def video_json(reading: VideoReading) -> dict[str, Any]:
    """One video as the JSON object of ``video --json``.

    Returns:
        ``path``, ``sha256``, ``recorded_at`` ("" where the file does not say), ``width``,
        ``height``, ``seconds``, ``frames``, ``frames_read``, ``every``, ``model``, ``detector``,
        ``views`` (see `Classifier.views`), ``answers_as`` (whose word it gave: labels or voters),
        ``version`` (Mien's), ``states`` (rows and columns of
        ``transitions``), ``faces`` (by number; see `fer_core.pipeline.recording.face_summaries`,
        and what its answers are worth: ``sure``, the share of them that are not unsure,
        ``expected_right``, and ``classes_in_set``, both means, None where the network's card does
        not say), ``notes`` and ``error`` (None).
    """
    return {
        "path": reading.path,
        "sha256": reading.sha256,
        "recorded_at": reading.recorded_at,
        "width": reading.width,
        "height": reading.height,
        "seconds": round(reading.seconds, 3),
        "frames": reading.frames,
        "frames_read": reading.frames_read,
        "every": reading.every,
        "model": reading.model,
        "detector": reading.detector,
        "views": reading.views,
        "answers_as": reading.answers_as.value,
        "version": __version__,
        "states": list(STATES),
        "faces": _faces(reading),
        "notes": list(reading.notes),
        "error": None,
    }


def _faces(reading: VideoReading) -> dict[str, dict[str, Any]]:
    assembled, told = reading.assembled, reading.confidence
    faces = face_summaries(reading.recording)
    for track_id, summary in faces.items():
        rows = assembled.track_ids == int(track_id)
        shown, readings = assembled.smoothed[0][rows], assembled.readings
        right = expected_right(told, shown, readings.quality[rows], readings.scores[rows])
        sets = prediction_sets(told, shown)
        summary |= {
            "sure": round(float((shown.max(axis=1) >= told.unsure_threshold).mean()), 4),
            "expected_right": None if np.isnan(right).all() else round(float(right.mean()), 4),
            "classes_in_set": None if sets is None else round(float(sets.sum(axis=1).mean()), 2),
        }
    return faces


def failed_json(path: str, model: str, error: str) -> dict[str, Any]:
    """`video_json` of a file that could not be read: the sentence in ``error`` and no faces."""
    nothing = dict.fromkeys(("width", "height", "seconds", "frames", "frames_read"))
    return {"path": path, **nothing, "model": model, "faces": {}, "notes": [], "error": error}


def video_table(reading: VideoReading) -> pd.DataFrame:
    """One row a face and read frame, and one for a frame without a face.

    Returns:
        `VIDEO_COLUMNS`; what is about a face is empty where there is none.
    """
    assembled, readings = reading.assembled, reading.assembled.readings
    face = assembled.track_ids != NO_TRACK
    smoothed = assembled.smoothed[0]
    unsure = np.nan_to_num(smoothed).max(axis=1, initial=0.0) < reading.unsure_threshold
    shown = shown_columns(np.nan_to_num(smoothed), unsure)
    raw = np.asarray(readings.probabilities[0], np.float64).round(4)
    boxes = np.asarray(readings.boxes, np.float64).round(1)
    of_face = {
        "face": pd.array(assembled.track_ids, dtype="Int64"),
        **{name: pd.array(values).astype("object") for name, values in shown.items()},
        **{name: raw[:, column] for column, name in enumerate(RAW_COLUMNS)},
        **{name: boxes[:, column] for column, name in enumerate(("x", "y", "width", "height"))},
        "detection_score": np.asarray(readings.scores, np.float64).round(4),
        **_worth(reading),
    }
    columns = {name: pd.Series(values).where(face) for name, values in of_face.items()}
    name = display_name(reading.path)
    return pd.DataFrame(
        columns
        | {
            "seconds": readings.time_s.round(3),
            "frame": readings.frame,
            "model": reading.model,
            "marker": None,
            "detector": reading.detector,
            "file": name,
            "sha256": reading.sha256,
            "recorded_at": reading.recorded_at,
            "version": __version__,
        }
    )[list(VIDEO_COLUMNS)]


def _worth(reading: VideoReading) -> dict[str, NDArray[Any]]:
    """What each row's answer is worth."""
    readings, shown = reading.assembled.readings, reading.assembled.smoothed[0]
    expected = expected_right(reading.confidence, shown, readings.quality, readings.scores)
    return {
        "expected_right": np.asarray(expected, np.float64).round(4),
        "prediction_set": set_words(reading.confidence, shown),
    }


def video_csv(reading: VideoReading) -> bytes:
    """`video_table` as CSV, UTF-8; a file's name that a spreadsheet would run is defused."""
    table = video_table(reading)
    table["file"] = harmless_cell(display_name(reading.path))
    return table.to_csv(index=False, lineterminator="\n").encode()


def save_reading(folder: Path, reading: VideoReading) -> None:
    """Write all but the annotated video into a folder, for `load_reading`.

    That is ``summary.json`` (as `video_json`), ``readings.parquet`` (columns:
    `fer_core.pipeline.readings.readings_columns`) and ``stills.npz``: how a command in a process of
    its own hands a reading on.

    Raises:
        StorageError: it cannot be written.
    """
    write_bytes(folder / READINGS, to_parquet(reading.assembled.readings.to_table()))
    write_npz(folder / STILLS, _stills_as_arrays(reading.stills))
    summary = video_json(reading) | {"confidence": reading.confidence.model_dump()}
    write_text(folder / SUMMARY, json.dumps(summary, indent=2))


def _stills_as_arrays(stills: tuple[FaceStill, ...]) -> dict[str, NDArray[Any]]:
    rgb = [still.rgb for still in stills]
    return {
        "rgb": np.array(rgb, np.uint8).reshape(-1, STILL_PX, STILL_PX, 3),
        "of": np.array([(s.track_id, s.emotion) for s in stills], np.int64).reshape(-1, 2),
        "at": np.array([(s.seconds, s.confidence) for s in stills], np.float64).reshape(-1, 2),
    }


def load_reading(folder: Path) -> VideoReading:
    """What `save_reading` wrote: faces are followed and smoothed again, with the same result."""
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    readings = Readings.of_table(from_parquet((folder / READINGS).read_bytes()))
    with np.load(io.BytesIO((folder / STILLS).read_bytes())) as arrays:
        stills = tuple(
            FaceStill(int(track_id), Emotion(int(column)), float(seconds), float(confidence), rgb)
            for (track_id, column), (seconds, confidence), rgb in zip(
                arrays["of"], arrays["at"], arrays["rgb"], strict=True
            )
        )
    same = ("path", "sha256", "recorded_at", "model", "detector", "width", "height", "seconds")
    return VideoReading(
        **{name: summary[name] for name in same},
        frames=summary["frames"],
        every=summary["every"],
        assembled=RowAssembler().add(readings),
        confidence=Confidence.model_validate(summary["confidence"]),
        views=summary["views"],
        answers_as=AnswersAs(summary["answers_as"]),
        stills=stills,
        notes=tuple(summary["notes"]),
    )
