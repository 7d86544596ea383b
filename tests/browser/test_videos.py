"""A video read in a real Chromium: it plays, a click on the timeline jumps, its table is kept."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fer_core.synthetic.video import write_drawn_video

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

SECONDS = 3.0
READY_MS = 300_000
"""The reading shares its cores with whatever else the machine does."""


def test_a_video_plays_and_its_timeline_jumps(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    write_drawn_video(clip, SECONDS)
    page = open_page("/Videos")
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        clip, timeout=60_000
    )
    page.get_by_role("button", name="Read this video").click(timeout=60_000)
    video = page.get_by_test_id("stVideo")
    expect(video).to_be_visible(timeout=READY_MS)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stVideo]').readyState >= 1", timeout=60_000
    )
    assert video.evaluate("element => element.duration") == pytest.approx(SECONDS, abs=0.2)
    assert video.evaluate("element => [element.videoWidth, element.videoHeight]") == [640, 480]

    page.reload(wait_until="domcontentloaded")  # the address leads back to it
    expect(video).to_be_visible(timeout=60_000)
    _click_timeline(page, 0.5)
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Table (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert {row["face"] for row in rows} == {"1"}
    assert download.value.suggested_filename == "clip_expressions.csv"


def _click_timeline(page: Page, share: float) -> None:
    """Click where nothing but an area is: the video plays from there, and the line is with it."""
    lines = page.locator(".mien-playhead")
    expect(lines).to_have_count(2, timeout=60_000)  # expressions, and valence under them
    line = lines.first
    plot = page.locator(".st-key-videos_timeline .nsewdrag").first
    plot.scroll_into_view_if_needed(timeout=60_000)
    box = plot.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_function(
        f"() => document.querySelector('[data-testid=stVideo]').currentTime > {share * SECONDS}",
        timeout=60_000,
    )
    video = page.get_by_test_id("stVideo")
    video.evaluate("element => element.pause()")
    at = video.evaluate("element => element.currentTime / element.duration")
    page.wait_for_timeout(500)
    drawn = line.bounding_box()
    assert drawn is not None
    assert (drawn["x"] - box["x"]) / box["width"] == pytest.approx(at, abs=0.03)
    below = lines.last.bounding_box()
    assert below is not None
    assert below["x"] == pytest.approx(drawn["x"], abs=1)
