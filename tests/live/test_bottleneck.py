"""What holds a live video back, from medians and rates."""

import pytest

from fer_core.live.bottleneck import find_bottleneck

SLOW = {"decode": 2.0, "detect": 60.0, "classify": 20.0, "draw": 1.0}


def test_the_slowest_stage_is_named_with_its_time() -> None:
    found = find_bottleneck(30, 11, SLOW)
    assert found is not None
    assert (found.stage, found.stage_ms, found.total_ms) == ("detect", 60.0, 83.0)
    assert (found.arriving, found.read) == (30, 11)


def test_stages_that_leave_the_time_unused_are_not_blamed() -> None:
    found = find_bottleneck(30, 11, {name: value / 5 for name, value in SLOW.items()})
    assert found is not None
    assert found.stage == ""
    assert found.total_ms == pytest.approx(16.6)


@pytest.mark.parametrize(
    ("arriving", "read", "stages"),
    [(30, 29, SLOW), (30, 24.5, SLOW), (0, 12, SLOW), (4, 1, SLOW), (30, 0, SLOW), (30, 5, {})],
)
def test_nothing_is_said_when_all_is_well_or_nothing_is_known(
    arriving: float, read: float, stages: dict[str, float]
) -> None:
    assert find_bottleneck(arriving, read, stages) is None
