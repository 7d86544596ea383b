"""How each page loads in Chromium, by a server that has shown it before.

    python -m benchmarks.loading [--rounds 3]

Prints JSON, for each page and window the median of the rounds: ``first_paint_ms``, ``usable_ms``
(script run and the code of every element there), the largest ``shift`` (cumulative layout shift)
with what moved, and ``server_ms``, the server's processor time (Linux), which a busy machine
lengthens least. The browser has cached nothing.
"""

import argparse
import json
import os
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.browser.loading import load, observe
from tests.browser.stage import Server, detector_cache, find_chromium, serving
from ui.navigation import ENTRIES

WINDOWS = {"laptop": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
PAGES = ("", *(entry.title.replace(" ", "_") for entry in ENTRIES))


def processor_ms(pid: int) -> float:
    """A process's own time so far; 0 where no kernel says it."""
    counts = Path(f"/proc/{pid}/stat")
    if not counts.exists():
        return 0.0
    user, system = counts.read_text().rpartition(")")[2].split()[11:13]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(server: Server, browser: Browser, rounds: int) -> dict[str, object]:
    """Each page in each window, after a round that does not count."""
    found: dict[str, object] = {}
    for page in PAGES:
        for name, window in WINDOWS.items():
            taken = []
            for _ in range(rounds + 1):
                context = browser.new_context(viewport=window)
                observe(context)
                before = processor_ms(server.pid)
                loading = load(context.new_page(), f"{server.url}/{page}")
                taken.append((loading, processor_ms(server.pid) - before))
                context.close()
            del taken[0]
            worst = max((loading for loading, _ in taken), key=lambda loading: loading.shift)
            found[f"{page or 'Home'}, {name}"] = {
                "first_paint_ms": round(statistics.median(one.first_paint_ms for one, _ in taken)),
                "usable_ms": round(statistics.median(one.usable_ms for one, _ in taken)),
                "server_ms": round(statistics.median(ms for _, ms in taken)),
                "shift": round(worst.shift, 3),
                "moved": worst.shifts,
            }
    return found


def main() -> None:
    """Serve, load, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {"MIEN_STUDIES": f"{folder}/studies", **detector_cache(Path(folder))}
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        with serving(Path(folder) / "server.log", **environment) as server:
            print(json.dumps(measure(server, browser, asked.rounds), indent=2))
        browser.close()


if __name__ == "__main__":
    main()
