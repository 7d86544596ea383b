"""Faces of data sets: to look at, to learn from, to label oneself."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.dataset import (
    FER2013,
    Fer2013,
    NamedDataset,
    dataset_path,
    find_dataset,
    load_dataset,
    load_named,
)
from fer_core.evaluation.class_room import DrawnFaces, draw_faces, network_answers
from fer_core.runs.faces import count_faces, has_votes
from fer_core.zoo import AnswersAs
from ui.caches import networks, paths
from ui.until_changed import until_changed


@until_changed(paths.challenge, st.cache_resource, show_spinner="Reading FER2013 …", max_entries=1)
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


@until_changed(paths.challenge, st.cache_data, show_spinner=False)
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


def asked_as(name: str) -> AnswersAs:
    """Whose word networks are asked for on a data set.

    FER2013's faces are laid beside its labels; the labels of other pictures are people's words.
    """
    return AnswersAs.LABELS if name == FER2013 else AnswersAs.VOTERS


@until_changed(
    lambda name, seed, slug: [*_named(name), *paths.card(slug)],
    st.cache_resource,
    show_spinner="Asking the networks …",
    max_entries=400,
)
def drawn_answers(name: str, seed: int, slug: str) -> NDArray[np.int64]:
    """What a network calls the faces of `drawn_faces`: (k,) int64.

    Raises:
        MienError: data set or network cannot be read.
    """
    network = networks.classifier(slug, asked_as(name))
    return network_answers(network, _faces_of(name), drawn_faces(name, seed))
