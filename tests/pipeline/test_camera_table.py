"""A camera's recording as a table: each kept frame, with or without a face, and where it was."""

import io
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from fer_core import __version__
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.pipeline.camera_table import CAMERA_COLUMNS, camera_csv, camera_table, now_here
from fer_core.pipeline.recording import RAW_COLUMNS, Marker, Network, Recording
from fer_core.pipeline.recording_rows import RecordingRows
from tests.streamed import shares, stream_frame

HAPPY, SAD = shares(Emotion.HAPPY), shares(Emotion.SAD)
BEGAN = "2026-11-26T10:12:13.500+01:00"


def recorded(*, smoothing: bool = True) -> Recording:
    """Two faces, then nobody, then one face, which the other network reads."""
    rows = RecordingRows(100, BEGAN)
    rows.add(0.0, stream_frame(0.0, HAPPY, SAD, raw=(SAD, HAPPY), smoothing=smoothing))
    rows.add(0.1, stream_frame(0.1))
    rows.add(0.2, stream_frame(0.2, HAPPY, track_ids=(2,), model="tiny_b", smoothing=smoothing))
    return rows.recording(0.3, markers=(Marker(0.15, "away"),))


def read(recording: Recording) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(camera_csv(recording)))


def test_each_kept_frame_has_a_row() -> None:
    table = read(recorded())
    assert list(table.columns) == list(CAMERA_COLUMNS)
    assert table["seconds"].tolist() == [0, 0, 0.1, 0.15, 0.2]
    assert table["frame"].fillna(-1).tolist() == [0, 0, 1, -1, 2]
    assert table["face"].fillna(-1).tolist() == [1, 2, -1, -1, 2]
    assert table["marker"].dropna().tolist() == ["away"]


def test_each_row_says_where_it_comes_from() -> None:
    table = read(recorded())
    assert set(table["recorded_at"]) == {BEGAN}
    assert set(table["version"]) == {__version__}
    frames = table[table["marker"].isna()]
    assert frames["model"].tolist() == ["tiny", "tiny", "tiny", "tiny_b"]
    assert frames["detector"].tolist() == ["yunet"] * 4


def test_boxes_and_scores_are_those_that_were_found() -> None:
    frame = stream_frame(0.0, HAPPY, SAD)
    table = read(recorded())
    boxes = table.loc[table["frame"] == 0, ["x", "y", "width", "height"]].to_numpy()
    assert boxes == pytest.approx(frame.raw.faces.boxes, abs=0.05)
    assert table.loc[table["frame"] == 0, "detection_score"].tolist() == pytest.approx(
        frame.raw.faces.scores.tolist()
    )
    nobody = table[table["frame"] == 1].iloc[0]
    assert nobody[["x", "detection_score", "expression", *LABELS, *RAW_COLUMNS]].isna().all()


@pytest.mark.parametrize("smoothing", [True, False])
def test_it_is_raw_and_smoothed_whatever_people_are_shown(smoothing: bool) -> None:
    first = read(recorded(smoothing=smoothing)).iloc[0]
    assert first[list(LABELS)].to_numpy(float) == pytest.approx(HAPPY, abs=1e-4)
    assert first[list(RAW_COLUMNS)].to_numpy(float) == pytest.approx(SAD, abs=1e-4)
    assert first["expression"] == "happy"


def test_a_recording_of_nobody_is_a_table_too() -> None:
    rows = RecordingRows(3, BEGAN)
    for step in range(5):
        rows.add(step / 10, stream_frame(step / 10))
    recording = rows.recording(0.5)
    assert recording.full  # nobody takes memory too
    table = read(recording)
    assert table["frame"].tolist() == [0, 1, 2]
    assert table["face"].isna().all()
    assert set(table["model"]) == {"tiny"}


def test_a_files_recording_has_its_own_table() -> None:
    none = np.empty((0, 7), np.float32)
    recording = Recording(
        seconds=np.empty(0),
        track_ids=np.empty(0, np.int64),
        raw=none,
        smoothed=none,
        unsure=np.empty(0, bool),
        steps_s=np.empty(0),
        markers=(),
        networks=(Network(0.0, "tiny"),),
        duration_s=1.0,
    )
    with pytest.raises(ContractError, match="camera"):
        camera_table(recording)


def test_the_time_of_day_has_its_zone() -> None:
    assert datetime.fromisoformat(now_here()).tzinfo is not None
