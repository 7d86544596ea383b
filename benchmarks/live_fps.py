"""How many frames a second one viewer really gets, in Chromium on this machine.

    python -m benchmarks.live_fps [--seconds 20] [--viewers 1] [--model SLUG] [--demo]
        [--busy 1] [--opencv-threads 2] [--checkout DIR]

Prints JSON. ``processed_fps`` counts frames on which the classifier ran: the mean of the server's
own rate, which the page shows and which is read once a second. ``shown_fps`` counts frames that the
browser presented (requestVideoFrameCallback), repeats of the last picture included. ``--busy``
processes compute beside it, ``--opencv-threads`` takes back that a frame has one of OpenCV's
threads, and ``--checkout`` starts another version's dashboard: before and after in one run.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.thread_time import ThreadTime, milliseconds_a_frame
from fer_core.zoo import find_folders, models_roots
from tests.browser.stage import (
    ROOT,
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


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    """So many processes that compute all the time."""
    running = [
        subprocess.Popen([sys.executable, "-c", "while True: sum(range(1000))"])
        for _ in range(processes)
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def measure(
    seconds: float,
    viewers: int,
    model: str,
    source: str,
    root: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """Run the server and the browser, and measure after a warm-up of five seconds.

    Args:
        seconds: of measuring.
        viewers: pages, each with a stream of its own.
        model: a network's folder; where there is none, a tiny one is used and said.
        source: ``camera`` or ``demo``.
        root: the checkout whose dashboard runs.
        environment: more variables for the server.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        roots = models_roots() if root == ROOT else [root / "models"]  # its own format of them
        network = find_folders(*roots)[0].get(model) or write_tiny_folder(folder / "models")
        camera = write_fake_camera(folder / "face.mjpeg")
        only = folder / "only"
        only.mkdir()
        (only / network.name).symlink_to(network)
        variables = {"MIEN_MODELS": str(only), **detector_cache(folder), **(environment or {})}
        with serving(folder / "log", root, **variables) as server, sync_playwright() as playwright:
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
            taken = stages(pages[0]) if root == ROOT else ""  # another version's page differs
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
    parser.add_argument("--busy", type=int, default=0, help="processes that compute beside it")
    parser.add_argument("--opencv-threads", type=int, help="instead of one")
    parser.add_argument("--checkout", type=Path, default=ROOT, help="another version's dashboard")
    asked = parser.parse_args()
    threads = asked.opencv_threads
    with _busy(asked.busy):
        figures = measure(
            asked.seconds,
            asked.viewers,
            asked.model,
            "demo" if asked.demo else "camera",
            asked.checkout.resolve(),
            {} if threads is None else {"OPENCV_FOR_THREADS_NUM": str(threads)},
        )
    print(
        json.dumps({"busy_processes": asked.busy, "opencv_threads": threads, **figures}, indent=2)
    )
