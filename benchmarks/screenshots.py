"""The pictures in README and docs, taken from the running dashboard, one of them moving.

    python -m benchmarks.screenshots [--out docs] [--dark]

The face is NASA's portrait of Eileen Collins from scikit-image; no other person is shown.
"""

import argparse
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from skimage import data

from benchmarks.portrait_video import write_portrait_video
from tests.browser.stage import (
    ROOT,
    LiveWidget,
    detector_cache,
    launch_with_camera,
    serving,
    wait_for,
    write_fake_camera,
)

SETTLE_MS = 6000
"""Charts, fonts and smoothing have come to rest by then."""

_DRAWN = """() => !document.querySelector('[data-testid=stSkeleton]') &&
    [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(
        chart => chart.querySelector('.main-svg'))"""


def _live(page: Page, folder: Path) -> None:
    widget = LiveWidget(page)
    widget.wait_for_button("START")
    widget.press("START")
    wait_for(lambda: widget.picture() is not None, "a picture", 60)


def _photos(page: Page, folder: Path) -> None:
    portrait = folder / "eileen_collins.png"
    Image.fromarray(data.astronaut()).save(portrait)
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(portrait)


def _videos(page: Page, folder: Path) -> None:
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        write_portrait_video(folder / "eileen_collins.mp4", seconds=4.0)
    )
    page.get_by_text("Read this video").click()
    page.get_by_test_id("stVideo").wait_for(timeout=300_000)


def _as_it_is(page: Page, folder: Path) -> None:
    # On a busy machine the page itself takes longer than what then has to settle.
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=120_000)
    page.wait_for_function(_DRAWN, timeout=120_000)


_EXAMPLE = "/Studies?study=Drawn%20example&section="


def _study(page: Page, folder: Path) -> None:
    """Of the drawn study, which is made and read where it is not there yet."""
    wanted = page.url
    page.goto(wanted.partition("?")[0])
    page.get_by_role("heading", name="Studies").wait_for(timeout=120_000)
    _as_it_is(page, folder)
    make = page.get_by_role("button", name="Make the drawn example study")
    if make.count():
        make.click()
        page.get_by_role("button", name="Pause").wait_for(timeout=120_000)
        page.get_by_role("button", name="Pause").wait_for(state="detached", timeout=300_000)
    page.goto(wanted)
    _as_it_is(page, folder)


FILM = "live_moving"
_FILM_PX, _FILM_FRAMES, _FILM_STEP_MS = 760, 24, 125


def _film(page: Page, path: Path) -> None:
    """Three seconds of the page as an animated WebP, which browsers and GitHub play."""
    frames = []
    for _ in range(_FILM_FRAMES):
        with Image.open(io.BytesIO(page.screenshot())) as shot:
            height = round(_FILM_PX * shot.height / shot.width)
            frames.append(shot.convert("RGB").resize((_FILM_PX, height), Image.Resampling.LANCZOS))
        page.wait_for_timeout(_FILM_STEP_MS)
    first, *others = frames
    first.save(
        path, save_all=True, append_images=others, duration=_FILM_STEP_MS, loop=0, quality=70
    )


SHOTS: dict[str, tuple[str, Callable[[Page, Path], None]]] = {
    "home": ("/", _as_it_is),
    "live": ("/Live?source=camera", _live),
    FILM: ("/Live?source=camera", _live),
    "photos": ("/Photos", _photos),
    "videos": ("/Videos", _videos),
    "compare": ("/Compare_models", _as_it_is),
    "look_inside": ("/Look_inside", _as_it_is),
    "data": ("/Data", _as_it_is),
    "studies_sheet": (f"{_EXAMPLE}sheet", _study),
    "studies_recording": (f"{_EXAMPLE}recordings&recording=P5", _study),
    "studies_findings": (f"{_EXAMPLE}findings", _study),
}


def take(out: Path, names: list[str], *, dark: bool) -> None:
    """Write ``<name>.png`` for each name into a folder, the film as ``.webp``."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # No faces of FER2013 in pictures, also where the data set is.
        environment = {
            "MIEN_DATASET": str(folder / "none.npz"),
            "MIEN_STUDIES": str(folder / "studies"),
        } | detector_cache(folder)
        camera = write_fake_camera(folder / "face.mjpeg")
        with serving(folder / "log", **environment) as server, sync_playwright() as playwright:
            browser = launch_with_camera(playwright, camera)
            for shot in names:
                address, prepare = SHOTS[shot]
                page = browser.new_page(
                    viewport={"width": 1280, "height": 860},
                    color_scheme="dark" if dark else "light",
                )
                page.goto(server.url + address)
                prepare(page, folder)
                page.wait_for_timeout(SETTLE_MS)
                name_of_file = f"{shot}{'-dark' if dark else ''}"
                if shot == FILM:
                    _film(page, out / f"{name_of_file}.webp")
                else:
                    page.screenshot(path=out / f"{name_of_file}.png")
                page.close()
            browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=", ".join(SHOTS))
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--dark", action="store_true")
    asked = parser.parse_args()
    take(asked.out, asked.names or list(SHOTS), dark=asked.dark)
