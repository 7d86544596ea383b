"""Nothing moves while a page loads, on a laptop and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.loading import CHARTS, USABLE, cumulative, load, observe
from tests.browser.stage import Server
from tests.browser.test_navigation import LAPTOP, PHONE, TITLES

CHARTS_ON_DATA = 5

CODE = "**/PlotlyChart.*.js"
IMAGES_CODE = "**/ImageList.*.js"

LONG_MS = 10_000
"""Charts wait for the rest of a page, but not for ever: `LONGEST_MS` in `ui/head/page.js`."""

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


def _with_code_held_back(
    open_page: Callable[..., Page],
    url: str,
    code: str,
    *,
    asked: str = CODE,
    window: dict[str, int] = LAPTOP,
) -> tuple[Page, list[Route]]:
    """A page of a browser that has cached nothing, which has asked for some code; what waits."""
    browser = open_page("/").context.browser
    assert browser is not None
    page = browser.new_context(viewport=window).new_page()
    held: list[Route] = []
    page.route(code, lambda route: held.append(route))  # Playwright takes no method of a list
    with page.expect_request(asked, timeout=60_000):
        page.goto(url, wait_until="domcontentloaded")
    return page, held


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_a_page_is_there_before_the_code_of_its_charts(
    open_page: Callable[..., Page], server: Server
) -> None:
    page, held = _with_code_held_back(open_page, f"{server.url}/Data", CODE)
    page.wait_for_function(USABLE, timeout=60_000)
    expect(page.get_by_role("heading", name="Source and licence")).to_be_visible()
    places = page.locator(CHARTS)
    expect(places.get_by_test_id("stSkeleton")).to_have_count(CHARTS_ON_DATA)
    heights = places.evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) > 300
    held[0].continue_()
    expect(places.locator(".js-plotly-plot")).to_have_count(CHARTS_ON_DATA, timeout=60_000)
    assert places.evaluate_all("all => all.map(one => one.offsetHeight)") == heights
    page.context.close()


@pytest.mark.browser
@pytest.mark.timeout(180)
@pytest.mark.parametrize("window", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize(
    ("address", "place"), [("", "home_sample"), ("Photos", "photos_card_1")], ids=["home", "photos"]
)
def test_a_picture_has_its_place_before_the_code_that_shows_it(
    open_page: Callable[..., Page],
    server: Server,
    window: dict[str, int],
    address: str,
    place: str,
) -> None:
    page, held = _with_code_held_back(
        open_page, f"{server.url}/{address}", IMAGES_CODE, asked=IMAGES_CODE, window=window
    )
    picture = page.locator(f".st-key-{place}")
    expect(picture.get_by_test_id("stSkeleton")).to_have_count(1, timeout=60_000)
    before = picture.bounding_box()
    held[0].continue_()
    expect(picture.locator("img")).to_have_count(1, timeout=60_000)
    after = picture.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] == pytest.approx(before["height"], abs=1)
    page.context.close()


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_charts_begin_when_the_rest_of_a_page_is_there(
    open_page: Callable[..., Page], server: Server
) -> None:
    page, held = _with_code_held_back(
        open_page, f"{server.url}/Compare_models", "**/DataFrame.*.js"
    )
    page.wait_for_function(
        "until => performance.now() > until || document.querySelector('.js-plotly-plot')",
        arg=LONG_MS,
    )
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    held[0].continue_()
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=60_000)
    asked = "performance.getEntriesByType('resource').filter(each => /PlotlyChart/.test(each.name))"
    assert page.evaluate(f"{asked}.length") == 1  # fetched and read once, though named twice
    page.context.close()


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
