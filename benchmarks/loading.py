"""How each page loads in Chromium, by a server that has shown it before.

    python -m benchmarks.loading [--rounds 3]

Prints JSON, for each page and window the median of the rounds: ``first_paint_ms``, ``usable_ms``
(script run and every element there, charts at least as their places), ``charts_ms`` (those in the
window are drawn) and ``complete_ms`` (all are), ``longest_ms``, how long a click has to wait at
most meanwhile, the largest ``shift`` (cumulative layout shift) with what moved, and two that a busy
machine lengthens least (Linux): processor time of the server, ``server_ms``, and of the page's main
thread until all is drawn, ``browser_ms``. The browser has cached nothing; with ``--cached`` it has
been on each page twice before.
"""

import argparse
import json
import os
import statistics
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.loading import Loading, load, observe
from tests.browser.stage import Server, detector_cache, find_chromium, serving
from ui.navigation import ENTRIES

WINDOWS = {"laptop": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
VISITS = 2
"""After so many, Chromium has the compiled code of a page's scripts."""

PAGES = ("", *(entry.title.replace(" ", "_") for entry in ENTRIES))


def processor_ms(pid: int) -> float:
    """A process's own time so far; 0 where no kernel says it."""
    counts = Path(f"/proc/{pid}/stat")
    if not counts.exists():
        return 0.0
    user, system = counts.read_text().rpartition(")")[2].split()[11:13]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Taken:
    """One load, with processor time of the server and of the page's main thread."""

    loading: Loading
    server_ms: float
    browser_ms: float


def take(server: Server, context: BrowserContext, url: str) -> Taken:
    """Load a page in a new tab."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = processor_ms(server.pid)
    loading = load(page, url)
    server_ms = processor_ms(server.pid) - before
    told = session.send("Performance.getMetrics")["metrics"]
    seconds = {each["name"]: float(each["value"]) for each in told}["TaskDuration"]
    page.close()
    return Taken(loading, server_ms, 1000 * seconds)


def measure(
    server: Server, open_context: Callable[[dict[str, int]], BrowserContext], asked: Namespace
) -> dict[str, object]:
    """Each page in each window, after rounds that do not count."""
    found: dict[str, object] = {}
    for page in asked.pages or PAGES:
        for name, window in WINDOWS.items():
            taken, context = [], open_context(window)
            for _ in range(asked.rounds + (VISITS if asked.cached else 1)):
                taken.append(take(server, context, f"{server.url}/{page}"))
                if not asked.cached:
                    context.close()
                    context = open_context(window)
            context.close()
            found[f"{page or 'Home'}, {name}"] = summary(taken[-asked.rounds :])
    return found


def summary(taken: Sequence[Taken]) -> dict[str, object]:
    """Medians, and the load in which most moved."""
    worst = max((one.loading for one in taken), key=lambda loading: loading.shift)
    rows = [asdict(one.loading) | asdict(one) for one in taken]
    names = [name for name, value in rows[0].items() if isinstance(value, float)]
    medians = {name: statistics.median(row[name] for row in rows) for name in names}
    return {
        **{name: round(ms) for name, ms in medians.items() if name.endswith("_ms")},
        "shift": round(worst.shift, 3),
        "moved": worst.shifts,
    }


def main() -> None:
    """Serve, load, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cached", action="store_true", help="a browser that was there before")
    parser.add_argument("--pages", nargs="*", choices=PAGES, help="only these, by their address")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {"MIEN_STUDIES": f"{folder}/studies", **detector_cache(Path(folder))}

        def open_context(window: dict[str, int]) -> BrowserContext:
            # With a folder of its own: else Chromium keeps no compiled code.
            context = playwright.chromium.launch_persistent_context(
                mkdtemp(dir=folder),
                executable_path=find_chromium(),
                args=["--no-sandbox", "--disable-background-networking"],
                viewport=window,
            )
            observe(context)
            return context

        with serving(Path(folder) / "server.log", **environment) as server:
            print(json.dumps(measure(server, open_context, asked), indent=2))


if __name__ == "__main__":
    main()
