"""Do visitors leave anything behind? Descriptors, threads, memory and files over many of them.

    python -m benchmarks.visitors [--photos 100] [--videos 100]

In a real Chromium each visitor opens a page of their own, has a photo or a video read, and closes
it. Their sessions end two minutes later, and videos are forgotten after half an hour; then the
server is compared with what it was after the first few of each. Prints JSON; exit 1 where something
was left. On Linux: figures are from /proc.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.portrait_video import write_portrait_video
from benchmarks.soak import Reading, complaints, read
from tests.browser.stage import Server, detector_cache, find_chromium, serving
from ui.videos.links import FREED_AFTER_S

WARM_UP = 8
"""Visitors that bring what all later ones share: networks, threads, the allocator's pools."""

_ENDED_S = {"Photos": 150.0, "Videos": FREED_AFTER_S + 40.0}
"""When nothing of a visitor is left, by page. Streamlit keeps a closed tab's session for 120 s, and
`ui.webrtc.sessions` looks each 15 s; `ui.videos.links` looks each 20 s."""

_READ_MS = 120_000


def read_photo(page: Page, photo: Path) -> None:
    """Have a photo read on an opened Photos page."""
    _upload(page, photo)
    expect(page.get_by_text("Face 1, expression shown").first).to_be_visible(timeout=_READ_MS)


def read_film(page: Page, film: Path) -> None:
    """Have a video read on an opened Videos page."""
    _upload(page, film)
    page.get_by_role("button", name="Read this video").click(timeout=_READ_MS)
    expect(page.get_by_role("button", name="Table (CSV)")).to_be_visible(timeout=_READ_MS)


def _upload(page: Page, file: Path) -> None:
    drop_zone = page.get_by_test_id("stFileUploader").locator("input[type=file]").first
    drop_zone.set_input_files(file, timeout=_READ_MS)


def visit(
    browser: Browser, server: Server, address: str, file: Path, act: Callable[[Page, Path], None]
) -> None:
    """One visitor, from opening the page to closing it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/{address}")
    act(page, file)
    context.close()


def visitors(
    browser: Browser,
    server: Server,
    count: int,
    address: str,
    file: Path,
    act: Callable[[Page, Path], None],
) -> dict[str, Any]:
    """Many visitors of a page, one after the other; compares the end with the warm-up's."""
    for _ in range(WARM_UP):
        visit(browser, server, address, file, act)
    before = _when_all_has_ended(server, address)
    for number in range(1, count + 1):
        visit(browser, server, address, file, act)
        if number % 10 == 0:
            print(f"{address} {number:4d}  {read(server.pid)}", file=sys.stderr, flush=True)
    after = _when_all_has_ended(server, address)
    left = sorted(path.name for path in Path(tempfile.gettempdir()).iterdir())
    found = complaints(before, after)
    found += [f"{name} was left among the temporary files" for name in left]
    return {
        "visitors": count,
        "before": asdict(before),
        "after": asdict(after),
        "temporary_files": len(left),
        "complaints": found,
    }


def _when_all_has_ended(server: Server, address: str) -> Reading:
    time.sleep(_ENDED_S[address])
    server.threads()  # a file is asked for, and the web server lets go of idle threads
    time.sleep(2.0)
    return read(server.pid)


def measure(photos: int, videos: int) -> dict[str, Any]:
    """Both kinds of visitors on a server of their own, with an empty folder for temporary files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film, photo = folder / "face.mp4", folder / "face.png"
        write_portrait_video(film, 0.5)
        _write_portrait(photo)
        (folder / "temporary").mkdir()
        tempfile.tempdir = str(folder / "temporary")
        result: dict[str, Any] = {"cores": os.cpu_count()}
        environment = {"TMPDIR": tempfile.tempdir, **detector_cache(folder)}
        with serving(folder / "log", **environment) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(),
                args=["--no-sandbox", "--disable-background-networking"],
                env=dict(os.environ) | {"TMPDIR": name},
            )
            if photos:
                result["photos"] = visitors(browser, server, photos, "Photos", photo, read_photo)
            if videos:
                result["videos"] = visitors(browser, server, videos, "Videos", film, read_film)
            browser.close()
    return result


def _write_portrait(path: Path) -> None:
    from PIL import Image
    from skimage import data

    Image.fromarray(data.astronaut()[:300, 30:430]).save(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--videos", type=int, default=100)
    asked = parser.parse_args()
    outcome = measure(asked.photos, asked.videos)
    print(json.dumps(outcome, indent=2))
    left = [
        words for part in outcome.values() if isinstance(part, dict) for words in part["complaints"]
    ]
    sys.exit(1 if left else 0)
