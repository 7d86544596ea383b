"""A network is trained in a real Chromium, its page left and the server killed on the way."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from fer_core.runs.shelf import find_run
from fer_core.zoo import read_ledger
from tests.browser.stage import detector_cache, find_chromium, serving
from tests.tiny import write_tiny_folder
from tests.training.drawn import drawn_faces
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

NAME = "my_triple"
LONG_MS = 240_000


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A small data set in FER2013's place, one tiny network, and folders of its own."""
    drawn_faces(420).save(tmp_path / "fer2013.npz")
    write_tiny_folder(tmp_path / "models")
    (tmp_path / "cache").mkdir()
    found = {
        "MIEN_DATASET": str(tmp_path / "fer2013.npz"),
        "MIEN_MODELS": f"{tmp_path / 'models'}{os.pathsep}{tmp_path / 'own'}",
        "MIEN_RUNS": str(tmp_path / "runs"),
        "MIEN_CACHE": str(tmp_path / "cache"),
    } | detector_cache(tmp_path / "cache")
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def chromium() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("No Chromium: nothing was trained in a browser.")
        pytest.skip("No Chromium: nothing was trained in a browser (apt install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            headless=True,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def opened(chromium: Browser, address: str) -> Page:
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    page.goto(address, wait_until="domcontentloaded")
    return page


def test_from_one_click_to_a_row(
    environment: dict[str, str], tmp_path: Path, chromium: Browser
) -> None:
    with serving(tmp_path / "server.log", **environment) as server:
        page = opened(chromium, f"{server.url}/Train")
        page.get_by_role("button", name="Train Triple for a few minutes").click(timeout=60_000)
        expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=LONG_MS)
        page.goto(f"{server.url}/Data")
        page.close()
        os.kill(server.pid, signal.SIGKILL)
    run = find_run(NAME)
    wait_for(lambda: len(run.history()) >= 1)  # it goes on without a page and a server
    with serving(tmp_path / "again.log", **environment) as server:
        page = opened(chromium, f"{server.url}/Train?run={NAME}")
        button = page.get_by_role("button", name="Measure it, make it a network")
        button.click(timeout=LONG_MS)
        expect(page.get_by_text("It is a network of yours.")).to_be_visible(timeout=LONG_MS)
        assert [look.slug for look in read_ledger(tmp_path / "own")] == [NAME]
        page.get_by_role("link", name="Compare", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Compare models", timeout=60_000)
        # The link chose its row, and the page knows it: an unknown name would be left out.
        expect(page.get_by_text(f"Triple · {NAME}").first).to_be_visible(timeout=60_000)
        assert f"models={NAME}" in page.url
    assert run.condition() == "finished"
