"""Nothing moves while a page loads, on a laptop and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.loading import cumulative, load, observe
from tests.browser.stage import Server
from tests.browser.test_navigation import LAPTOP, PHONE, TITLES

MOST = 0.1
"""Cumulative layout shift that is good: https://web.dev/articles/cls"""


@pytest.mark.browser
@pytest.mark.timeout(420)
@pytest.mark.parametrize("window", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_nothing_moves_while_a_page_loads(
    open_page: Callable[..., Page], server: Server, window: dict[str, int]
) -> None:
    browser = open_page("/").context.browser
    assert browser is not None
    felt = {}
    for address in ("", *TITLES.values()):
        context = browser.new_context(viewport=window)
        observe(context)
        loading = load(context.new_page(), f"{server.url}/{address}")
        if loading.shift > MOST:
            felt[address] = loading.shifts
        context.close()
    assert felt == {}


@pytest.mark.parametrize(
    ("shifts", "largest"),
    [
        ([], 0.0),
        ([(0.0, 0.1), (900.0, 0.2), (1800.0, 0.05)], 0.35),
        ([(0.0, 0.1), (1500.0, 0.2)], 0.2),  # more than a second apart
        ([(time, 0.1) for time in range(0, 8000, 900)], 0.6),  # five seconds at most
    ],
)
def test_shifts_that_are_felt_as_one_are_added_up(
    shifts: list[tuple[float, float]], largest: float
) -> None:
    assert cumulative(shifts) == pytest.approx(largest)
