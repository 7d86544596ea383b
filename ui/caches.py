"""All of the dashboard's caches, in one file. Pages compute nothing."""

import gc
import threading
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, find_dataset, load_dataset
from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.external import EXTERNAL_FOLDER, ExternalReport, read_external
from fer_core.evaluation.leaderboard import ModelSummary, read_summaries
from fer_core.evaluation.pairs import compare_pairs
from fer_core.evaluation.robustness import ROBUSTNESS_FILE, RobustnessRow, read_robustness
from fer_core.evaluation.selftest_report import SELFTEST_FILE, SelfTestReport, read_selftest
from fer_core.evaluation.speed import SPEED_FILE, SpeedReport, read_speed
from fer_core.evaluation.summary import Metrics, read_logits, read_metrics
from fer_core.evaluation.truth import SplitTruth, take_truth
from fer_core.evaluation.variants import VARIANTS_FILE, Variant, read_variants
from fer_core.faces import Detector, fallback_reason, known_detectors, make_detector
from fer_core.metrics import Comparison
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import Pipeline
from fer_core.synthetic.face import POSES, draw_face
from fer_core.zoo import (
    GRAPH_FILE,
    LEDGER_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Classifier,
    ModelCard,
    find_folder,
    load_classifier,
    models_root,
    models_roots,
    sound_folders,
)
from fer_core.zoo.layers import FeatureReader, Layer, first_filters, read_layers

_thread = threading.local()


@st.cache_data(show_spinner=False)
def _folders(roots: tuple[Path, ...], stamp: float) -> tuple[list[ModelCard], list[str]]:
    cards, errors = sound_folders(*roots)
    return cards, [str(error) for error in errors]


def model_cards() -> tuple[list[ModelCard], list[str]]:
    """Cards of all sound model folders, and one sentence for each that is not sound.

    Read again when any file of a folder changes.
    """
    roots = models_roots()
    stamps = [path.stat().st_mtime for root in roots for path in root.glob("*/*")]
    return _folders(roots, max(stamps, default=0.0) + len(stamps))


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
    folder = find_folder(slug, *models_roots())
    card = folder / "card.json"
    return _classifier(folder, card.stat().st_mtime if card.exists() else 0.0)


@st.cache_resource(show_spinner="Loading the activation maps …", max_entries=8)
def _explainer(folder: Path, stamp: float) -> Classifier:
    return load_classifier(folder, maps=True)


def explainer(slug: str) -> Classifier:
    """The network of a model with its activation maps, which live video does without.

    Raises:
        MienError: the folder is not sound, or its graph has no maps; the page shows its sentence.
    """
    folder = find_folder(slug, *models_roots())
    return _explainer(folder, _card_stamp(folder))


@st.cache_resource(show_spinner=False, max_entries=50)
def _layers(folder: Path, stamp: float) -> tuple[Layer, ...]:
    return read_layers(folder / GRAPH_FILE)


def network_layers(slug: str) -> tuple[Layer, ...]:
    """The layers of a model's network; () where its graph has none that are known."""
    folder = find_folder(slug, *models_roots())
    return _layers(folder, _card_stamp(folder))


@st.cache_resource(show_spinner=False, max_entries=50)
def _first_filters(folder: Path, stamp: float) -> NDArray[np.float32] | None:
    return first_filters(folder / GRAPH_FILE)


def network_filters(slug: str) -> NDArray[np.float32] | None:
    """Kernels (filters, channels, height, width) of the first convolution; None without one."""
    folder = find_folder(slug, *models_roots())
    return _first_filters(folder, _card_stamp(folder))


@st.cache_resource(show_spinner=False, max_entries=12)
def _features(folder: Path, stamp: float, layer: Layer) -> FeatureReader:
    return FeatureReader(folder / GRAPH_FILE, layer)


def features(slug: str, layer: Layer) -> FeatureReader:
    """What reads one layer's answer.

    Raises:
        MienError: the graph cannot be read.
    """
    folder = find_folder(slug, *models_roots())
    return _features(folder, _card_stamp(folder), layer)


def _card_stamp(folder: Path) -> float:
    card = folder / "card.json"
    return card.stat().st_mtime if card.exists() else 0.0


@st.cache_data(show_spinner=False)
def _metrics(folder: Path, stamp: float) -> Metrics | None:
    try:
        return read_metrics(folder)
    except MienError:  # the page Compare models says what is wrong with it
        return None


def model_metrics(slug: str) -> Metrics | None:
    """A model's figures; None where they cannot be read."""
    folder = find_folder(slug, *models_roots())
    return _metrics(folder, _stamp(folder / METRICS_FILE))


def accuracies() -> dict[str, float]:
    """PrivateTest accuracy of each sound model folder that states it, as fractions."""
    cards, _ = model_cards()
    figures = {card.slug: model_metrics(card.slug) for card in cards}
    return {slug: found.accuracy for slug, found in figures.items() if found}


def detector(name: str, *, photos: bool = False) -> Detector:
    """The calling thread's own face detector: OpenCV's keep state while they search.

    Never waits for the internet. Where a detector's weights are missing, their fetch starts in the
    background, its stand-in comes in its place, and the first call after they arrive gives it.

    Args:
        name: one of `fer_core.faces.detectors`.
        photos: also find small faces in large pictures, which takes longer.

    Returns:
        A detector whose `name` says which one is really on; see `detector_reason`.

    Raises:
        MienError: no detector can be loaded at all; the page shows its sentence.
    """
    kept: dict[tuple[str, bool], Detector] = _thread.__dict__.setdefault("detectors", {})
    found = kept.get((name, photos))
    missing = known_detectors()[name].missing
    # Looking for what was missing costs less than a new stand-in.
    if found is None or (found.name != name and missing and missing.is_ready()):
        found = kept[name, photos] = make_detector(name, photos=photos)
    if found.name != name and missing:
        missing.fetch()
    return found


def detector_reason(name: str) -> str:
    """Why another detector than ``name`` is on, as a sentence; empty where it is the one."""
    return fallback_reason(name, detector(name))


@st.cache_data(show_spinner="Reading the models …")
def _summaries(roots: tuple[Path, ...], stamp: float) -> tuple[list[ModelSummary], list[str]]:
    found, errors = read_summaries(*roots)
    return found, [str(error) for error in errors]


def _models_stamp(roots: tuple[Path, ...]) -> float:
    stamps = [
        path.stat().st_mtime
        for root in roots
        for path in (*root.glob("*/*"), *root.glob(LEDGER_FILE))
    ]
    return max(stamps, default=0.0) + len(stamps)


def _stamp(path: Path) -> float:
    """When a file was last written; 0 where there is none. A cache's key."""
    return path.stat().st_mtime if path.exists() else 0.0


def summaries() -> tuple[list[ModelSummary], list[str]]:
    """Results of all sound model folders, most accurate first, and a sentence for each other."""
    roots = models_roots()
    return _summaries(roots, _models_stamp(roots))


@st.cache_data(show_spinner=False)
def _speed(roots: tuple[Path, ...], stamp: float, folders: object) -> SpeedReport | None:
    return read_speed(*roots)


def speed() -> SpeedReport | None:
    """The time each network takes for a face, from `speed.json`; None where nobody measured it.

    Raises:
        MienError: the file is damaged; the page shows its sentence.
    """
    roots = models_roots()
    return _speed(roots, _stamp(roots[0] / SPEED_FILE), _models_stamp(roots))


@st.cache_data(show_spinner=False)
def _selftest(models: Path, stamp: float) -> SelfTestReport | None:
    return read_selftest(models)


def selftest() -> SelfTestReport | None:
    """The last self-test, from `selftest.json`; None where nobody has run it.

    Raises:
        MienError: the file is damaged; the page shows its sentence.
    """
    models = models_root()
    path = models / SELFTEST_FILE
    return _selftest(models, _stamp(path))


@st.cache_data(show_spinner=False)
def _external(models: Path, stamp: float) -> list[ExternalReport]:
    return read_external(models)


def external() -> list[ExternalReport]:
    """External packages that were measured or quoted, from `models/external`; [] without.

    Raises:
        MienError: a file is damaged; the page shows its sentence.
    """
    models = models_root()
    stamps = [path.stat().st_mtime for path in (models / EXTERNAL_FOLDER).glob("*.json")]
    return _external(models, max(stamps, default=0.0) + len(stamps))


@st.cache_data(show_spinner=False)
def _variants(models: Path, stamp: float) -> list[Variant]:
    return read_variants(models)


def variants() -> list[Variant]:
    """Trainings for comparison, from `variants.csv`; [] where there is no such file.

    Raises:
        MienError: the file is damaged; the page shows its sentence.
    """
    models = models_root()
    path = models / VARIANTS_FILE
    return _variants(models, _stamp(path))


@st.cache_data(show_spinner=False)
def _robustness(models: Path, stamp: float) -> list[RobustnessRow]:
    return read_robustness(models)


def robustness() -> list[RobustnessRow]:
    """What `robustness.csv` holds, of earlier graphs too; [] where nobody measured.

    Raises:
        MienError: the file is damaged; the page shows its sentence.
    """
    models = models_root()
    path = models / ROBUSTNESS_FILE
    return _robustness(models, _stamp(path))


@st.cache_resource(show_spinner=False, max_entries=100)
def _logits(folder: Path, stamp: float) -> dict[str, NDArray[np.float32]]:
    arrays = read_logits(folder)
    for values in arrays.values():
        values.flags.writeable = False  # shared by all viewers
    return arrays


def stored_logits(slug: str) -> dict[str, NDArray[np.float32]]:
    """A model's stored answers to both test splits; see `fer_core.evaluation.summary.read_logits`.

    Raises:
        MienError: the file is damaged; the page shows its sentence.
    """
    folder = find_folder(slug, *models_roots())
    path = folder / PREDICTIONS_FILE
    return _logits(folder, _stamp(path))


@st.cache_resource(show_spinner="Reading the test images' labels …", max_entries=1)
def _truth(path: Path, stamp: float) -> SplitTruth:
    return take_truth(load_dataset(path))


def split_truth() -> SplitTruth | None:
    """The test splits' labels and faces; None where nobody imported FER2013 here.

    Raises:
        MienError: there is a data set, but it cannot be read.
    """
    path = find_dataset()
    return None if path is None else _truth(path, path.stat().st_mtime)


@st.cache_data(show_spinner="Comparing each pair of models …", max_entries=20)
def _pairs(
    roots: tuple[Path, ...], slugs: tuple[str, ...], stamp: tuple[float, float]
) -> dict[tuple[int, int], Comparison]:
    truth = split_truth()
    if truth is None:
        return {}
    answers = [stored_logits(slug)["private_logits"] for slug in slugs]
    return compare_pairs(answers, truth.private_labels, truth.private_groups)


def compared_pairs(slugs: tuple[str, ...]) -> dict[tuple[int, int], Comparison]:
    """McNemar and interval for each pair i < j of models; {} without labels.

    Raises:
        MienError: a model's answers or the data set cannot be read.
    """
    roots, data = models_roots(), find_dataset()
    stamp = (_models_stamp(roots), data.stat().st_mtime if data else 0.0)
    return _pairs(roots, slugs, stamp)


@st.cache_resource(show_spinner=False, max_entries=20)
def _drawn_sample(folder: Path, stamp: float, detector_on: str) -> NDArray[np.uint8]:
    image = draw_face(POSES[Emotion.HAPPY])
    return draw(image, Pipeline(detector(detector_on), classifier(folder.name))(image))


def drawn_sample(slug: str) -> NDArray[np.uint8]:
    """The demo's drawn smile, boxed and named as a model reads it: (480, 640, 3) uint8 RGB.

    Raises:
        MienError: the folder is not sound.
    """
    folder = find_folder(slug, *models_roots())
    card = folder / "card.json"
    stamp = card.stat().st_mtime if card.exists() else 0.0
    return _drawn_sample(folder, stamp, detector("yunet").name)


@st.cache_resource(show_spinner="Reading FER2013 …", max_entries=1)
def _faces(path: Path, stamp: float) -> Fer2013:
    data = load_dataset(path)
    data.pixels.flags.writeable = False  # shared by all viewers
    return data


def dataset() -> Fer2013 | None:
    """The person's own copy of FER2013; None where nobody imported it here.

    It stays in memory (83 MB) from the first look at the Data page on, because reading it takes
    longer than a click may.

    Raises:
        MienError: there is a data set, but it cannot be read.
    """
    path = find_dataset()
    return None if path is None else _faces(path, path.stat().st_mtime)


__all__ = [
    "MienError",
    "accuracies",
    "classifier",
    "compared_pairs",
    "dataset",
    "detector",
    "detector_reason",
    "drawn_sample",
    "explainer",
    "external",
    "features",
    "model_cards",
    "model_metrics",
    "network_filters",
    "network_layers",
    "robustness",
    "selftest",
    "speed",
    "split_truth",
    "stored_logits",
    "summaries",
    "variants",
]
