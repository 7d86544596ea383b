"""Links to readings: found by nobody without them, freed when nobody comes."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.streamed import Clock
from ui.videos import links as module
from ui.videos.links import FREED_AFTER_S, Links


class Reading:
    """Stands for a `Work`: with so many bytes of video, or still running."""

    def __init__(self, size: int | None = None) -> None:
        self.outcome = None if size is None else SimpleNamespace(mp4=bytes(size))
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


def test_links_are_long_and_each_is_another() -> None:
    links: Any = Links(Clock())
    readings = [Reading() for _ in range(50)]
    found = {links.add(reading): reading for reading in readings}
    assert len(found) == len(readings)
    assert all(len(link) >= 22 for link in found)  # 128 bits in letters of 6
    assert all(links.visit(link) is reading for link, reading in found.items())
    assert links.visit("") is None


def test_what_nobody_came_back_to_is_ended_and_forgotten() -> None:
    clock = Clock()
    links: Any = Links(clock)
    left, visited = Reading(), Reading(10)
    link_left, link_visited = links.add(left), links.add(visited)
    clock.now += FREED_AFTER_S - 1
    links.free()
    assert links.visit(link_visited) is visited
    clock.now += 2
    links.free()
    assert left.stopped
    assert not visited.stopped
    assert links.visit(link_left) is None
    assert links.visit(link_visited) is visited


def test_memory_has_a_limit_and_the_newest_visit_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 250)
    clock = Clock()
    links: Any = Links(clock)
    running, *ended = Reading(), *(Reading(100) for _ in range(3))
    for reading in (running, *ended):
        links.add(reading)
        clock.now += 1
    links.free()
    assert [reading.stopped for reading in (running, *ended)] == [False, True, False, False]


def test_dropping_ends_and_forgets() -> None:
    links: Any = Links(Clock())
    reading = Reading()
    link = links.add(reading)
    links.drop(link)
    links.drop(link)
    assert reading.stopped
    assert links.visit(link) is None
