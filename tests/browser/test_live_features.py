"""What is unfolded under the live video, in a real Chromium while the video runs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.stage import LiveWidget, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def live(open_page: Callable[..., Page]) -> Page:
    """The page with the demo's video running, as narrow as it is quick to draw."""
    page = open_page("/Live?source=demo")
    widget = LiveWidget(page)
    widget.wait_for_button("START")
    widget.press("START")
    wait_for(widget.picture, "a picture", 40)
    expect(page.get_by_text("expression shown").first).to_be_visible(timeout=20_000)
    return page


def act_until(act: Callable[[], None], shown: Locator, words: str) -> None:
    """Streamlit may draw a part anew in the moment of a click; people click again, too."""

    def done() -> bool:
        try:
            if not shown.is_visible():
                act()
            shown.wait_for(timeout=5000)
        except PlaywrightTimeout:
            return False
        return True

    wait_for(done, words, 60)


def test_two_networks_read_the_same_face_side_by_side(live: Page) -> None:
    box = live.locator(".st-key-live_arena_models")
    act_until(live.get_by_text("Arena: several networks, one face").click, box, "the arena opens")
    chosen = box.locator("[data-baseweb=tag]")

    def choose() -> None:
        box.locator("input").click(timeout=5000)
        live.get_by_role("option").first.click(timeout=5000)
        live.keyboard.press("Escape")

    for number in range(2):
        act_until(choose, chosen.nth(number), f"network {number + 1} is chosen")
    expect(live.get_by_text("ms a face")).to_have_count(2, timeout=60_000)
    expect(live.get_by_text("So far they disagreed on")).to_be_visible()
    LiveWidget(live).wait_for_button("STOP")  # the video went on all the time


def test_the_game_asks_beside_the_video_and_ends_on_request(live: Page) -> None:
    play = live.get_by_role("button", name="Play")
    act_until(live.get_by_text("Game: show me surprise").click, play, "the game's text opens")
    word = live.locator(".st-key-live_game_prompt").get_by_role("heading", name="Show me")
    act_until(lambda: play.click(timeout=5000), word, "the game asks")
    expect(word).to_be_in_viewport(timeout=20_000)  # far above the button that was pressed
    expect(live.get_by_text("1 of 14")).to_be_visible()
    stop = live.locator(".st-key-live_game_stop button")

    def stopped() -> bool:
        if word.is_visible():
            try:
                stop.click(timeout=5000)
            except PlaywrightTimeout:
                return False
        return word.count() == 0

    wait_for(stopped, "the game has ended", 60)
    LiveWidget(live).wait_for_button("STOP")


def test_five_seconds_of_a_neutral_face_give_a_baseline(live: Page) -> None:
    measure = live.get_by_role("button", name="Set my neutral")
    act_until(live.get_by_text("My neutral face").click, measure, "the baseline's text opens")
    forget = live.get_by_role("button", name="Forget it")
    taking = live.get_by_role("button", name="Cancel")
    act_until(lambda: measure.click(timeout=5000), taking, "the baseline is being taken")
    expect(forget).to_be_visible(timeout=60_000)
