"""A study in a real Chromium from nothing to its report, the server ended on the way."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from fer_core.studies.catalogue import open_study
from fer_core.studies.progress import progress_of
from fer_core.zoo import MODELS
from tests.browser.stage import detector_cache, find_chromium, serving
from tests.tiny import write_tiny_folder
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

NAME = "Drawn example"
LONG_MS = 120_000


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two small networks, the detector's weights, and a folder for studies."""
    models, cache = tmp_path / "models", tmp_path / "cache"
    cache.mkdir()
    models.mkdir()
    for slug in ("compact", "nano"):
        if (MODELS / slug / "card.json").exists():
            (models / slug).symlink_to(MODELS / slug)
        else:
            write_tiny_folder(models, slug, seed=len(slug))
    found = {"MIEN_MODELS": str(models), "MIEN_STUDIES": str(tmp_path / "studies")}
    found |= detector_cache(cache) or {"MIEN_CACHE": str(cache)}
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def chromium() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        sentence = "No Chromium: studies were not tested in a browser (apt install chromium)."
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def test_from_nothing_to_the_report(
    environment: dict[str, str], chromium: Browser, tmp_path: Path
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    with serving(tmp_path / "first.log", **environment) as server:
        page.goto(f"{server.url}/Studies")
        page.get_by_role("button", name="Make the drawn example study").click(timeout=LONG_MS)
        pause = page.get_by_role("button", name="Pause")
        expect(pause).to_be_visible(timeout=LONG_MS)
        study = open_study(NAME)
    # The server has ended; the process that reads has not.
    wait_for(lambda: progress_of(study).is_read)
    assert [each.state for each in progress_of(study).recordings] == ["read"] * 6
    with serving(tmp_path / "second.log", **environment) as server:
        page.goto(f"{server.url}/Studies?study={NAME}&section=findings")
        expect(page.get_by_text("Six participants were read under calm and funny")).to_be_visible(
            timeout=LONG_MS
        )
        charts = page.locator(".js-plotly-plot .main-svg:first-child")
        expect(charts).to_have_count(4, timeout=LONG_MS)
        page.goto(f"{server.url}/Studies?study={NAME}&section=recordings&recording=P5")
        _mend(page)
        page.goto(f"{server.url}/Studies?study={NAME}&section=take_away")
        with page.expect_download(timeout=LONG_MS) as download:
            page.get_by_role("button", name="Report (HTML)").click(timeout=LONG_MS)
        report = tmp_path / "report.html"
        download.value.save_as(report)
    _look_at_report(chromium, report)


def _mend(page: Page) -> None:
    """On a recording's page: drag over the lanes, leave that out, and mark an event by its key."""
    lanes = page.locator(".js-plotly-plot").filter(has_text="Who is to be seen when")
    plot = lanes.locator(".nsewdrag").first
    plot.wait_for(timeout=LONG_MS)
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=LONG_MS)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], middle + 3, steps=8)
    page.mouse.up()
    leave_out = page.get_by_role("button", name="Leave this out")
    expect(leave_out).to_be_enabled(timeout=LONG_MS)
    leave_out.click()
    expect(page.get_by_text("s are left out")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("m")
    expect(page.get_by_text("event at 0 s")).to_be_visible(timeout=LONG_MS)
    _play_from_a_chart(page)


def _play_from_a_chart(page: Page) -> None:
    """A click on the timeline plays from there, M marks that moment, a stop moves the slider."""
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=LONG_MS)
    expect(page.locator(".mien-playhead")).to_have_count(2, timeout=LONG_MS)
    plot = page.locator(".st-key-studies_timeline .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    video = page.locator(".st-key-studies_player video")
    page.wait_for_function("() => document.querySelector('video').currentTime > 3", timeout=LONG_MS)
    page.keyboard.press("m")
    marked = page.get_by_text("event at").first
    expect(marked).not_to_have_text("event at 0 s", timeout=LONG_MS)
    assert 3 < float(str(marked.text_content()).split()[2]) < 12
    video.evaluate("element => element.pause()")
    at = float(video.evaluate("element => element.currentTime"))
    expect(page.get_by_role("button", name=f"Mark at {at:.2f} s")).to_be_visible(timeout=LONG_MS)


def _look_at_report(chromium: Browser, report: Path) -> None:
    """It opens without the dashboard, draws all of its charts, asks nobody, and prints."""
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    figures = page.locator("figure")
    expect(figures).to_have_count(5)
    expect(page.locator("figure .main-svg:first-child")).to_have_count(5, timeout=LONG_MS)
    assert asked == [report.as_uri()]
    assert wrong == []
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") in range(3, 15)
