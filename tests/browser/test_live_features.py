"""What is unfolded under the live video, in a real Chromium while the video runs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.stage import LiveWidget, start, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def live(open_page: Callable[..., Page]) -> Page:
    """The page with the demo's video running."""
    page = open_page("/Live?source=demo")
    start(page)
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


def test_the_game_asks_beside_the_video_and_ends_on_request(live: Page) -> None:
    play = live.get_by_role("button", name="Play")
    act_until(live.get_by_role("radio", name="Game").click, play, "the game's text opens")
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


BLINKS = """async () => {
    const seen = {frames: 0, away: 0, faded: 0}, end = performance.now() + 5000;
    while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        const band = document.querySelector(".st-key-live_minute [role=img]");
        seen.frames += 1;
        seen.away += !band || !band.getBoundingClientRect().height;
        for (let at = band; at; at = at.parentElement)
            if (Number(getComputedStyle(at).opacity) < 1) { seen.faded += 1; break; }
    }
    return seen;
}"""


def test_the_last_minute_does_not_blink(live: Page) -> None:
    expect(live.get_by_text("The last minute")).to_be_visible(timeout=60_000)
    seen = live.evaluate(BLINKS)  # it is drawn anew every three seconds
    assert seen["frames"] > 10
    assert (seen["away"], seen["faded"]) == (0, 0)
