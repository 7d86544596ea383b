"""Does the server leak? Threads, file descriptors and memory over many viewers and a long stream.

    python -m benchmarks.soak [--cycles 100] [--minutes 30] [--camera]

A real Chromium presses START and STOP ``--cycles`` times, then watches for ``--minutes``. Prints
JSON; exit 1 where `complaints` has something to say. On Linux: the figures come from /proc.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.stage import (
    LiveWidget,
    Server,
    detector_cache,
    launch_with_camera,
    serving,
    wait_for,
    write_fake_camera,
)

WARM_UP_CYCLES = 5
"""What is loaded once, and the allocator's first pools, are there by then."""

WARM_UP_S = 180.0
MORE_THREADS = 3
MORE_DESCRIPTORS = 3
"""The web server's own pool and connections come and go."""
MORE_MEMORY = 0.05
_FREED_AFTER_S = 2.5
_SAMPLES_A_STREAM = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """What the server's process holds: resident memory in MB of 10^6 bytes."""

    threads: int
    descriptors: int
    megabytes: float


def read(pid: int) -> Reading:
    """Of a process on this machine; zeros where there is no /proc."""
    proc = Path(f"/proc/{pid}")
    if not proc.exists():
        return Reading(0, 0, 0.0)
    pages = int((proc / "statm").read_text().split()[1])
    return Reading(
        threads=len(list((proc / "task").iterdir())),
        descriptors=len(list((proc / "fd").iterdir())),
        megabytes=round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
    )


def complaints(before: Reading, after: Reading) -> list[str]:
    """What grew more than it may, in words; [] where nothing leaks."""
    found = []
    if after.threads > before.threads + MORE_THREADS:
        found.append(f"threads grew from {before.threads} to {after.threads}")
    if after.descriptors > before.descriptors + MORE_DESCRIPTORS:
        found.append(f"descriptors grew from {before.descriptors} to {after.descriptors}")
    if after.megabytes > before.megabytes * (1 + MORE_MEMORY):
        found.append(f"memory grew from {before.megabytes} to {after.megabytes} MB")
    return found


def settled(server: Server, before: Reading, timeout_s: float = 40.0) -> Reading:
    """The readings once threads and descriptors are back, or after ``timeout_s``."""
    end = time.monotonic() + timeout_s
    while True:
        now = read(server.pid)
        back = (
            now.threads <= before.threads + MORE_THREADS
            and now.descriptors <= before.descriptors + MORE_DESCRIPTORS
        )
        if back or time.monotonic() > end:
            return now
        time.sleep(0.5)


def cycle(page: Page) -> None:
    """START until there is a picture, then STOP until the page has noticed."""
    widget = LiveWidget(page)
    widget.press("START")
    wait_for(widget.picture, "a picture", 60)
    widget.stop()


def soak_cycles(
    page: Page,
    server: Server,
    cycles: int,
    told: Callable[[int, Reading], None] = lambda number, reading: None,
) -> dict[str, Any]:
    """Connect and disconnect; compares the end with the state after the warm-up."""
    for _ in range(WARM_UP_CYCLES):
        cycle(page)
    time.sleep(_FREED_AFTER_S)
    before = read(server.pid)
    for number in range(cycles):
        cycle(page)
        told(number + 1, read(server.pid))
    time.sleep(_FREED_AFTER_S)
    after = settled(server, before)
    return {
        "cycles": cycles,
        "before": asdict(before),
        "after": asdict(after),
        "complaints": complaints(before, after),
    }


def typical(readings: list[Reading]) -> Reading:
    """The median of each figure: frames in flight make single ones jump by tens of megabytes."""
    return Reading(
        threads=round(median(one.threads for one in readings)),
        descriptors=round(median(one.descriptors for one in readings)),
        megabytes=round(median(one.megabytes for one in readings), 1),
    )


def soak_stream(
    page: Page, server: Server, seconds: float, told: Callable[[int, Reading], None]
) -> dict[str, Any]:
    """Watch one stream; compares its last quarter with the quarter after the warm-up.

    A first stream comes before it: it brings the pool of threads that all later ones share.
    """
    cycle(page)
    time.sleep(_FREED_AFTER_S)
    widget, idle = LiveWidget(page), read(server.pid)
    widget.press("START")
    wait_for(widget.picture, "a picture", 60)
    begun = time.monotonic()
    readings: list[tuple[float, Reading]] = []
    while (passed := time.monotonic() - begun) < seconds:
        time.sleep(min(seconds / _SAMPLES_A_STREAM, seconds - passed))
        readings.append((time.monotonic() - begun, read(server.pid)))
        told(round(readings[-1][0]), readings[-1][1])
    status = page.get_by_text("frames/s read").inner_text()
    widget.stop()
    time.sleep(_FREED_AFTER_S)
    after = settled(server, idle)
    warm_s = min(WARM_UP_S, seconds / 4)
    warm = typical([one for at, one in readings if warm_s <= at <= warm_s + seconds / 4])
    last = typical([one for at, one in readings if at >= seconds * 3 / 4])
    # A stream's own threads and connections are gone after it; memory is judged while it runs.
    return {
        "seconds": round(seconds),
        "status": status,
        "idle_before": asdict(idle),
        "warm": asdict(warm),
        "last": asdict(last),
        "idle_after": asdict(after),
        "complaints": complaints(
            replace(idle, megabytes=warm.megabytes), replace(after, megabytes=last.megabytes)
        ),
    }


def soak(cycles: int, minutes: float, source: str) -> dict[str, Any]:
    """Both parts on a server of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = write_fake_camera(folder / "face.mjpeg")
        result: dict[str, Any] = {"source": source, "cores": os.cpu_count()}
        with (
            serving(folder / "log", **detector_cache(folder)) as server,
            sync_playwright() as playwright,
        ):
            browser = launch_with_camera(playwright, camera)
            page = browser.new_page()
            page.goto(f"{server.url}/Live?source={source}")
            LiveWidget(page).wait_for_button("START")
            if cycles:
                result["connections"] = soak_cycles(page, server, cycles, _tell)
            if minutes:
                result["stream"] = soak_stream(page, server, minutes * 60, _tell)
            browser.close()
    return result


def _tell(number: int, reading: Reading) -> None:
    print(f"{number:6d}  {reading}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--camera", action="store_true", help="a fake camera, not the drawn face")
    asked = parser.parse_args()
    outcome = soak(asked.cycles, asked.minutes, "camera" if asked.camera else "demo")
    print(json.dumps(outcome, indent=2))
    leaks = [
        words for part in outcome.values() if isinstance(part, dict) for words in part["complaints"]
    ]
    sys.exit(1 if leaks else 0)
