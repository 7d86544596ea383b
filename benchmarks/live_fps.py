"""How many frames a second one viewer really gets, in Chromium on this machine.

    python -m benchmarks.live_fps [--seconds 20] [--viewers 1] [--model SLUG] [--demo]

Prints JSON. ``processed_fps`` counts frames on which the classifier ran: the mean of the server's
own rate, which the page shows and which is read once a second. ``shown_fps`` counts frames that the
browser presented (requestVideoFrameCallback), repeats of the last picture included.
"""

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.thread_time import ThreadTime, milliseconds_a_frame
from fer_core.zoo import find_folders, models_roots
from tests.browser.stage import (
    LiveWidget,
    ProcessorTime,
    detector_cache,
    launch_with_camera,
    serving,
    stages,
    wait_for,
    write_fake_camera,
)
from tests.tiny import write_tiny_folder

_COUNT_SHOWN = """() => {
    const video = document.querySelector("video");
    window.shown = 0;
    const next = () => { window.shown += 1; video.requestVideoFrameCallback(next); };
    video.requestVideoFrameCallback(next);
}"""


def _status(page: Page) -> str:
    return page.get_by_text("frames/s read").inner_text()


def measure(seconds: float, viewers: int, model: str, source: str) -> dict[str, object]:
    """Run the server and the browser, and measure after a warm-up of five seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network = find_folders(*models_roots())[0].get(model) or write_tiny_folder(
            folder / "models"
        )
        camera = write_fake_camera(folder / "face.mjpeg")
        only = folder / "only"
        only.mkdir()
        (only / network.name).symlink_to(network)
        environment = {"MIEN_MODELS": str(only)} | detector_cache(folder)
        with serving(folder / "log", **environment) as server, sync_playwright() as playwright:
            browser = launch_with_camera(playwright, camera)
            pages = [browser.new_context().new_page() for _ in range(viewers)]
            first_picture_s = []
            for page in pages:
                page.goto(f"{server.url}/Live?source={source}")
                widget = LiveWidget(page)
                widget.wait_for_button("START")
                start = time.monotonic()
                widget.press("START")
                wait_for(lambda widget=widget: widget.picture() is not None, "a picture", 60)
                first_picture_s.append(time.monotonic() - start)
            time.sleep(5)
            for page in pages:
                LiveWidget(page).frame.evaluate(_COUNT_SHOWN)
            begun, lines = time.monotonic(), [[] for _ in pages]
            processor, threads = ProcessorTime.now(), ThreadTime.of(server.pid)
            while time.monotonic() - begun < seconds:
                time.sleep(1)
                for rows, page in zip(lines, pages, strict=True):
                    rows.append(_status(page))
            passed, stolen = time.monotonic() - begun, processor.stolen_since()
            spent = ThreadTime.of(server.pid)
            names = server.thread_names()
            shown = [LiveWidget(page).frame.evaluate("window.shown") / passed for page in pages]
            taken = stages(pages[0])
            sizes = [list(LiveWidget(page).picture().shape[1::-1]) for page in pages]
            browser.close()
    fps = [[float(re.match(r"[\d.]+", line)[0]) for line in rows] for rows in lines]
    frames = passed * sum(statistics.mean(row) for row in fps)
    return {
        "model": network.name,
        "source": source,
        "viewers": viewers,
        "seconds": round(passed, 1),
        "cores": os.cpu_count(),
        "load_average_1min": round(os.getloadavg()[0], 2),
        "stolen_share": stolen,
        "processed_fps": [round(statistics.mean(row), 1) for row in fps],
        "processed_fps_lowest": [min(row) for row in fps],
        "shown_fps": [round(value, 1) for value in shown],
        "server_ms_a_frame": milliseconds_a_frame(threads, spent, names, frames),
        "size": sizes,
        "start_to_first_picture_s": [round(value, 2) for value in first_picture_s],
        "stages": taken,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--viewers", type=int, default=1)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--demo", action="store_true", help="the drawn face instead of a camera")
    asked = parser.parse_args()
    source = "demo" if asked.demo else "camera"
    print(json.dumps(measure(asked.seconds, asked.viewers, asked.model, source), indent=2))
