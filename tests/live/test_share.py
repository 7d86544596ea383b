"""What each of several viewers gets of a machine."""

import pytest

from fer_core.live.session import LiveSession
from fer_core.live.share import FEWEST, FULL, GONE_S, Share, Viewers, share_of
from tests.streamed import Clock


@pytest.mark.parametrize(
    ("viewers", "cores", "expected"),
    [
        (1, 2, Share(1, FULL, smaller=False)),
        (2, 2, Share(2, 20.0, smaller=False)),
        (4, 2, Share(4, 10.0, smaller=True)),
        (40, 2, Share(40, FEWEST, smaller=True)),
        (4, 16, Share(4, FULL, smaller=False)),
        (0, 2, Share(1, FULL, smaller=False)),
    ],
)
def test_a_share_gets_smaller_as_viewers_come(viewers: int, cores: int, expected: Share) -> None:
    assert share_of(viewers, cores) == expected
    assert expected.limited is (expected.frames_per_second < FULL or expected.smaller)


def test_who_has_left_leaves_room() -> None:
    clock = Clock()
    viewers = Viewers(2, clock)
    assert viewers.with_one_more() == share_of(1, 2)
    assert viewers.seen("a").viewers == 1
    assert viewers.seen("b").viewers == 2
    assert viewers.with_one_more().viewers == 3
    viewers.left("b")
    assert viewers.seen("a").viewers == 1
    viewers.seen("b")
    clock.now += GONE_S + 0.1  # a tab that was closed says nothing
    assert viewers.seen("a").viewers == 1


def test_a_session_reads_as_many_frames_as_its_share_has() -> None:
    clock = Clock()
    live = LiveSession(clock)
    taken = {}
    for share in (Share(), Share(3, 10.0), Share(), Share(4, 7.5, smaller=True)):
        taken[share] = 0
        for _ in range(120):  # 4 s
            taken[share] += live.takes(share)
            clock.now += 1 / 30
        assert live.share == share
    assert taken[Share()] == 120
    assert taken[Share(3, 10.0)] == pytest.approx(40, abs=2)
    assert taken[Share(4, 7.5, smaller=True)] == pytest.approx(30, abs=2)
