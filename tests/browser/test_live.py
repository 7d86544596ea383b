"""The live page in a real Chromium with a fake camera that plays a real face."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from fer_core.emotions import LABELS, Emotion
from tests.browser.conftest import FAKE_CAMERA
from tests.browser.stage import LiveWidget, Server, wait_for, wait_for_movement, widest_run
from tests.browser.test_navigation import LAPTOP

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TAG_PX = 25
"""A tag in a class's colour is wider than this; a box's line is 2 px."""


def tagged(widget: LiveWidget) -> np.ndarray | None:
    """The picture, if a tag in some class's colour is drawn on it."""
    picture = widget.picture()
    if picture is None:
        return None
    runs = [widest_run(picture, emotion.style.rgb) for emotion in Emotion]
    return picture if max(runs) >= TAG_PX else None


def start_and_check(page: Page) -> None:
    """START, drawn frames that change, the expression beside the video."""
    widget = LiveWidget(page)
    widget.press("START")
    wait_for(lambda: tagged(widget), "a tag in a class's colour is on the video", 40)
    wait_for_movement(widget)
    card = page.get_by_text("expression shown").first
    expect(card).to_be_visible(timeout=20_000)
    words = page.get_by_test_id("stMarkdown").filter(has_text="expression shown").first.inner_text()
    assert any(label in words for label in LABELS), words
    expect(page.get_by_text("frames/s read")).to_be_visible()


def stop(page: Page) -> None:
    LiveWidget(page).stop()
    expect(page.get_by_text("expression shown")).to_have_count(0, timeout=20_000)


def check_stop_frees_threads(page: Page, server: Server) -> None:
    """One thread left behind at each of five STOPs would show; the web server's own come and go."""
    widget, before = LiveWidget(page), server.threads()
    for _ in range(5):
        widget.press("START")
        wait_for(widget.picture, "a picture", 40)
        widget.stop()
    wait_for(lambda: server.threads() <= before + 3, f"back to about {before} threads")


def test_start_stop_and_again_after_a_reload(
    open_page: Callable[..., Page], server: Server, fake_camera: Path
) -> None:
    page = open_page("/Live", *FAKE_CAMERA, f"--use-file-for-fake-video-capture={fake_camera}")
    LiveWidget(page).wait_for_button("START")
    start_and_check(page)
    stop(page)
    page.reload(wait_until="domcontentloaded")
    LiveWidget(page).wait_for_button("START")
    start_and_check(page)
    stop(page)
    check_stop_frees_threads(page, server)


def test_the_demo_needs_no_camera(open_page: Callable[..., Page], server: Server) -> None:
    page = open_page("/Live?source=demo")
    LiveWidget(page).wait_for_button("START")
    place = page.get_by_role("img", name="A drawn face comes here").bounding_box()
    assert place is not None
    assert place["width"] / place["height"] == pytest.approx(4 / 3, rel=0.02)
    start_and_check(page)
    stop(page)
    check_stop_frees_threads(page, server)


def test_the_space_bar_right_after_start_takes_a_snapshot(open_page: Callable[..., Page]) -> None:
    page = open_page("/Live?source=demo")
    widget = LiveWidget(page)
    widget.wait_for_button("START")
    widget.press("START")
    wait_for(lambda: tagged(widget), "a tag in a class's colour is on the video", 40)
    # The click on START left the keyboard in the video's frame, where Space would press STOP.
    expect(page.locator(".st-key-live_snapshot_button button")).to_be_focused(timeout=20_000)
    page.keyboard.press("Space")
    gallery = page.locator(".st-key-live_gallery")
    expect(gallery.get_by_text("Snapshot 1, Face 1:")).to_be_visible(timeout=20_000)
    widget.inside.locator("video").click()  # whoever clicks there means the same by Space
    page.keyboard.press("Space")
    expect(gallery.get_by_text("Snapshot 2, Face 1:")).to_be_visible(timeout=20_000)
    expect(gallery.get_by_text("Snapshot 3,")).to_have_count(0)
    expect(page.get_by_text("The last minute")).to_be_visible()
    widget.wait_for_button("STOP")


def test_a_denied_camera_is_explained(open_page: Callable[..., Page]) -> None:
    # Without the flag that answers for the user, headless Chromium says no.
    page = open_page("/Live", "--use-fake-device-for-media-stream")
    page.set_viewport_size(LAPTOP)
    widget = LiveWidget(page)
    widget.wait_for_button("START")
    help_text = page.get_by_text("allow the camera, and press START again")
    expect(help_text).to_be_hidden()
    start = widget.inside.get_by_role("button", name="START")
    expect(start).to_be_in_viewport()
    widget.press("START")
    expect(widget.inside.get_by_text("Permission denied")).to_be_visible(timeout=20_000)
    expect(help_text).to_be_in_viewport(timeout=20_000)
    expect(start).to_be_in_viewport()


def test_while_it_runs_a_laptop_shows_the_video_with_its_buttons_and_asks_before_it_is_left(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/Live?source=demo&start=now&mirror=on")  # it starts by itself
    page.set_viewport_size(LAPTOP)
    widget = LiveWidget(page)
    widget.wait_for_button("STOP")
    wait_for(lambda: tagged(widget), "a tag in a class's colour is on the video", 60)
    for key in ("live_snapshot_button", "live_record"):
        expect(page.locator(f".st-key-{key} button").first).to_be_in_viewport(timeout=20_000)
    expect(widget.inside.locator("video")).to_be_in_viewport(ratio=0.99)
    assert "start=" not in page.url  # a reload starts no camera
    assert "mirror=on" in page.url
    page.locator(".st-key-live_record button").first.click()
    expect(page.get_by_text("Recording 0:")).to_be_visible(timeout=20_000)
    widget.inside.locator("video").click()
    page.keyboard.press("m")
    expect(page.get_by_text("markers: 1")).to_be_visible(timeout=20_000)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.reload()")
    wait_for(lambda: asked, "the browser asks before a recording is lost")
    assert asked == ["beforeunload"]
    widget.wait_for_button("STOP")
