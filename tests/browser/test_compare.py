"""The Compare page in a real Chromium, with every model folder that is there."""

from collections.abc import Callable
from time import perf_counter
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from fer_core.zoo import MODELS, list_slugs
from tests.browser.stage import wait_for
from ui.compare.tabs import TABS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SLUGS = list_slugs(MODELS) if "compact" in list_slugs(MODELS) else ("tiny", "tiny_b")
"""Those that the `server` fixture serves."""

SLOWER = 6.0
"""How much longer than the quickest tab any other may take: on quiet machines it is twice."""


def settled(page: Page) -> None:
    """The script has run, the table is there and no chart is still to be drawn."""
    page.get_by_test_id("stDataFrame").first.locator("canvas").first.wait_for(timeout=60_000)
    done = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    done.wait_for(state="attached", timeout=60_000)
    for chart in page.get_by_test_id("stPlotlyChart").all():
        if chart.is_visible():
            chart.locator(".main-svg").first.wait_for(timeout=60_000)


def no_exception(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def in_address(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def ticked(page: Page) -> set[str]:
    """The models that the address names."""
    return set(filter(None, in_address(page, "models").split(",")))


def test_every_tab_opens_with_every_model(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/Compare_models?models={','.join(SLUGS)}")
    settled(page)
    grid = page.get_by_test_id("stDataFrame").first.locator("[role=grid]").first
    assert int(grid.get_attribute("aria-rowcount") or 0) >= len(SLUGS)
    first, *_ = TABS
    for view in (*TABS, first):
        page.get_by_role("tab", name=view, exact=True).click()
        # The first one is where the page opens, so an address without a name means it.
        names = {view, ""} if view == first else {view}
        wait_for(lambda names=names: in_address(page, "view") in names, f"{view} in the address")
        panel = page.get_by_role("tabpanel").filter(visible=True)
        wait_for(lambda panel=panel: panel.inner_text().strip(), f"{view} shows something", 60)
        settled(page)
        no_exception(page)
    assert ticked(page) == set(SLUGS)  # looking around has not changed what is compared


def test_no_tab_computes_anew_what_the_caches_hold(
    open_page: Callable[..., Page], record_property: Callable[[str, object], None]
) -> None:
    page = open_page("/Compare_models")
    settled(page)
    seconds = {}
    for view in TABS:
        address = page.url.split("?")[0] + f"?view={quote(view)}"
        for _ in range(2):  # the first time fills the caches
            start = perf_counter()
            page.goto(address, wait_until="commit")
            settled(page)
            seconds[view] = round(perf_counter() - start, 2)
        no_exception(page)
    record_property("warm_seconds", seconds)
    print("warm:", seconds)
    assert max(seconds.values()) < SLOWER * min(seconds.values()), seconds
