"""The ring of a live stream's last readings."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.live.history import (
    FACES_KEPT,
    SAMPLES_A_SECOND,
    SPAN_S,
    LastMinute,
    Past,
)


def row(n: int = 1) -> NDArray[np.float32]:
    return np.full((n, 7), 1 / 7, np.float32)


@pytest.mark.parametrize("frames_per_second", [5, 12, 29, 30, 60])
def test_a_few_readings_a_second_are_kept_at_any_frame_rate(frames_per_second: int) -> None:
    minute = LastMinute()
    for frame in range(frames_per_second * 20):
        minute.add(frame / frames_per_second, (1,), row())
    past = minute.of(1, 20.0)
    assert len(past) == pytest.approx(20 * SAMPLES_A_SECOND, abs=2)
    assert (np.diff(past.seconds) > 0).all()


def test_what_is_older_than_a_minute_is_gone_and_the_ring_does_not_grow() -> None:
    minute = LastMinute()
    for frame in range(30 * 180):
        minute.add(frame / 30, (1,), row())
    past = minute.of(1, 180.0)
    assert past.seconds[0] >= -SPAN_S
    assert past.seconds[0] == pytest.approx(-SPAN_S, abs=1)
    assert past.seconds[-1] == pytest.approx(0, abs=0.5)
    assert len(past) <= SPAN_S * SAMPLES_A_SECOND + 1
    assert minute.tracks(180.0 + SPAN_S + 1) == ()
    assert len(minute.of(1, 180.0 + SPAN_S + 1)) == 0


def test_a_face_that_goes_and_comes_back_has_a_gap() -> None:
    minute = LastMinute()
    for second in range(10):
        here = second not in (4, 5)
        minute.add(float(second), (1, 7) if here else (1,), row(2 if here else 1))
    minute.add(10.0, (), row(0))
    missing = np.isnan(minute.of(7, 10.0).probabilities).all(axis=1)
    assert missing.tolist() == [False] * 4 + [True] * 2 + [False] * 4 + [True]
    assert minute.tracks(10.0) == (1, 7)


def test_a_late_face_begins_when_it_came() -> None:
    minute = LastMinute()
    for second in range(10):
        minute.add(float(second), (1,) if second < 6 else (1, 2), row(1 if second < 6 else 2))
    assert minute.of(2, 9.0).seconds.tolist() == [-3, -2, -1, 0]
    assert len(minute.of(99, 9.0)) == 0


def test_after_a_pause_readings_go_on_at_the_same_rate() -> None:
    minute = LastMinute()
    minute.add(0.0, (1,), row())
    for frame in range(60):
        minute.add(30 + frame / 30, (1,), row())
    assert len(minute.of(1, 32.0)) == pytest.approx(1 + 2 * SAMPLES_A_SECOND, abs=1)


def test_a_full_room_keeps_its_largest_faces() -> None:
    minute = LastMinute()
    minute.add(0.0, tuple(range(1, 101)), row(100))
    assert minute.tracks(0.0) == tuple(range(1, FACES_KEPT + 1))


def test_clear_forgets() -> None:
    minute = LastMinute()
    minute.add(0.0, (1,), row())
    minute.clear()
    assert minute.tracks(0.0) == ()
    minute.add(0.1, (2,), row())
    assert minute.tracks(0.1) == (2,)


def test_the_empty_past_keeps_its_shape_and_unequal_lengths_are_refused() -> None:
    assert Past.none().probabilities.shape == (0, 7)
    with pytest.raises(ContractError):
        Past(np.zeros(2, np.float32), row(3))
