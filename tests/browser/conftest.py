"""Fixtures of the tests in a real Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from fer_core.faces import YUNET_FILE
from fer_core.zoo import CARD_FILE, MODELS
from tests.browser.stage import ROOT, Server, find_chromium, serving, write_fake_camera
from tests.tiny import tiny_card, write_tiny_folder

FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One dashboard for all browser tests, with the compact network where it is there."""
    folder = tmp_path_factory.mktemp("server")
    models = MODELS
    if not (MODELS / "compact" / "card.json").exists():
        models = folder / "models"
        tiny = write_tiny_folder(models)
        # Never unsure: the tests look for a class's colour.
        (tiny / CARD_FILE).write_text(tiny_card("tiny", tiny, unsure_threshold=0.0).to_json())
        write_tiny_folder(models, "tiny_b", seed=1)  # for the page that compares
    cache = folder / "cache"
    cache.mkdir()
    weights = ROOT.parent / "shared" / "models" / YUNET_FILE
    if weights.exists():
        shutil.copy(weights, cache)
    environment = {
        "MIEN_MODELS": str(models),
        "MIEN_CACHE": str(cache),
        "MIEN_STUDIES": str(folder / "studies"),
    }
    with serving(folder / "server.log", **environment) as running:
        yield running


@pytest.fixture(scope="session")
def fake_camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Motion JPEG file with a moving face."""
    return write_fake_camera(tmp_path_factory.mktemp("camera") / "face.mjpeg")


@pytest.fixture
def open_page(server: Server) -> Iterator[Callable[..., Page]]:
    """Opens an address of the dashboard in a fresh Chromium with the flags given."""
    executable = find_chromium()
    if executable is None:
        sentence = "No Chromium: the dashboard was not tested in a browser (apt install chromium)."
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browsers = []

        def opener(path: str, *flags: str) -> Page:
            browser = playwright.chromium.launch(
                executable_path=executable,
                headless=True,
                args=["--no-sandbox", "--disable-background-networking", *flags],
            )
            browsers.append(browser)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(server.url + path, wait_until="domcontentloaded")
            return page

        yield opener
        for browser in browsers:
            browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed browser test shows the end of the server's log."""
    report = yield
    running = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(running, Server):
        report.sections.append(("server log", running.log.read_text()[-12000:]))
    return report
