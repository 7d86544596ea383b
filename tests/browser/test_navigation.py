"""The menu, the addresses and the tab's sign in a real Chromium; and that nobody else is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Request, expect

from tests.browser.stage import LiveWidget, Server, serving, wait_for
from ui.navigation import ENTRIES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1366, "height": 768}
WINDOWS = pytest.mark.parametrize("window", [LAPTOP, {"width": 800, "height": 900}, PHONE])

TITLES = {entry.title: entry.title.replace(" ", "_") for entry in ENTRIES}
"""What the menu calls each page, and its address."""


def settled(page: Page) -> None:
    """The script has run."""
    done = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    done.wait_for(state="attached", timeout=60_000)


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=60_000)


def test_on_a_phone_the_menu_closes_over_the_page_that_was_chosen(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/")
    page.set_viewport_size(PHONE)
    heading(page, "Mien")
    menu = page.get_by_test_id("stSidebar")
    for title, address in TITLES.items():
        page.get_by_test_id("stExpandSidebarButton").click(timeout=60_000)
        expect(menu).to_be_in_viewport()
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click(timeout=60_000)
        expect(menu).not_to_be_in_viewport(timeout=60_000)
        heading(page, title)
        assert urlsplit(page.url).path == f"/{address}"
        settled(page)


@WINDOWS
def test_a_title_is_where_the_eye_begins(
    open_page: Callable[..., Page], window: dict[str, int]
) -> None:
    page = open_page("/Data")
    page.set_viewport_size(window)
    heading(page, "Data")
    menu = page.get_by_test_id("stHeader").bounding_box()
    title = page.get_by_role("heading", level=1).bounding_box()
    assert menu is not None
    assert title is not None
    assert menu["height"] <= title["y"] < menu["height"] + 60
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0


def test_addresses_keep_what_they_ask_for(open_page: Callable[..., Page]) -> None:
    page = open_page("/Compare_models?view=Cards")
    expect(page.get_by_role("tab", name="Training", selected=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("radio", name="Cards")).to_be_checked(timeout=60_000)
    page = open_page("/Live?source=demo")
    settled(page)
    demo = page.get_by_role("radio", name="Demo without a camera")
    expect(demo).to_be_checked(timeout=60_000)
    assert urlsplit(page.url).query == "source=demo"
    page = open_page("/?from=elsewhere")
    heading(page, "Mien")
    assert urlsplit(page.url).query == "from=elsewhere"


def test_home_leads_to_the_pages_from_anywhere_on_a_tile(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    for number, title in ((0, "Photos"), (2, "Compare models")):
        heading(page, "Mien")
        settled(page)
        tile = page.locator(f".st-key-home_tile_{number}")
        box = _at_rest(tile)
        tile.click(position={"x": box["width"] - 12, "y": box["height"] - 12}, timeout=60_000)
        heading(page, title)
        page.get_by_test_id("stTopNavLink").filter(has_text="Home").click(timeout=60_000)


def _at_rest(tile: Locator) -> FloatRect:
    """The tile's box once it stays: its words wrap otherwise when the fonts are there."""
    box = None
    while (now := tile.bounding_box(timeout=60_000)) != box or now is None:
        box = now
        tile.page.wait_for_timeout(500)
    return now


def test_the_demo_starts_from_home_by_itself(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.get_by_role("button", name="See it without a camera").click(timeout=60_000)
    heading(page, "Live")
    expect(page.get_by_text("expression shown").first).to_be_visible(timeout=60_000)
    LiveWidget(page).wait_for_button("STOP")
    assert "start=" not in page.url


@contextmanager
def _new_server(folder: Path, models: Path) -> Iterator[Server]:
    with serving(folder / "server.log", MIEN_MODELS=str(models)) as running:
        yield running


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists them")
def test_the_first_visitor_of_a_server_may_ask_for_any_page(
    open_page: Callable[..., Page], tmp_path: Path, tiny_models: Path
) -> None:
    with _new_server(tmp_path, tiny_models) as running:
        page = open_page("/")
        page.goto(f"{running.url}/Live?source=demo", wait_until="domcontentloaded")
        heading(page, "Live")
        settled(page)
        expect(page.get_by_test_id("stTopNavLink").filter(has_text="Live")).to_be_visible()
        expect(page).to_have_title("Live · Mien")
        assert page.get_by_text("app", exact=True).count() == 0
        assert urlsplit(page.url).query == "source=demo"
        # Streamlit would watch every file of the checkout and of what is installed in it.
        opened = [link.readlink().name for link in Path(f"/proc/{running.pid}/fd").iterdir()]
        assert not [name for name in opened if "inotify" in name]


def test_no_page_asks_another_host(open_page: Callable[..., Page], server: Server) -> None:
    ours = urlsplit(server.url).netloc
    asked: set[str] = set()

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != ours:
            asked.add(request.url)

    page = open_page("/")
    page.on("request", note)
    for address in ("", *TITLES.values(), "Live?source=demo"):
        page.goto(f"{server.url}/{address}", wait_until="load")
        settled(page)
        sign = page.locator("link[rel*=icon]").first
        wait_for(
            lambda sign=sign: "/media/" in (sign.get_attribute("href") or ""),
            "the tab has our sign",
        )
    assert asked == set()
