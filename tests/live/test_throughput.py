"""Rates and medians of a stream, with a clock of the test's own."""

import pytest

from fer_core.live.throughput import WINDOW_S, Throughput
from tests.streamed import Clock


def test_frames_read_are_counted_over_the_last_two_seconds() -> None:
    clock = Clock()
    throughput = Throughput(clock)
    assert throughput.frames_per_second == 0
    for _ in range(50):
        clock.now += 0.1
        throughput.on_read({})
    assert throughput.frames_per_second == pytest.approx(10)
    clock.now += WINDOW_S
    assert throughput.frames_per_second == 0


def test_frames_that_came_are_counted_beside_those_that_were_read() -> None:
    clock = Clock()
    throughput = Throughput(clock)
    for _ in range(25):
        assert throughput.arriving_per_second == 0  # too short a time to say
        throughput.on_arrival(3)
        clock.now += 0.08
    for _ in range(25):
        throughput.on_arrival(3)
        throughput.on_read({})
        clock.now += 0.1
    assert throughput.arriving_per_second == pytest.approx(30, rel=0.01)
    assert throughput.frames_per_second == pytest.approx(10, rel=0.01)
    throughput.clear()
    assert (throughput.arriving_per_second, throughput.frames_per_second) == (0, 0)


def test_stages_have_the_median_of_the_frames_that_had_them() -> None:
    clock = Clock()
    throughput = Throughput(clock)
    assert (throughput.milliseconds, throughput.newest) == ({}, {})
    for classify_ms in (90, 1, 2, 30):
        throughput.on_read({"classify": classify_ms, "detect": 4})
    throughput.on_read({"detect": 5})
    assert throughput.milliseconds == {"detect": 4, "classify": 16}
    assert list(throughput.milliseconds) == ["detect", "classify"]  # in their order
    assert throughput.newest == {"detect": 5}
