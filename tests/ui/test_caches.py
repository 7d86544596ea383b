"""The dashboard's detectors: one for each thread, and YuNet as soon as its weights are here."""

import shutil
import threading
from pathlib import Path
from unittest.mock import Mock

import pytest

from fer_core.faces import YUNET_FILE, Detector
from ui import caches


@pytest.fixture(autouse=True)
def fetch(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """No detectors kept from elsewhere, and no internet."""
    monkeypatch.setattr(caches, "_thread", threading.local())
    fetch = Mock()
    monkeypatch.setattr("fer_core.faces.detectors.yunet.background_fetch", fetch)
    return fetch


def test_a_thread_keeps_its_detector_and_shares_it_with_no_other() -> None:
    mine = caches.detector("haar")
    others: list[Detector] = []
    thread = threading.Thread(target=lambda: others.append(caches.detector("haar")))
    thread.start()
    thread.join()
    assert caches.detector("haar") is mine
    assert others[0] is not mine
    assert caches.detector("haar", photos=True) is not mine


def test_yunet_takes_haars_place_when_its_weights_arrive(
    yunet_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fetch: Mock
) -> None:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    first = caches.detector("yunet")
    assert first.name == "haar"
    assert caches.detector("yunet") is first  # asked for with each frame: not loaded each time
    assert caches.detector_reason("yunet").startswith("Haar finds the faces")
    fetch.start.assert_called()
    shutil.copy(yunet_cache / YUNET_FILE, tmp_path)
    assert caches.detector("yunet").name == "yunet"
    assert caches.detector_reason("yunet") == ""


def test_only_a_missing_yunet_starts_a_fetch(yunet_cache: Path, fetch: Mock) -> None:
    assert caches.detector("yunet").name == "yunet"
    assert caches.detector("haar").name == "haar"
    fetch.start.assert_not_called()
