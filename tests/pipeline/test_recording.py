"""Recorded sessions: what was fed in comes out as stretches, times, transitions and files."""

import io
import json
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from fer_core.charts import darker, dwell_figure, timeline_figure, transitions_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.pipeline.recording import (
    COLUMNS,
    STATES,
    Network,
    Recorder,
    Recording,
    dwell_seconds,
    readings_table,
    recording_csv,
    recording_json,
    stretches,
    transitions,
)
from fer_core.pipeline.tables import harmless_cell

UNSURE_STATE = len(LABELS)


def row(emotion: Emotion) -> NDArray[np.float32]:
    values = np.full(7, 0.05, np.float32)
    values[emotion] = 0.7
    return values


def record(
    script: list[tuple[float, Emotion | None]], face: int = 1, step: float = 0.1
) -> Recorder:
    """A recorder fed with (seconds, what is shown); None is unsure."""
    recorder, time = Recorder(100.0), 100.0
    for seconds, emotion in script:
        for _ in range(round(seconds / step)):
            values = row(emotion if emotion is not None else Emotion.HAPPY)[None]
            recorder.add(time, (face,), values, np.array([emotion is None]), "tiny")
            time += step
    return recorder


SCRIPT = [(2.0, Emotion.NEUTRAL), (1.0, Emotion.HAPPY), (0.5, None), (1.5, Emotion.HAPPY)]


def test_stretches_times_and_transitions_are_those_of_the_script() -> None:
    recording = record(SCRIPT).stop(105.0)
    parts = stretches(recording, 1)
    assert [part.state for part in parts] == [6, 3, UNSURE_STATE, 3]
    assert [part.follows for part in parts] == [False, True, True, True]
    assert parts[1].start_s == pytest.approx(2.0, abs=0.15)
    dwell = dwell_seconds(parts)
    assert list(dwell) == list(STATES)
    assert dwell["neutral"] == pytest.approx(2.0, abs=0.15)
    assert dwell["happy"] == pytest.approx(2.5, abs=0.15)
    assert dwell["unsure"] == pytest.approx(0.5, abs=0.15)
    assert sum(dwell.values()) == pytest.approx(5.0, abs=0.15)
    counts = transitions(parts)
    assert counts[6, 3] == counts[3, UNSURE_STATE] == counts[UNSURE_STATE, 3] == 1
    assert counts.sum() == 3


def test_a_face_that_was_away_neither_dwelt_nor_changed() -> None:
    recorder = record([(1.0, Emotion.SAD)])
    for step in range(10):
        recorder.add(130 + step / 10, (1,), row(Emotion.FEAR)[None], np.array([False]), "tiny")
    parts = stretches(recorder.stop(131.0), 1)
    assert sum(dwell_seconds(parts).values()) == pytest.approx(2.0, abs=0.2)
    assert transitions(parts).sum() == 0
    # Away and back with the same expression is two stretches too.
    assert [part.follows for part in parts] == [False, False]


@pytest.mark.parametrize("frames_per_second", [8, 12, 29, 30, 60])
def test_ten_readings_a_second_at_most(frames_per_second: int) -> None:
    recorder = Recorder(0.0)
    for frame in range(frames_per_second * 10):
        recorder.add(
            frame / frames_per_second, (1,), row(Emotion.SAD)[None], np.array([False]), "tiny"
        )
    wanted = 10 * min(10, frames_per_second)
    assert len(recorder.stop(10.0)) == pytest.approx(wanted, abs=3)


def test_recording_ends_when_it_is_full() -> None:
    with mock.patch("fer_core.pipeline.recording.MOST_READINGS", 5):
        recorder = record([(2.0, Emotion.SAD)])
        recording = recorder.stop(102.0)
    assert recording.full
    assert len(recording) == 5


def two_faces() -> Recording:
    recorder = Recorder(0.0)
    for step in range(10):
        here = (1, 4) if step < 5 else (4,)
        rows = np.stack([row(Emotion.SAD), row(Emotion.HAPPY)])[-len(here) :]
        recorder.add(
            step / 10, here, rows, np.zeros(len(here), bool), "tiny" if step < 7 else "tiny_b"
        )
    recorder.mark(0.35, " joke \n told ")
    recorder.mark(0.8, "")
    recorder.mark(0.9, "=1+1")
    return recorder.stop(1.0)


def test_csv_has_readings_and_markers_by_time() -> None:
    recording = two_faces()
    assert recording.tracks == (4, 1)
    table = pd.read_csv(io.BytesIO(recording_csv(recording)))
    assert list(table.columns) == list(COLUMNS)
    assert table["seconds"].is_monotonic_increasing
    assert (table["face"] == 1).sum() == 5
    assert set(table.loc[table["face"] == 1, "expression"]) == {"sad"}
    assert table["marker"].dropna().tolist() == ["joke told", "marker 2", "'=1+1"]
    assert len(readings_table(recording)) == 18


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@a", "＝1+1", "＋1", "－1", "＠a", " =1"])
def test_a_word_that_a_spreadsheet_would_run_is_defused(word: str) -> None:
    assert harmless_cell(word) == f"'{word}"
    recorder = Recorder(0.0)
    recorder.mark(0.5, word)
    table = pd.read_csv(io.BytesIO(recording_csv(recorder.stop(1.0))))
    assert table["marker"].tolist() == [f"'{word.strip()}"]


def test_harmless_words_stay_as_they_are() -> None:
    assert [harmless_cell(word) for word in ("joke", "1+1", "")] == ["joke", "1+1", ""]
    assert harmless_cell("a\rb") == "a b"


def test_json_has_all_of_it() -> None:
    data = json.loads(recording_json(two_faces()))
    assert data["networks"] == [
        {"seconds": 0.0, "model": "tiny"},
        {"seconds": 0.7, "model": "tiny_b"},
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
    empty = Recorder(0.0).stop(3.0)
    assert empty.tracks == ()
    assert stretches(empty, 1) == ()
    assert sum(dwell_seconds(()).values()) == 0
    assert list(pd.read_csv(io.BytesIO(recording_csv(empty))).columns) == list(COLUMNS)
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
            np.zeros(2, bool),
            np.ones(2),
            (),
            (),
            1,
        )


def test_the_timeline_is_stacked_in_class_colours_with_markers_and_gaps() -> None:
    recorder = record([(300.0, Emotion.SAD)])
    recorder.mark(250.0, "<b>here</b>")
    for step in range(300):
        recorder.add(420 + step / 10, (1,), row(Emotion.FEAR)[None], np.array([False]), "tiny")
    figure = timeline_figure(recorder.stop(450.0), 1)
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
        probabilities=np.stack([row(emotion) for emotion in shown]),
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


def test_a_face_that_a_look_did_not_find_was_away_until_it_was_found() -> None:
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
    recorder = record([(500.0, Emotion.SAD)])
    for step in range(5000):
        recorder.add(602 + step / 10, (1,), row(Emotion.FEAR)[None], np.array([False]), "tiny")
    recording = recorder.stop(1102.0)
    told = sum(dwell_seconds(stretches(recording, 1)).values())
    assert told == pytest.approx(1000, abs=0.5)
    assert drawn_seconds(recording) == pytest.approx(told)
    assert len(timeline_figure(recording, 1).data[0].x) <= 610


def test_areas_are_told_apart_by_their_patterns_too() -> None:
    areas = timeline_figure(record(SCRIPT).stop(105.0), 1).data
    assert len({trace.fillpattern.shape for trace in areas}) == len(Emotion)
    for emotion, trace in zip(Emotion, areas, strict=True):
        assert trace.fillpattern.bgcolor == emotion.style.colour
        assert trace.fillpattern.fgcolor == darker(emotion.style.colour, 0.5)


def test_a_network_that_was_chosen_on_the_way_is_in_the_timeline() -> None:
    words = [note.text for note in timeline_figure(two_faces(), 4).layout.annotations]
    assert words == ["joke told", "marker 2", "=1+1", "network: tiny_b"]


def test_bars_and_matrix_name_all_states() -> None:
    parts = stretches(record(SCRIPT).stop(105.0), 1)
    bars = dwell_figure(dwell_seconds(parts))
    assert [trace.name for trace in bars.data] == list(STATES)
    matrix = transitions_figure(transitions(parts))
    assert list(matrix.data[0].x) == list(STATES)
    assert matrix.data[0].z[6][3] == 1
