"""A recording of a camera as a table to take away, with the columns of a video's table."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.errors import ContractError
from fer_core.pipeline.recording import COLUMNS, Network, Recording, readings_table
from fer_core.pipeline.tables import harmless_cell

CAMERA_COLUMNS = (
    *COLUMNS,
    *("frame", "x", "y", "width", "height", "detection_score", "detector"),
    *("recorded_at", "version"),
)
"""Columns of `camera_table`: those of every recording, then what is known of a camera's. Boxes are
in pixels of its frames; ``frame`` counts those that were kept; ``version`` is Mien's."""


def camera_table(recording: Recording) -> pd.DataFrame:
    """One row a face and kept frame, one for a kept frame without a face, one a marker, by time.

    Returns:
        `CAMERA_COLUMNS`; what is about a face is empty where there is none, and so is the frame of
        a marker.

    Raises:
        ContractError: it is not a camera's recording.
    """
    found = recording.found
    if found is None:
        raise ContractError(
            "only a camera's recording knows when each frame was taken",
            where="camera_table",
            expected="a recording with what was found",
            remedy="Use the video's own table.",
        )
    faces = readings_table(replace(recording, markers=()))
    boxes = np.asarray(found.boxes, np.float64).round(1)
    for column, name in enumerate(("x", "y", "width", "height")):
        faces[name] = boxes[:, column]
    faces["detection_score"] = np.asarray(found.scores, np.float64).round(4)
    faces["frame"] = _frame_numbers(recording, recording.seconds)
    empty = pd.DataFrame({"seconds": found.empty_s.round(3)})
    empty["frame"] = _frame_numbers(recording, found.empty_s)
    for part, seconds in ((faces, recording.seconds), (empty, found.empty_s)):
        networks = _networks(recording, seconds)
        part["model"] = pd.array([network.model for network in networks], dtype="object")
        part["detector"] = pd.array([network.detector for network in networks], dtype="object")
    markers = pd.DataFrame(
        {
            "seconds": [round(mark.seconds, 3) for mark in recording.markers],
            "marker": [mark.label for mark in recording.markers],
        }
    )
    parts = [part for part in (faces, empty, markers) if len(part)] or [faces]
    table = pd.concat(parts, ignore_index=True).reindex(columns=list(CAMERA_COLUMNS))
    table["recorded_at"], table["version"] = found.recorded_at, __version__
    return table.sort_values("seconds", kind="stable", ignore_index=True)


def camera_csv(recording: Recording) -> bytes:
    """`camera_table` as CSV, UTF-8; a marker's word that a spreadsheet would run is defused."""
    table = camera_table(recording)
    table["marker"] = [
        harmless_cell(word) if isinstance(word, str) else word for word in table["marker"]
    ]
    return table.to_csv(index=False, lineterminator="\n").encode()


def now_here() -> str:
    """This moment with the zone of this machine, ISO 8601 to the millisecond."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _frame_numbers(recording: Recording, seconds: NDArray[np.float64]) -> pd.Series:
    """Of the frames that were kept, from 0; those without a face count too."""
    assert recording.found is not None
    kept = np.unique(np.concatenate([recording.seconds, recording.found.empty_s]))
    return pd.Series(np.searchsorted(kept, seconds), dtype="Int64")


def _networks(recording: Recording, seconds: NDArray[np.float64]) -> list[Network]:
    """The one that read at each moment."""
    starts = [network.seconds for network in recording.networks]
    rows = np.searchsorted(starts, seconds, side="right") - 1
    return [recording.networks[row] for row in rows]
