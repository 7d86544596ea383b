"""A photo uploaded in a real Chromium, and its table downloaded."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fer_core.emotions import LABELS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_photo_and_its_csv(open_page: Callable[..., Page], tmp_path: Path) -> None:
    from skimage import data

    photo, broken = tmp_path / "astronaut.jpg", tmp_path / "broken.jpg"
    Image.fromarray(data.astronaut()).save(photo)
    broken.write_bytes(b"no picture")
    page = open_page("/Photos")
    files = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    files.set_input_files([photo, broken], timeout=20_000)
    # The broken file has its sentence, and the other one is read all the same.
    told = page.get_by_test_id("stAlert").filter(has_text="broken.jpg")
    expect(told).to_be_visible(timeout=20_000)
    button = page.get_by_role("button", name="CSV")
    expect(button).to_be_visible(timeout=20_000)
    with page.expect_download(timeout=20_000) as download:
        button.click()
    text = Path(download.value.path()).read_text()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["picture"] == photo.name]
    assert len(rows) == 1
    assert rows[0]["expression"] in LABELS
    assert sum(float(rows[0][label]) for label in LABELS) == pytest.approx(1, abs=1e-3)
