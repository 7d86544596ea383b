"""A person's own neutral: taken from a still face only, and said as the change from it."""

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.live.neutral import (
    COLLECT_S,
    Baseline,
    BaselineState,
    NeutralBaseline,
    median_probabilities,
)
from tests.streamed import Clock, shares, stream_frame

REST = shares(Emotion.ANGRY, 0.6)
"""Low brows: the network calls this person's resting face angry."""


def follow(
    own: NeutralBaseline, clock: Clock, seconds: float = COLLECT_S, **changes: object
) -> None:
    """Thirty frames a second of a face at rest, then a moment more."""
    rng = np.random.default_rng(0)
    for _ in range(round(30 * seconds)):
        row = REST * rng.uniform(0.9, 1.1, 7).astype(np.float32)
        own.on_frame(stream_frame(clock.now, row / row.sum(), **changes))  # type: ignore[arg-type]
        clock.now += 1 / 30
    clock.now += 0.01


def test_a_still_face_becomes_the_baseline_and_changes_are_points_from_it() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    assert own.state() == BaselineState()
    own.start()
    follow(own, clock, 2.5)
    assert own.state().progress == pytest.approx(0.5, abs=0.01)
    follow(own, clock, 2.6)
    state = own.state()
    assert (state.progress, state.refusal) == (None, "")
    assert state.baseline is not None
    assert state.baseline.probabilities == pytest.approx(REST, abs=0.02)
    assert state.baseline.probabilities.sum() == pytest.approx(1)
    change = state.baseline.change(shares(Emotion.HAPPY, 0.9))
    assert change[Emotion.ANGRY] == pytest.approx(-58, abs=3)
    assert change[Emotion.HAPPY] == pytest.approx(83, abs=3)
    assert change.sum() == pytest.approx(0, abs=1e-3)
    own.forget()
    assert own.state() == BaselineState()


def test_one_bad_box_in_four_does_not_move_it() -> None:
    rows = np.stack([REST, REST, REST, shares(Emotion.FEAR, 0.99)])
    assert median_probabilities(rows) == pytest.approx(REST, abs=1e-4)
    with pytest.raises(ContractError):
        median_probabilities(rows[:0])


def test_without_a_face_it_is_refused_also_when_no_frame_comes() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    own.start()
    own.on_frame(stream_frame(clock.now))
    clock.now += COLLECT_S
    assert "No face was seen" in own.state().refusal
    own.start()
    assert own.state().refusal == ""
    clock.now += COLLECT_S + 1
    own.on_frame(stream_frame(clock.now, REST))
    assert "No face was seen" in own.state().refusal


def test_a_face_that_was_there_for_half_of_the_time_is_refused() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    own.start()
    for step in range(152):
        own.on_frame(stream_frame(clock.now, *([REST] if step < 75 else [])))
        clock.now += 1 / 30
    assert "on only 50% of the frames" in own.state().refusal
    assert own.state().baseline is None


def test_a_slow_video_is_not_blamed_on_the_face() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    for frames_per_second, refusal in ((1.0, "too slow: 5 frames in 5 seconds"), (2.5, "")):
        own.start()
        for _ in range(round(COLLECT_S * frames_per_second) + 1):
            own.on_frame(stream_frame(clock.now, REST))
            clock.now += 1 / frames_per_second
        assert refusal in own.state().refusal
    assert own.state().baseline is not None


def test_a_moving_face_is_refused_and_the_old_baseline_stays() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    own.start()
    follow(own, clock, COLLECT_S + 0.1)
    before = own.state().baseline
    own.start()
    for step in range(150):
        emotion = Emotion.HAPPY if step % 60 < 30 else Emotion.ANGRY
        own.on_frame(stream_frame(clock.now, shares(emotion)))
        clock.now += 1 / 30
    clock.now += 0.1
    assert "changed too much" in own.state().refusal
    assert before is not None
    assert own.state().baseline is before


def test_the_largest_face_is_followed_and_not_one_that_comes_later() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    own.start()
    for step in range(160):
        if step < 15:
            own.on_frame(stream_frame(clock.now, REST, track_ids=(4,)))
        else:  # somebody comes closer: now the largest
            own.on_frame(stream_frame(clock.now, shares(Emotion.HAPPY), REST, track_ids=(5, 4)))
        clock.now += 1 / 30
    baseline = own.state().baseline
    assert baseline is not None
    assert baseline.track_id == 4
    assert baseline.probabilities == pytest.approx(REST, abs=1e-3)


def test_whose_it_is() -> None:
    baseline = Baseline(REST, "tiny", 4, 150)
    assert baseline.row_of((5, 4)) == 1
    assert baseline.row_of((7,)) == 0  # lost and found again
    assert baseline.row_of((5, 6)) is None
    assert baseline.row_of(()) is None


def test_the_end_of_the_video_and_another_network_stop_it() -> None:
    clock = Clock()
    own = NeutralBaseline(clock)
    own.start()
    own.on_end()
    assert "video ended" in own.state().refusal
    own.start()
    own.on_frame(stream_frame(clock.now, REST))
    own.on_frame(stream_frame(clock.now + 0.1, REST, model="tiny_b"))
    assert "network was changed" in own.state().refusal
    own.start()
    follow(own, clock, COLLECT_S + 0.1)
    own.on_end()
    baseline = own.state().baseline
    assert baseline is not None
    assert baseline.track_id is None  # number 1 may be somebody else after the next START
