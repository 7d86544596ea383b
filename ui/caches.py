"""All of the dashboard's caches, in one file. Pages compute nothing.

Where a function can raise, pages show the error's sentence.
"""

import gc
import threading
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.dataset import (
    FER2013,
    Fer2013,
    NamedDataset,
    Split,
    dataset_path,
    find_dataset,
    load_dataset,
    load_named,
)
from fer_core.emotions import Emotion
from fer_core.errors import MienError, ModelError
from fer_core.evaluation.calibration_report import (
    CALIBRATION_FILE,
    CalibrationRow,
    read_calibration,
)
from fer_core.evaluation.class_room import DrawnFaces, draw_faces, network_answers
from fer_core.evaluation.dataset_files import (
    EVALUATIONS,
    read_all_evaluations,
    read_dataset_logits,
    read_evaluation,
)
from fer_core.evaluation.datasets import DatasetFigures, SplitName, split_rows
from fer_core.evaluation.external import (
    EXTERNAL_FOLDER,
    ExternalReport,
    external_name,
    read_external,
    read_external_logits,
)
from fer_core.evaluation.external.robustness import (
    ExternalRobustnessRow,
    read_external_robustness,
)
from fer_core.evaluation.families import Family, read_families
from fer_core.evaluation.labelled import LabelledImages, dataset_images, split_images
from fer_core.evaluation.leaderboard import ModelSummary, read_summaries
from fer_core.evaluation.pairs import compare_pairs
from fer_core.evaluation.robustness import ROBUSTNESS_FILE, RobustnessRow, read_robustness
from fer_core.evaluation.seeds import SEEDS, read_seed_history, read_seeds
from fer_core.evaluation.selftest_report import SELFTEST_FILE, SelfTestReport, read_selftest
from fer_core.evaluation.slices import Slice, SliceReport, find_slices, slice_report
from fer_core.evaluation.speed import SpeedReport, read_speed
from fer_core.evaluation.summary import History, Metrics, read_logits, read_metrics
from fer_core.evaluation.variants import VARIANTS_FILE, Variant, read_variants
from fer_core.faces import (
    YUNET_FILE,
    Detector,
    cache_folder,
    fallback_reason,
    known_detectors,
    make_detector,
)
from fer_core.metrics import Comparison
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import Pipeline
from fer_core.runs.faces import count_faces, has_votes
from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import open_study
from fer_core.studies.mended import MendedRecording
from fer_core.studies.results import Results, find
from fer_core.studies.views import key_pictures, picture_at
from fer_core.synthetic.face import POSES, draw_face
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
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
from ui.until_changed import until_changed

_thread = threading.local()


def _models() -> list[Path]:
    return list(models_roots())


def _folder(slug: str) -> Path:
    return find_folder(slug, *models_roots())


def _card(slug: str, *_: object) -> list[Path]:
    """A folder's card stands for the folder: it holds the digest of every other file."""
    return [_folder(slug) / CARD_FILE]


def _dataset() -> list[Path]:
    return [path for path in (find_dataset(),) if path is not None]


@until_changed(_models, st.cache_data, show_spinner=False)
def model_cards() -> tuple[list[ModelCard], list[str]]:
    """Cards of all sound model folders, and one sentence for each that is not sound."""
    cards, errors = sound_folders(*models_roots())
    return cards, [str(error) for error in errors]


@until_changed(_card, st.cache_resource, show_spinner="Loading the network …")
def classifier(slug: str) -> Classifier:
    """The network of a model, shared by all viewers.

    Raises:
        MienError: the folder is not sound.
    """
    loaded = load_classifier(_folder(slug))
    # What is loaded now stays: the collector need not look at it again in the middle of a video.
    gc.collect()
    gc.freeze()
    return loaded


@until_changed(
    _card, st.cache_resource, show_spinner="Loading the activation maps …", max_entries=8
)
def explainer(slug: str) -> Classifier:
    """The network of a model with its activation maps, which live video does without.

    Raises:
        MienError: the folder is not sound, or its graph has no maps.
    """
    return load_classifier(_folder(slug), maps=True)


@until_changed(_card, st.cache_resource, show_spinner=False, max_entries=50)
def network_layers(slug: str) -> tuple[Layer, ...]:
    """The layers of a model's network; () where its graph has none that are known."""
    return read_layers(_folder(slug) / GRAPH_FILE)


@until_changed(_card, st.cache_resource, show_spinner=False, max_entries=50)
def network_filters(slug: str) -> NDArray[np.float32] | None:
    """Kernels (filters, channels, height, width) of the first convolution; None without one."""
    return first_filters(_folder(slug) / GRAPH_FILE)


@until_changed(_card, st.cache_resource, show_spinner=False, max_entries=12)
def features(slug: str, layer: Layer) -> FeatureReader:
    """What reads one layer's answer.

    Raises:
        MienError: the graph cannot be read.
    """
    return FeatureReader(_folder(slug) / GRAPH_FILE, layer)


@until_changed(lambda slug: [_folder(slug) / METRICS_FILE], st.cache_data, show_spinner=False)
def model_metrics(slug: str) -> Metrics | None:
    """A model's figures; None where they cannot be read."""
    try:
        return read_metrics(_folder(slug))
    except MienError:  # the page Compare models says what is wrong with it
        return None


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


@until_changed(_models, st.cache_data, show_spinner="Reading the models …")
def summaries() -> tuple[list[ModelSummary], list[str]]:
    """Results of all sound model folders, most accurate first, and a sentence for each other."""
    found, errors = read_summaries(*models_roots())
    return found, [str(error) for error in errors]


# The folders as well: what a file says counts only for the networks that are there.
@until_changed(_models, st.cache_data, show_spinner=False)
def speed() -> SpeedReport | None:
    """The time each network takes for a face, from `speed.json`; None where nobody measured it.

    Raises:
        MienError: the file is damaged.
    """
    return read_speed(*models_roots())


@until_changed(lambda: [models_root() / SELFTEST_FILE], st.cache_data, show_spinner=False)
def selftest() -> SelfTestReport | None:
    """The last self-test, from `selftest.json`; None where nobody has run it.

    Raises:
        MienError: the file is damaged.
    """
    return read_selftest(models_root())


@until_changed(lambda: [models_root() / EXTERNAL_FOLDER], st.cache_data, show_spinner=False)
def external() -> list[ExternalReport]:
    """External packages that were measured or quoted, from `models/external`; [] without.

    Raises:
        MienError: a file is damaged.
    """
    return read_external(models_root())


@until_changed(_models, st.cache_data, show_spinner=False)
def dataset_figures() -> tuple[dict[str, dict[str, DatasetFigures]], list[str]]:
    """What networks were measured at on named data sets: data set -> slug -> figures.

    Only of the graphs that are there now; with a sentence for each file that cannot be read.
    """
    return read_all_evaluations(*models_roots())


def _seeds() -> list[Path]:
    return [*_models(), *(path for root in models_roots() for path in root.glob(f"*/{SEEDS}"))]


@until_changed(_seeds, st.cache_data, show_spinner=False)
def families() -> tuple[dict[str, Family], list[str]]:
    """Networks with several seeds, by slug, and a sentence for each seed that cannot be used."""
    found, errors = read_families(*models_roots())
    return found, [str(error) for error in errors]


@until_changed(lambda slug: [_folder(slug) / SEEDS], st.cache_data, show_spinner=False)
def seed_histories(slug: str) -> dict[int, History]:
    """Learning curves of a network's seeds; {} for one without.

    Raises:
        MienError: a file is damaged.
    """
    folder = _folder(slug)
    seeds, _ = read_seeds(folder)
    return {one.seed: read_seed_history(folder, one) for one in seeds}


@until_changed(lambda: [models_root() / VARIANTS_FILE], st.cache_data, show_spinner=False)
def variants() -> list[Variant]:
    """Trainings for comparison, from `variants.csv`; [] where there is no such file.

    Raises:
        MienError: the file is damaged.
    """
    return read_variants(models_root())


@until_changed(lambda: [models_root() / ROBUSTNESS_FILE], st.cache_data, show_spinner=False)
def robustness() -> list[RobustnessRow]:
    """What `robustness.csv` holds, of earlier graphs too; [] where nobody measured.

    Raises:
        MienError: the file is damaged.
    """
    return read_robustness(models_root())


@until_changed(lambda: [models_root() / EXTERNAL_FOLDER], st.cache_data, show_spinner=False)
def external_robustness() -> list[ExternalRobustnessRow]:
    """What `external/robustness.csv` holds, of earlier versions too; [] where nobody measured.

    Raises:
        MienError: the file is damaged.
    """
    return read_external_robustness(models_root())


@until_changed(lambda: [models_root() / CALIBRATION_FILE], st.cache_data, show_spinner=False)
def calibration() -> list[CalibrationRow]:
    """What `calibration.csv` holds, of earlier choices too; [] where nobody measured.

    Raises:
        MienError: the file is damaged.
    """
    return read_calibration(models_root())


@until_changed(
    lambda slug: [_folder(slug) / PREDICTIONS_FILE],
    st.cache_resource,
    show_spinner=False,
    max_entries=100,
)
def stored_logits(slug: str) -> dict[str, NDArray[np.float32]]:
    """A model's stored answers to both test splits; see `fer_core.evaluation.summary.read_logits`.

    Raises:
        MienError: the file is damaged.
    """
    arrays = read_logits(_folder(slug))
    for values in arrays.values():
        values.flags.writeable = False  # shared by all viewers
    return arrays


@until_changed(
    lambda name: [models_root() / EXTERNAL_FOLDER], st.cache_resource, show_spinner=False
)
def external_logits(name: str) -> dict[str, NDArray[np.float32]]:
    """An external package's stored answers to both test splits.

    Raises:
        MienError: the file is missing or damaged.
    """
    return read_external_logits(models_root(), name)


@until_changed(
    lambda slug, name: [_folder(slug) / EVALUATIONS],
    st.cache_resource,
    show_spinner=False,
    max_entries=100,
)
def dataset_logits(slug: str, name: str) -> NDArray[np.float32]:
    """A network's stored answers to a named data set that it was measured on: (n, 7).

    Raises:
        MienError: they are missing or damaged.
    """
    folder = _folder(slug)
    figures = read_evaluation(folder, name)
    if figures is None:
        raise ModelError(
            "it was not measured on this data set",
            where=f"{slug}, {name}",
            remedy=f"Run: python -m fer_core evaluate --dataset {name} {slug}",
        )
    return read_dataset_logits(folder, figures)


@until_changed(
    _dataset, st.cache_resource, show_spinner="Reading the test images' labels …", max_entries=1
)
def split_truth() -> dict[str, LabelledImages]:
    """The images of both test splits with their labels; {} where nobody imported FER2013 here.

    Raises:
        MienError: there is a data set, but it cannot be read.
    """
    path = find_dataset()
    if path is None:
        return {}
    data = load_dataset(path)
    return {
        split.value: split_images(data, split) for split in (Split.PUBLIC_TEST, Split.PRIVATE_TEST)
    }


@until_changed(
    lambda name, split: [dataset_path(name)],
    st.cache_resource,
    show_spinner="Reading the data set …",
    max_entries=2,
)
def dataset_truth(name: str, split: SplitName) -> LabelledImages | None:
    """The pictures of a named data set's part; None where it is not on this machine.

    Raises:
        MienError: there is a data set, but it cannot be read, or has no such part.
    """
    if find_dataset(name) is None:
        return None
    data = load_named(name)
    return dataset_images(data, split_rows(data, split)[1])


def answers(key: str, images: str) -> NDArray[np.float32]:
    """Logits (n, 7) of a network or an external package on some images, NaN without a face.

    Args:
        key: of `fer_core.evaluation.compared`.
        images: name of a test split, or of a data set.

    Raises:
        MienError: they are missing or damaged.
    """
    array = {Split.PUBLIC_TEST: "public_logits", Split.PRIVATE_TEST: "private_logits"}.get(images)  # type: ignore[call-overload]
    if array is None:
        return dataset_logits(key, images)
    package = external_name(key)
    return (stored_logits(key) if package is None else external_logits(package))[array]


def truth(images: str, split: SplitName) -> LabelledImages | None:
    """Images of `answers` with their labels; None where these are not on this machine.

    Args:
        images: as above.
        split: of a named data set.

    Raises:
        MienError: there is a data set, but it cannot be read.
    """
    if images in tuple(Split):
        return split_truth().get(images)
    return dataset_truth(images, split)


def _compared(keys: tuple[str, ...], images: str, split: SplitName) -> list[Path]:
    return [*_models(), *_dataset(), *([] if images in tuple(Split) else [dataset_path(images)])]


@until_changed(
    _compared, st.cache_data, show_spinner="Comparing each pair of networks …", max_entries=20
)
def compared_pairs(
    keys: tuple[str, ...], images: str, split: SplitName
) -> dict[tuple[int, int], Comparison]:
    """McNemar and interval for each pair i < j of networks; {} without labels.

    Raises:
        MienError: a network's answers or the labels cannot be read.
    """
    labelled = truth(images, split)
    if labelled is None:
        return {}
    return compare_pairs([labelled.right(answers(key, images)) for key in keys], labelled.clusters)


@until_changed(
    lambda images, split: _compared((), images, split),
    st.cache_resource,
    show_spinner=False,
    max_entries=4,
)
def slices(images: str, split: SplitName) -> list[Slice]:
    """The slices of some images; [] without labels.

    Raises:
        MienError: the data set cannot be read.
    """
    labelled = truth(images, split)
    return [] if labelled is None else find_slices(labelled)


@until_changed(_compared, st.cache_data, show_spinner="Testing each slice …", max_entries=20)
def slice_figures(keys: tuple[str, ...], images: str, split: SplitName) -> SliceReport | None:
    """Accuracy by slice of one network, or of two against each other; None without labels.

    Raises:
        MienError: a network's answers or the labels cannot be read.
    """
    labelled = truth(images, split)
    if labelled is None:
        return None
    right = {key: labelled.right(answers(key, images)) for key in keys}
    return slice_report(labelled, right, slices(images, split))


# YuNet takes Haar's place when its weights arrive, and may see the box elsewhere.
@until_changed(
    lambda slug: [*_card(slug), cache_folder() / YUNET_FILE],
    st.cache_resource,
    show_spinner=False,
    max_entries=20,
)
def drawn_sample(slug: str) -> NDArray[np.uint8]:
    """The demo's drawn smile, boxed and named as a model reads it: (480, 640, 3) uint8 RGB.

    Raises:
        MienError: the folder is not sound.
    """
    image = draw_face(POSES[Emotion.HAPPY])
    return draw(image, Pipeline(detector("yunet"), classifier(slug))(image))


@until_changed(_dataset, st.cache_resource, show_spinner="Reading FER2013 …", max_entries=1)
def dataset() -> Fer2013 | None:
    """The person's own copy of FER2013; None where nobody imported it here.

    It stays in memory (83 MB) from the first look at the Data page on, because reading it takes
    longer than a click may.

    Raises:
        MienError: there is a data set, but it cannot be read.
    """
    path = find_dataset()
    if path is None:
        return None
    data = load_dataset(path)
    data.pixels.flags.writeable = False  # shared by all viewers
    return data


@until_changed(
    lambda name: [dataset_path(name)],
    st.cache_data,
    show_spinner="Counting faces …",
    max_entries=20,
)
def faces_to_learn(name: str) -> tuple[int, int]:
    """How many faces of a data set a training learns from, and how many it chooses on.

    Raises:
        MienError: it is not here, cannot be read, or is too small.
    """
    return count_faces(name)


@until_changed(_dataset, st.cache_data, show_spinner=False)
def challenge_has_votes() -> bool:
    """Whether FER2013 is here with FER+'s votes."""
    return has_votes()


def _named(name: str, *_: object) -> list[Path]:
    return [path for path in (find_dataset(name),) if path is not None]


@until_changed(_named, st.cache_resource, show_spinner="Reading the pictures …", max_entries=1)
def _named_dataset(name: str) -> NamedDataset:
    return load_named(name)


def _faces_of(name: str) -> Fer2013 | NamedDataset:
    if name != FER2013:
        return _named_dataset(name)
    return dataset() or load_dataset()  # which says that there is none


@until_changed(_named, st.cache_resource, show_spinner="Drawing faces …", max_entries=50)
def drawn_faces(name: str, seed: int) -> DrawnFaces:
    """Faces of a data set to label oneself, as `fer_core.evaluation.class_room` draws them.

    Raises:
        MienError: the data set cannot be read, or has no face.
    """
    return draw_faces(_faces_of(name), seed)


@until_changed(
    lambda name, seed, slug: [*_named(name), *_card(slug)],
    st.cache_resource,
    show_spinner="Asking the networks …",
    max_entries=400,
)
def drawn_answers(name: str, seed: int, slug: str) -> NDArray[np.int64]:
    """What a network calls the faces of `drawn_faces`: (k,) int64.

    Raises:
        MienError: data set or network cannot be read.
    """
    return network_answers(classifier(slug), _faces_of(name), drawn_faces(name, seed))


@st.cache_resource(show_spinner="Working out the findings …", max_entries=8)
def study_results(name: str, state: str) -> Results:
    """All findings of a study.

    Args:
        name: of it.
        state: as `fer_core.studies.results.state_of` says; another one is worked out anew.

    Raises:
        MienError: nothing is read yet, or it cannot be read.
    """
    return find(open_study(name))


@st.cache_resource(show_spinner="Following the faces …", max_entries=4)
def mended_recording(study: str, recording: str, state: str) -> MendedRecording:
    """A recording as it was mended; ``state`` as of `study_results`.

    Raises:
        MienError: nothing of it is read yet, or what was read is damaged.
    """
    opened = open_study(study)
    return assemble(opened, opened.recording(recording))


@st.cache_data(show_spinner="Looking for each face …", max_entries=20)
def track_pictures(
    study: str, recording: str, state: str, track_ids: tuple[int, ...]
) -> dict[int, NDArray[np.uint8]]:
    """A small picture of each face of a recording; ``state`` as of `study_results`.

    Raises:
        MienError: the video is not there any more.
    """
    opened = open_study(study)
    index = opened.index_of(opened.recording(recording))
    return key_pictures(mended_recording(study, recording, state), index, track_ids)


@st.cache_data(show_spinner=False, max_entries=40)
def moment(study: str, recording: str, state: str, seconds: float) -> NDArray[np.uint8]:
    """A frame of a recording with its faces boxed; ``state`` as of `study_results`.

    Raises:
        MienError: the video is not there any more.
    """
    opened = open_study(study)
    index = opened.index_of(opened.recording(recording))
    return picture_at(mended_recording(study, recording, state), index, seconds)
