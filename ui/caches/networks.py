"""Networks: their cards, what serves them, and what is inside of them."""

import gc

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.summary import Metrics, read_metrics
from fer_core.faces import YUNET_FILE, cache_folder
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import Pipeline
from fer_core.synthetic.face import POSES, draw_face
from fer_core.zoo import (
    GRAPH_FILE,
    METRICS_FILE,
    AnswersAs,
    Classifier,
    ModelCard,
    load_classifier,
    models_roots,
    sound_folders,
)
from fer_core.zoo.layers import FeatureReader, Layer, first_filters, read_layers
from ui.caches import detectors, paths
from ui.until_changed import until_changed


@until_changed(paths.models, st.cache_data, show_spinner=False)
def model_cards() -> tuple[list[ModelCard], list[str]]:
    """Cards of all sound model folders, and one sentence for each that is not sound."""
    cards, errors = sound_folders(*models_roots())
    return cards, [str(error) for error in errors]


@until_changed(
    lambda slug, answers_as=AnswersAs.VOTERS: paths.card(slug),
    st.cache_resource,
    show_spinner="Loading the network …",
)
def classifier(slug: str, answers_as: AnswersAs = AnswersAs.VOTERS) -> Classifier:
    """The network of a model, shared by all viewers; see `load_classifier`.

    Raises:
        MienError: the folder is not sound.
    """
    loaded = load_classifier(paths.folder(slug), answers_as=answers_as)
    # What is loaded now stays: the collector need not look at it again in the middle of a video.
    gc.collect()
    gc.freeze()
    return loaded


@until_changed(
    paths.card, st.cache_resource, show_spinner="Loading the activation maps …", max_entries=8
)
def explainer(slug: str) -> Classifier:
    """The network of a model with its activation maps, which live video does without.

    Raises:
        MienError: the folder is not sound, or its graph has no maps.
    """
    return load_classifier(paths.folder(slug), maps=True, answers_as=AnswersAs.VOTERS)


@until_changed(paths.card, st.cache_resource, show_spinner=False, max_entries=50)
def network_layers(slug: str) -> tuple[Layer, ...]:
    """The layers of a model's network; () where its graph has none that are known."""
    return read_layers(paths.folder(slug) / GRAPH_FILE)


@until_changed(paths.card, st.cache_resource, show_spinner=False, max_entries=50)
def network_filters(slug: str) -> NDArray[np.float32] | None:
    """Kernels (filters, channels, height, width) of the first convolution; None without one."""
    return first_filters(paths.folder(slug) / GRAPH_FILE)


@until_changed(paths.card, st.cache_resource, show_spinner=False, max_entries=12)
def features(slug: str, layer: Layer) -> FeatureReader:
    """What reads one layer's answer.

    Raises:
        MienError: the graph cannot be read.
    """
    return FeatureReader(paths.folder(slug) / GRAPH_FILE, layer)


@until_changed(lambda slug: [paths.folder(slug) / METRICS_FILE], st.cache_data, show_spinner=False)
def model_metrics(slug: str) -> Metrics | None:
    """A model's figures; None where they cannot be read."""
    try:
        return read_metrics(paths.folder(slug))
    except MienError:  # the page Compare models says what is wrong with it
        return None


def accuracies() -> dict[str, float]:
    """PrivateTest accuracy of each sound model folder that states it, as fractions."""
    cards, _ = model_cards()
    figures = {card.slug: model_metrics(card.slug) for card in cards}
    return {slug: found.accuracy for slug, found in figures.items() if found}


# YuNet takes Haar's place when its weights arrive, and may see the box elsewhere.
@until_changed(
    lambda slug: [*paths.card(slug), cache_folder() / YUNET_FILE],
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
    return draw(image, Pipeline(detectors.detector("yunet"), classifier(slug))(image))
