"""All of the dashboard's caches, in one file. Pages compute nothing."""

import gc
import json
import os
import threading
from pathlib import Path
from typing import Any

import streamlit as st

from fer_core.errors import MienError
from fer_core.faces import Detector, background_fetch, fallback_reason, make_detector
from fer_core.zoo import METRICS_FILE, MODELS, Classifier, ModelCard, load_classifier, sound_folders

_thread = threading.local()


def models_folder() -> Path:
    """Where the model folders are: ``MIEN_MODELS`` where set, else the shipped ones."""
    return Path(os.environ.get("MIEN_MODELS", MODELS))


@st.cache_data(show_spinner=False)
def _folders(models: Path, stamp: float) -> tuple[list[ModelCard], list[str]]:
    cards, errors = sound_folders(models)
    return cards, [str(error) for error in errors]


def model_cards() -> tuple[list[ModelCard], list[str]]:
    """Cards of all sound model folders, and one sentence for each that is not sound.

    Read again when any file of a folder changes.
    """
    models = models_folder()
    stamps = [path.stat().st_mtime for path in models.glob("*/*")]
    return _folders(models, max(stamps, default=0.0) + len(stamps))


@st.cache_resource(show_spinner="Loading the network …")
def _classifier(folder: Path, stamp: float) -> Classifier:
    classifier = load_classifier(folder)
    # What is loaded now stays: the collector need not look at it again in the middle of a video.
    gc.collect()
    gc.freeze()
    return classifier


def classifier(slug: str) -> Classifier:
    """The network of a model, shared by all viewers.

    Raises:
        MienError: the folder is not sound; the page shows its sentence.
    """
    folder = models_folder() / slug
    card = folder / "card.json"
    return _classifier(folder, card.stat().st_mtime if card.exists() else 0.0)


@st.cache_data(show_spinner=False)
def _metrics(path: Path, stamp: float) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text())
    return values


def model_metrics(slug: str) -> dict[str, Any]:
    """A model's `metrics.json`; {} where it is missing or not JSON."""
    path = models_folder() / slug / METRICS_FILE
    try:
        return _metrics(path, path.stat().st_mtime)
    except (OSError, ValueError):
        return {}


def accuracies() -> dict[str, float]:
    """PrivateTest accuracy of each sound model folder that states it, as fractions."""
    cards, _ = model_cards()
    figures = {card.slug: model_metrics(card.slug).get("accuracy") for card in cards}
    return {slug: float(value) for slug, value in figures.items() if value is not None}


def detector(name: str, *, photos: bool = False) -> Detector:
    """The calling thread's own face detector: OpenCV's keep state while they search.

    Never waits for the internet. Where YuNet's weights are missing, their fetch starts in the
    background, Haar comes in its place, and the first call after they arrive gives YuNet.

    Args:
        name: ``"yunet"``, ``"haar"`` or ``"none"``.
        photos: also find small faces in large pictures, which takes longer.

    Returns:
        A detector whose `name` says which one is really on; see `detector_reason`.

    Raises:
        MienError: no detector can be loaded at all; the page shows its sentence.
    """
    kept: dict[tuple[str, bool], Detector] = _thread.__dict__.setdefault("detectors", {})
    found = kept.get((name, photos))
    if found is None or found.name != name:
        fresh = make_detector(name, photos=photos)
        if fresh.name != name:
            background_fetch.start()
        if found is None or fresh.name == name:
            found = kept[name, photos] = fresh
    return found


def detector_reason(name: str) -> str:
    """Why another detector than ``name`` is on, as a sentence; empty where it is the one."""
    return fallback_reason(name, detector(name))


__all__ = [
    "MienError",
    "accuracies",
    "classifier",
    "detector",
    "detector_reason",
    "model_cards",
    "model_metrics",
    "models_folder",
]
