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
"""How much longer than the quickest part any other may take: on quiet machines it is twice."""


PARTS = [(tab, part) for tab, parts in TABS.items() for part in parts]


def settled(page: Page) -> None:
    """The script has run, the chips are there and no chart is still to be drawn."""
    page.get_by_test_id("stMultiSelect").first.wait_for(timeout=60_000)
    done = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    done.wait_for(state="attached", timeout=60_000)
    for chart in page.get_by_test_id("stPlotlyChart").all():
        if chart.is_visible():
            chart.locator(".main-svg").first.wait_for(timeout=60_000)


def no_exception(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def in_address(page: Page, name: str) -> str:
    # Asked of the browser: `page.url` is what playwright last heard of, and it hears nothing while
    # `wait_for` sleeps.
    address: str = page.evaluate("location.href")
    return parse_qs(urlsplit(address).query).get(name, [""])[0]


def chosen(page: Page) -> set[str]:
    """The networks that the address names."""
    return set(filter(None, in_address(page, "models").split(",")))


def test_every_part_opens_with_every_model(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/Compare_models?models={','.join(SLUGS)}")
    settled(page)
    page.get_by_test_id("stDataFrame").first.locator("canvas").first.wait_for(timeout=60_000)
    grid = page.get_by_test_id("stDataFrame").first.locator("[role=grid]").first
    assert int(grid.get_attribute("aria-rowcount") or 0) >= len(SLUGS)
    first, *_ = TABS
    for tab, part in PARTS:
        page.get_by_role("tab", name=tab, exact=True).click()
        # The first one is where the page opens, so an address without a name means it.
        names = {tab, ""} if tab == first else {tab}
        wait_for(lambda names=names: in_address(page, "view") in names, f"{tab} in the address")
        if len(TABS[tab]) > 1:
            page.get_by_role("radio", name=part, exact=True).click()
            kept = {part, ""} if part == next(iter(TABS[tab])) else {part}
            key = f"part_{tab.lower()}"
            wait_for(lambda key=key, kept=kept: in_address(page, key) in kept, f"{part} kept")
        panel = page.get_by_role("tabpanel").filter(visible=True)
        wait_for(lambda panel=panel: panel.inner_text().strip(), f"{part} shows something", 60)
        settled(page)
        no_exception(page)
    assert chosen(page) == set(SLUGS)  # looking around has not changed what is compared


def test_networks_are_chosen_and_left_out_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/Compare_models?models={SLUGS[0]}")
    settled(page)
    box = page.get_by_role("combobox", name="Networks to compare")
    box.focus()
    box.press("ArrowDown")
    box.press("Enter")
    wait_for(lambda: len(chosen(page)) > 1, "more networks are chosen", 60)
    settled(page)
    before = len(chosen(page))
    box.focus()
    box.press("Escape")
    box.press("Backspace")
    wait_for(lambda: len(chosen(page)) == before - 1, "the last one is left out again", 60)
    no_exception(page)


def test_no_part_computes_anew_what_the_caches_hold(
    open_page: Callable[..., Page], record_property: Callable[[str, object], None]
) -> None:
    page = open_page("/Compare_models")
    settled(page)
    seconds = {}
    for _, view in PARTS:
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
