"""Recorded sessions: what was fed in comes out as stretches, times, transitions and files."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from fer_core.charts import darker, dwell_figure, timeline_figure, transitions_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.pipeline.camera_table import CAMERA_COLUMNS, camera_csv
from fer_core.pipeline.recording import (
    STATES,
    Marker,
    Network,
    Recording,
    dwell_seconds,
    readings_table,
    recording_json,
    stretches,
    transitions,
)
from fer_core.pipeline.recording_rows import RecordingRows
from fer_core.pipeline.tables import harmless_cell
from tests.streamed import shares, stream_frame

UNSURE_STATE = len(LABELS)


Moment = Emotion | None
"""What a face shows; None: something of which the network is unsure."""


def script_rows(*script: tuple[float, float, Moment]) -> RecordingRows:
    """One face, read ten times a second: from when, for how many seconds, and what it shows."""
    rows = RecordingRows(100_000)
    for start_s, seconds, shown in script:
        row = shares(Emotion.HAPPY, 0.3) if shown is None else shares(shown)
        for step in range(round(seconds * 10)):
            time_s = start_s + step / 10
            rows.add(time_s, stream_frame(time_s, row))
    return rows


def script_recording(*script: tuple[float, float, Moment]) -> Recording:
    start_s, seconds, _ = script[-1]
    return script_rows(*script).recording(start_s + seconds, step_s=0.1)


SCRIPT = (
    (0.0, 2.0, Emotion.NEUTRAL),
    (2.0, 1.0, Emotion.HAPPY),
    (3.0, 0.5, None),
    (3.5, 1.5, Emotion.HAPPY),
)


def test_stretches_times_and_transitions_are_those_of_the_script() -> None:
    parts = stretches(script_recording(*SCRIPT), 1)
    assert [part.state for part in parts] == [6, 3, UNSURE_STATE, 3]
    assert [part.follows for part in parts] == [False, True, True, True]
    assert parts[1].start_s == pytest.approx(2.0)
    dwell = dwell_seconds(parts)
    assert list(dwell) == list(STATES)
    assert dwell["neutral"] == pytest.approx(2.0)
    assert dwell["happy"] == pytest.approx(2.5)
    assert dwell["unsure"] == pytest.approx(0.5)
    assert sum(dwell.values()) == pytest.approx(5.0)
    counts = transitions(parts)
    assert counts[6, 3] == counts[3, UNSURE_STATE] == counts[UNSURE_STATE, 3] == 1
    assert counts.sum() == 3


def test_a_short_unsure_moment_is_the_way_from_one_expression_to_the_next() -> None:
    parts = stretches(
        script_recording(
            (0.0, 2.0, Emotion.NEUTRAL),
            (2.0, 0.3, None),
            (2.3, 2.0, Emotion.HAPPY),
            (4.3, 0.2, None),
            (4.5, 1.0, Emotion.HAPPY),
            (5.5, 0.8, None),
            (6.3, 1.0, Emotion.SAD),
            (7.3, 0.2, None),
        ),
        1,
    )
    counts = transitions(parts)
    happy, sad, neutral = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL
    # There and back is no change, a long one is a state, and one at the end led nowhere yet.
    assert counts[neutral, happy] == counts[happy, UNSURE_STATE] == counts[UNSURE_STATE, sad] == 1
    assert counts[sad, UNSURE_STATE] == 1
    assert counts.sum() == 4
    assert dwell_seconds(parts)["unsure"] == pytest.approx(1.5)  # time stays time


def test_a_face_that_was_away_neither_dwelt_nor_changed() -> None:
    parts = stretches(script_recording((0.0, 1.0, Emotion.SAD), (30.0, 1.0, Emotion.FEAR)), 1)
    assert sum(dwell_seconds(parts).values()) == pytest.approx(2.0)
    assert transitions(parts).sum() == 0
    # Away and back with the same expression is two stretches too.
    assert [part.follows for part in parts] == [False, False]


def test_rows_end_with_the_frame_that_would_be_too_much() -> None:
    rows = RecordingRows(5)
    for second in range(6):
        rows.add(float(second), stream_frame(0.0, *[shares(Emotion.SAD)] * 2))
    assert rows.full
    recording = rows.recording(60.0)
    assert recording.full
    assert recording.seconds.tolist() == [0, 0, 1, 1]
    assert recording.steps_s.tolist() == [1, 1, 1, 1]  # the third frame came one second later


def test_a_reading_holds_until_the_next_frame_also_where_nobody_is_there() -> None:
    rows = RecordingRows(5)
    for second, faces in ((0.0, 1), (2.0, 0), (5.0, 1)):
        rows.add(second, stream_frame(second, *[shares(Emotion.SAD)] * faces))
    recording = rows.recording(6.0)
    assert not recording.full
    assert recording.seconds.tolist() == [0, 5]
    assert recording.steps_s.tolist() == [2, 1]


def test_raw_and_smoothed_are_both_there_whatever_is_shown() -> None:
    happy, sad = shares(Emotion.HAPPY), shares(Emotion.SAD)
    for smoothing in (True, False):
        rows = RecordingRows(5)
        rows.add(0.0, stream_frame(0.0, happy, raw=(sad,), smoothing=smoothing))
        recording = rows.recording(1.0)
        assert recording.raw[0] == pytest.approx(sad)
        assert recording.smoothed[0] == pytest.approx(happy)
        (row,) = readings_table(recording).to_dict("records")
        assert (row["expression"], row["happy"], row["raw_sad"]) == ("happy", 0.7, 0.7)
        (reading,) = json.loads(recording_json(recording))["readings"]
        assert (reading["happy"], reading["raw_sad"]) == (0.7, 0.7)


def two_faces() -> Recording:
    rows = RecordingRows(100)
    for step in range(10):
        faces = {1: shares(Emotion.SAD), 4: shares(Emotion.HAPPY)}
        if step >= 5:
            del faces[1]
        model = "tiny" if step < 7 else "tiny_b"
        rows.add(
            step / 10,
            stream_frame(step / 10, *faces.values(), track_ids=tuple(faces), model=model),
        )
    markers = (Marker(0.35, "joke told"), Marker(0.8, "marker 2"), Marker(0.9, "=1+1"))
    return rows.recording(1.0, step_s=0.1, markers=markers)


def test_csv_has_readings_and_markers_by_time() -> None:
    recording = two_faces()
    assert recording.tracks == (4, 1)
    table = pd.read_csv(io.BytesIO(camera_csv(recording)))
    assert list(table.columns) == list(CAMERA_COLUMNS)
    assert table["seconds"].is_monotonic_increasing
    assert (table["face"] == 1).sum() == 5
    assert set(table.loc[table["face"] == 1, "expression"]) == {"sad"}
    sad = table.loc[table["face"] == 1]
    assert sad["valence"].to_numpy() == pytest.approx(sad["happy"] - sad["sad"])
    assert table["marker"].dropna().tolist() == ["joke told", "marker 2", "'=1+1"]
    assert len(readings_table(recording)) == 18


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@a", "＝1+1", "＋1", "－1", "＠a", " =1"])
def test_a_word_that_a_spreadsheet_would_run_is_defused(word: str) -> None:
    assert harmless_cell(word) == f"'{word}"
    marked = RecordingRows(1).recording(1.0, markers=[Marker(0.5, word)])
    table = pd.read_csv(io.BytesIO(camera_csv(marked)))
    assert table["marker"].tolist() == [f"'{word}"]


def test_harmless_words_stay_as_they_are() -> None:
    assert [harmless_cell(word) for word in ("joke", "1+1", "")] == ["joke", "1+1", ""]
    assert harmless_cell("a\rb") == "a b"


def test_json_has_all_of_it() -> None:
    data = json.loads(recording_json(two_faces()))
    assert data["networks"] == [
        {"seconds": 0.0, "model": "tiny", "detector": "yunet"},
        {"seconds": 0.7, "model": "tiny_b", "detector": "yunet"},
    ]
    assert [r["model"] for r in data["readings"] if r["seconds"] in (0.6, 0.7)] == [
        "tiny",
        "tiny_b",
    ]
    assert data["markers"][0] == {"seconds": 0.35, "label": "joke told"}
    assert set(data["faces"]) == {"1", "4"}
    assert data["faces"]["4"]["dwell_seconds"]["happy"] == pytest.approx(1.0, abs=0.1)
    assert len(data["readings"]) == 15
    assert data["states"] == list(STATES)


def test_nothing_recorded_is_still_a_recording() -> None:
    empty = RecordingRows(1).recording(3.0)
    assert empty.tracks == ()
    assert stretches(empty, 1) == ()
    assert sum(dwell_seconds(()).values()) == 0
    assert list(pd.read_csv(io.BytesIO(camera_csv(empty))).columns) == list(CAMERA_COLUMNS)
    assert json.loads(recording_json(empty))["readings"] == []
    for figure in (
        timeline_figure(empty, 1),
        dwell_figure(dwell_seconds(())),
        transitions_figure(transitions(())),
    ):
        assert not figure.data
        assert len(figure.layout.annotations) == 1


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ContractError):
        Recording(
            np.zeros(2),
            np.zeros(1, np.int64),
            np.zeros((2, 7), np.float32),
            np.zeros((2, 7), np.float32),
            np.zeros(2, bool),
            np.ones(2),
            (),
            (),
            1,
        )


def test_the_timeline_is_stacked_in_class_colours_with_markers_and_gaps() -> None:
    rows = script_rows((0.0, 300.0, Emotion.SAD), (320.0, 30.0, Emotion.FEAR))
    marked = rows.recording(350.0, step_s=0.1, markers=[Marker(150.0, "<b>here</b>")])
    figure = timeline_figure(marked, 1)
    assert [trace.fillcolor for trace in figure.data] == [e.style.colour for e in Emotion]
    assert len(figure.data[0].x) <= 610
    total = np.sum([trace.y for trace in figure.data], axis=0)
    away = (figure.data[0].x > 301) & (figure.data[0].x < 319)
    assert not away.any()
    assert np.isclose(total, 0).sum() == 2
    assert figure.layout.annotations[0].text == "&lt;b&gt;here&lt;/b&gt;"


def sparse(seconds: list[float], steps_s: list[float], duration_s: float) -> Recording:
    """A face that is read at few moments, sad at the first half of them and then happy."""
    m = len(seconds)
    shown = [Emotion.SAD if i < m // 2 else Emotion.HAPPY for i in range(m)]
    return Recording(
        seconds=np.array(seconds, np.float64),
        track_ids=np.ones(m, np.int64),
        raw=np.stack([shares(emotion) for emotion in shown]),
        smoothed=np.stack([shares(emotion) for emotion in shown]),
        unsure=np.zeros(m, bool),
        steps_s=np.array(steps_s, np.float64),
        markers=(),
        networks=(Network(0.0, "tiny"),),
        duration_s=duration_s,
    )


def drawn_seconds(recording: Recording) -> float:
    """For how long the timeline shows the face."""
    trace = timeline_figure(recording, 1).data[Emotion.SAD]
    both = (trace.y[:-1] > 0) & (trace.y[1:] > 0)
    return float(np.diff(trace.x)[both].sum())


def test_readings_that_are_far_apart_hold_until_the_next_one() -> None:
    recording = sparse([0, 5, 10, 15], [5, 5, 5, 5], 20)
    parts = stretches(recording, 1)
    assert [(part.start_s, part.end_s) for part in parts] == [(0, 10), (10, 20)]
    assert [part.follows for part in parts] == [False, True]
    assert transitions(parts).sum() == 1
    assert drawn_seconds(recording) == pytest.approx(20)


def test_a_face_that_a_frame_did_not_have_was_away_until_it_was_found() -> None:
    recording = sparse([0, 5, 15, 20], [5, 5, 5, 5], 25)
    dwell = dwell_seconds(stretches(recording, 1))
    assert dwell["sad"] == dwell["happy"] == pytest.approx(10)
    assert transitions(stretches(recording, 1)).sum() == 0
    assert drawn_seconds(recording) == pytest.approx(20)
    # Within `GAP_S` it is taken to have been there.
    assert sum(dwell_seconds(stretches(sparse([0, 0.8], [0.4, 0.4], 1.2), 1)).values()) == (
        pytest.approx(1.2)
    )


def test_the_timeline_has_the_gaps_of_the_times() -> None:
    # Long, so that it is thinned; a gap that is shorter than what becomes one point stays.
    recording = script_recording((0.0, 500.0, Emotion.SAD), (502.0, 500.0, Emotion.FEAR))
    told = sum(dwell_seconds(stretches(recording, 1)).values())
    assert told == pytest.approx(1000, abs=0.5)
    assert drawn_seconds(recording) == pytest.approx(told)
    assert len(timeline_figure(recording, 1).data[0].x) <= 610


def test_areas_are_told_apart_by_their_patterns_too() -> None:
    areas = timeline_figure(script_recording(*SCRIPT), 1).data
    assert len({trace.fillpattern.shape for trace in areas}) == len(Emotion)
    for emotion, trace in zip(Emotion, areas, strict=True):
        assert trace.fillpattern.bgcolor == emotion.style.colour
        assert trace.fillpattern.fgcolor == darker(emotion.style.colour, 0.5)


def test_a_network_that_was_chosen_on_the_way_is_in_the_timeline() -> None:
    words = [note.text for note in timeline_figure(two_faces(), 4).layout.annotations]
    assert words == ["joke told", "marker 2", "=1+1", "network: tiny_b"]


def test_bars_and_matrix_name_all_states() -> None:
    parts = stretches(script_recording(*SCRIPT), 1)
    bars = dwell_figure(dwell_seconds(parts))
    assert [trace.name for trace in bars.data] == list(STATES)
    matrix = transitions_figure(transitions(parts))
    assert list(matrix.data[0].x) == list(STATES)
    assert matrix.data[0].z[6][3] == 1
