"""The dashboard's caches: what is on the disk now, sentences for what is damaged; detectors for
each thread, and YuNet as soon as its weights are here."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import streamlit as st

from fer_core.dataset import Fer2013
from fer_core.errors import MienError
from fer_core.faces import YUNET_FILE, Detector
from tests.tiny import tiny_conv_graph, write_tiny_folder
from ui import caches


@pytest.fixture(autouse=True)
def fetch(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Nothing kept from elsewhere, and no internet."""
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setattr(caches.detectors, "_thread", threading.local())
    fetch = Mock()
    monkeypatch.setattr("fer_core.faces.detectors.yunet.background_fetch", fetch)
    return fetch


def test_a_thread_keeps_its_detector_and_shares_it_with_no_other() -> None:
    mine = caches.detectors.detector("haar")
    others: list[Detector] = []
    thread = threading.Thread(target=lambda: others.append(caches.detectors.detector("haar")))
    thread.start()
    thread.join()
    assert caches.detectors.detector("haar") is mine
    assert others[0] is not mine
    assert caches.detectors.detector("haar", photos=True) is not mine


def test_yunet_takes_haars_place_when_its_weights_arrive(
    yunet_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fetch: Mock
) -> None:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    first = caches.detectors.detector("yunet")
    assert first.name == "haar"
    assert (
        caches.detectors.detector("yunet") is first
    )  # asked for with each frame: not loaded each time
    assert caches.detectors.detector_reason("yunet").startswith("Haar finds the faces")
    fetch.start.assert_called()
    shutil.copy(yunet_cache / YUNET_FILE, tmp_path)
    assert caches.detectors.detector("yunet").name == "yunet"
    assert caches.detectors.detector_reason("yunet") == ""


def test_only_a_missing_yunet_starts_a_fetch(yunet_cache: Path, fetch: Mock) -> None:
    assert caches.detectors.detector("yunet").name == "yunet"
    assert caches.detectors.detector("haar").name == "haar"
    fetch.start.assert_not_called()


def slugs() -> list[str]:
    return [card.slug for card in caches.networks.model_cards()[0]]


def test_model_folders_that_come_change_or_go_are_seen(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    assert slugs() == ["tiny", "tiny_b"]
    first = caches.networks.classifier("tiny")
    assert caches.networks.classifier("tiny") is first
    write_tiny_folder(tiny_models, "third", seed=2)
    assert len(slugs()) == len(caches.measured.summaries()[0]) == 3
    assert caches.networks.classifier("tiny") is first  # its own card is as it was
    accuracy = caches.networks.accuracies()["tiny"]
    path = tiny_models / "tiny" / "metrics.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"accuracy": accuracy / 2}))
    figures = caches.networks.model_metrics("tiny")
    assert figures is not None
    assert figures.accuracy == accuracy / 2
    shutil.rmtree(tiny_models / "tiny_b")
    cards, errors = caches.networks.model_cards()
    assert [card.slug for card in cards] == ["third"]  # its digest no longer fits the card
    assert "tiny" in errors[0]
    path.unlink()
    assert caches.networks.model_metrics("tiny") is None


def test_another_network_under_the_same_name_is_loaded(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    crop = np.full((1, 24, 24, 1), 99, np.uint8)
    before = caches.networks.classifier("tiny").predict(crop).probabilities
    shutil.rmtree(tiny_models / "tiny")
    write_tiny_folder(tiny_models, "tiny", seed=5)
    after = caches.networks.classifier("tiny").predict(crop).probabilities
    assert not np.allclose(before, after)
    with pytest.raises(MienError, match="no activation maps"):
        caches.networks.explainer("tiny")
    shutil.rmtree(tiny_models / "tiny")
    write_tiny_folder(tiny_models, "tiny", graph=tiny_conv_graph())
    assert caches.networks.explainer("tiny") is not caches.networks.classifier("tiny")
    assert caches.networks.network_layers("tiny")[0].kind == "convolution"


DAMAGED: dict[str, Callable[[], object]] = {
    "speed.json": caches.measured.speed,
    "selftest.json": caches.measured.selftest,
    "external/other.json": caches.measured.external,
    "variants.csv": caches.measured.variants,
    "robustness.csv": caches.measured.robustness,
    "external/robustness.csv": caches.measured.external_robustness,
    "tiny/predictions.npz": lambda: caches.answers.stored_logits("tiny"),
    "tiny/card.json": lambda: caches.networks.classifier("tiny"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_gives_a_sentence_until_it_is_mended(
    name: str, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    path = tiny_models / name
    sound = path.read_bytes() if path.exists() else None
    DAMAGED[name]()  # nothing is wrong yet
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xff{ no such thing")
    for _ in range(2):
        with pytest.raises(MienError, match=path.name):
            DAMAGED[name]()
    if sound is None:
        path.unlink()
    else:
        path.write_bytes(sound)
    DAMAGED[name]()


def test_an_imported_data_set_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fer2013.npz"
    monkeypatch.setenv("MIEN_DATASET", str(path))
    assert caches.faces.dataset() is None
    assert caches.answers.split_truth() == {}
    assert caches.answers.truth("PrivateTest", "all") is caches.answers.truth("mine", "all") is None
    pixels = np.random.default_rng(3).integers(0, 256, (9, 48, 48), np.uint8)
    splits = np.repeat(np.arange(3, dtype=np.uint8), 3)
    Fer2013(pixels, np.arange(9, dtype=np.int64) % 7, splits).save(path)
    data, truth = caches.faces.dataset(), caches.answers.truth("PrivateTest", "all")
    assert data is not None
    assert truth is not None
    assert truth.labels.tolist() == [6, 0, 1]
    assert set(caches.answers.split_truth()) == {"PublicTest", "PrivateTest"}
    assert caches.faces.dataset() is data
    assert not data.pixels.flags.writeable
    path.write_bytes(b"no archive")
    for read in (caches.faces.dataset, caches.answers.split_truth):
        with pytest.raises(MienError, match=path.name):
            read()
