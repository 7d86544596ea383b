"""A few frames a second out of a stream."""

import pytest

from fer_core.live.sampling import Sampling


@pytest.mark.parametrize("wanted", [3, 10])
@pytest.mark.parametrize("frames_per_second", [5, 8, 12, 29, 30, 60])
def test_as_many_as_wanted_at_any_frame_rate(frames_per_second: int, wanted: int) -> None:
    sampling = Sampling(wanted)
    times = [number / frames_per_second for number in range(frames_per_second * 20)]
    taken = [time_s for time_s in times if sampling.takes(time_s)]
    assert taken[0] == 0.0
    assert len(taken) == pytest.approx(20 * min(wanted, frames_per_second), rel=0.03)


def test_after_a_pause_it_goes_on_at_the_same_rate() -> None:
    sampling = Sampling(3)
    assert sampling.takes(0.0)
    taken = [number for number in range(60) if sampling.takes(30 + number / 30)]
    assert taken[0] == 0
    assert len(taken) == pytest.approx(6, abs=1)
