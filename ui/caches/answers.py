"""What networks answered to images, these images' labels, and both compared."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.dataset import Split, dataset_path, find_dataset, load_dataset, load_named
from fer_core.errors import ModelError
from fer_core.evaluation.dataset_files import EVALUATIONS, read_dataset_logits, read_evaluation
from fer_core.evaluation.datasets import SplitName, split_rows
from fer_core.evaluation.external import EXTERNAL_FOLDER, external_name, read_external_logits
from fer_core.evaluation.labelled import LabelledImages, dataset_images, split_images
from fer_core.evaluation.pairs import compare_pairs
from fer_core.evaluation.slices import Slice, SliceReport, find_slices, slice_report
from fer_core.evaluation.summary import read_logits
from fer_core.metrics import Comparison
from fer_core.zoo import PREDICTIONS_FILE, models_root
from ui.caches import paths
from ui.until_changed import until_changed


@until_changed(
    lambda slug: [paths.folder(slug) / PREDICTIONS_FILE],
    st.cache_resource,
    show_spinner=False,
    max_entries=100,
)
def stored_logits(slug: str) -> dict[str, NDArray[np.float32]]:
    """A model's stored answers to both test splits; see `fer_core.evaluation.summary.read_logits`.

    Raises:
        MienError: the file is damaged.
    """
    arrays = read_logits(paths.folder(slug))
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
    lambda slug, name: [paths.folder(slug) / EVALUATIONS],
    st.cache_resource,
    show_spinner=False,
    max_entries=100,
)
def dataset_logits(slug: str, name: str) -> NDArray[np.float32]:
    """A network's stored answers to a named data set that it was measured on: (n, 7).

    Raises:
        MienError: they are missing or damaged.
    """
    folder = paths.folder(slug)
    figures = read_evaluation(folder, name)
    if figures is None:
        raise ModelError(
            "it was not measured on this data set",
            where=f"{slug}, {name}",
            remedy=f"Run: python -m fer_core evaluate --dataset {name} {slug}",
        )
    return read_dataset_logits(folder, figures)


@until_changed(
    paths.challenge,
    st.cache_resource,
    show_spinner="Reading the test images' labels …",
    max_entries=1,
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
    return [
        *paths.models(),
        *paths.challenge(),
        *([] if images in tuple(Split) else [dataset_path(images)]),
    ]


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
