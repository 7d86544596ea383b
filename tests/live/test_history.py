"""The ring of a live stream's last readings."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.live.history import FACES_KEPT, SAMPLES_A_SECOND, SPAN_S, FaceHistory, Past
from tests.streamed import Clock, shares, stream_frame

HAPPY, SAD = shares(Emotion.HAPPY), shares(Emotion.SAD)


def row(n: int = 1) -> NDArray[np.float32]:
    return np.full((n, 7), 1 / 7, np.float32)


@pytest.fixture
def clock() -> Clock:
    return Clock(0.0)


@pytest.fixture
def history(clock: Clock) -> FaceHistory:
    return FaceHistory(clock)


def show(history: FaceHistory, clock: Clock, time_s: float, *track_ids: int) -> None:
    clock.now = time_s
    history.on_frame(stream_frame(time_s, *[HAPPY] * len(track_ids), track_ids=track_ids))


def test_what_is_older_than_a_minute_is_gone_and_the_ring_does_not_grow(
    history: FaceHistory, clock: Clock
) -> None:
    for frame in range(30 * 180):
        show(history, clock, frame / 30, 1)
    clock.now = 180.0
    past = history.past(1)
    assert past.seconds[0] >= -SPAN_S
    assert past.seconds[0] == pytest.approx(-SPAN_S, abs=1)
    assert past.seconds[-1] == pytest.approx(0, abs=0.5)
    assert SPAN_S * SAMPLES_A_SECOND - 2 <= len(past) <= SPAN_S * SAMPLES_A_SECOND + 1
    assert (np.diff(past.seconds) > 0).all()
    clock.now = 180.0 + SPAN_S + 1
    assert history.tracks() == ()
    assert len(history.past(1)) == 0


def test_a_face_that_goes_and_comes_back_has_a_gap(history: FaceHistory, clock: Clock) -> None:
    for second in range(10):
        show(history, clock, float(second), *((1, 7) if second not in (4, 5) else (1,)))
    show(history, clock, 10.0)
    missing = np.isnan(history.past(7).probabilities).all(axis=1)
    assert missing.tolist() == [False] * 4 + [True] * 2 + [False] * 4 + [True]
    assert history.tracks() == (1, 7)


def test_a_late_face_begins_when_it_came(history: FaceHistory, clock: Clock) -> None:
    for second in range(10):
        show(history, clock, float(second), *((1,) if second < 6 else (1, 2)))
    assert history.past(2).seconds.tolist() == [-3, -2, -1, 0]
    assert len(history.past(99)) == 0


def test_it_is_what_was_shown(history: FaceHistory, clock: Clock) -> None:
    for second, smoothing in enumerate((True, False)):
        clock.now = second
        history.on_frame(stream_frame(second, HAPPY, raw=(SAD,), smoothing=smoothing))
    assert history.past(1).probabilities == pytest.approx(np.stack([HAPPY, SAD]))


def test_a_full_room_keeps_its_largest_faces(history: FaceHistory, clock: Clock) -> None:
    show(history, clock, 0.0, *range(1, 101))
    assert history.tracks() == tuple(range(1, FACES_KEPT + 1))


def test_the_end_of_the_stream_forgets(history: FaceHistory, clock: Clock) -> None:
    show(history, clock, 0.0, 1)
    history.on_end()
    assert history.tracks() == ()
    show(history, clock, 0.1, 2)
    assert history.tracks() == (2,)


def test_the_empty_past_keeps_its_shape_and_unequal_lengths_are_refused() -> None:
    assert Past.none().probabilities.shape == (0, 7)
    with pytest.raises(ContractError):
        Past(np.zeros(2, np.float32), row(3))
