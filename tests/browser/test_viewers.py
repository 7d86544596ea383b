"""Several viewers, a changed network and a closed tab, while videos run in a real Chromium."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from fer_core.zoo import CARD_FILE, MODELS, ModelCard
from tests.browser.conftest import FAKE_CAMERA
from tests.browser.stage import LiveWidget, Server, stages, start, wait_for, wait_for_movement

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def another_viewer(page: Page, address: str) -> Page:
    """A second person: the same browser, nothing shared."""
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context().new_page()
    other.goto(address, wait_until="domcontentloaded")
    return other


def check_moving(widget: LiveWidget) -> None:
    # Chromium does not draw a video that is scrolled out of sight.
    widget.page.locator('iframe[title*="webrtc_streamer"]').scroll_into_view_if_needed()
    wait_for_movement(widget)


def classify_ms(page: Page) -> float | None:
    """Median time of the network, as the page states it; None where it says none."""
    line = re.search(r"classify ([\d.]+)", stages(page))
    return float(line[1]) if line else None


def choose_network(page: Page, title: str) -> None:
    """The list closes where the page is drawn anew at that moment; people click again, too."""
    picker = page.get_by_test_id("stSelectbox").filter(has_text="Network").locator("input")

    def clicked() -> bool:
        picker.click()
        try:
            page.get_by_role("option", name=title).click(timeout=3000)
        except PlaywrightTimeout:
            return False
        return True

    wait_for(clicked, f"{title} is chosen", 30)


def test_two_viewers_each_have_their_own_stream(
    open_page: Callable[..., Page], server: Server, fake_camera: Path
) -> None:
    first = open_page("/Live", *FAKE_CAMERA, f"--use-file-for-fake-video-capture={fake_camera}")
    camera = start(first)
    second = another_viewer(first, f"{server.url}/Live?source=demo")
    demo = start(second)
    # One shows the portrait, the other one the drawn face, at the same time.
    pictures = [widget.picture() for widget in (camera, demo)]
    assert all(picture is not None for picture in pictures)
    means = [np.asarray(picture, float).mean(axis=(0, 1)) for picture in pictures]
    assert np.abs(means[0] - means[1]).max() > 20
    demo.stop()
    check_moving(camera)
    expect(first.get_by_text("expression shown").first).to_be_visible()
    expect(second.get_by_text("expression shown")).to_have_count(0, timeout=20_000)
    camera.stop()


def test_another_network_reads_on_while_the_video_runs(open_page: Callable[..., Page]) -> None:
    page = open_page("/Live?source=demo")
    widget = start(page)
    wait_for(lambda: classify_ms(page), "the network's time")
    small = ModelCard.model_validate_json((MODELS / "triple" / CARD_FILE).read_text())
    page.get_by_text("Network, face detector, camera").click()
    choose_network(page, small.title)
    # A hundredth of the operations: no disturbance makes the larger one as quick.
    wait_for(lambda: (classify_ms(page) or 9.0) < 1.0, "the small network reads", 30)
    check_moving(widget)
    expect(page.get_by_text("expression shown").first).to_be_visible()
    widget.stop()


def test_a_tab_closed_in_mid_stream_frees_it_and_the_next_one_connects(
    open_page: Callable[..., Page], server: Server
) -> None:
    page = open_page("/Live?source=demo")
    LiveWidget(page).wait_for_button("START")
    before = server.threads()
    leaving = another_viewer(page, page.url)
    start(leaving)
    while_streaming = server.threads()
    assert while_streaming > before
    leaving.context.close()
    widget = start(page)
    check_moving(widget)
    widget.stop()
    try:
        wait_for(lambda: server.threads() <= before + 3, f"back to about {before} threads", 60)
    except AssertionError:
        server.name_threads()
        raise
