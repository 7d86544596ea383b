"""What is compared, and on which images: what every part of the Compare page draws from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.dataset import Split
from fer_core.errors import MienError
from fer_core.evaluation.compared import ComparedNetwork, Figures
from fer_core.evaluation.datasets import ALL, DatasetFigures, SplitName
from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.labelled import LabelledImages, named_classes
from fer_core.metrics import confusion_matrix
from ui import caches
from ui.widgets.texts import literal

TEST_SPLITS = (Split.PRIVATE_TEST.value, Split.PUBLIC_TEST.value)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Networks and images that a visitor chose.

    Attributes:
        images: name of a test split of FER2013, or of a data set.
        split: of a data set.
        everyone: all networks and packages by their keys, the best on PrivateTest first.
        picked: keys that were chosen, in the same order; at least one.
        figures: by key, of those that were measured on the images, the best first; may be empty.
        baseline: one of ``picked``, which others are compared with.
        packages: external ones, measured or quoted.
    """

    images: str
    split: SplitName
    everyone: Mapping[str, ComparedNetwork]
    picked: tuple[str, ...]
    figures: Mapping[str, Figures]
    baseline: str
    packages: Sequence[ExternalReport] = ()

    @property
    def titles(self) -> dict[str, str]:
        """Of those that were measured on the images, the best first."""
        return {key: self.everyone[key].title for key in self.figures}

    @property
    def ticked(self) -> dict[str, str]:
        """Titles of those among them that were chosen."""
        return {key: title for key, title in self.titles.items() if key in self.picked}

    @property
    def picked_titles(self) -> dict[str, str]:
        """Titles of all that were chosen, measured on the images or not."""
        return {key: self.everyone[key].title for key in self.picked}

    @property
    def on_fer2013(self) -> bool:
        """Whether the images are a test split's."""
        return self.images in TEST_SPLITS

    @property
    def for_choosing(self) -> str:
        """Images on which a threshold may be tried: never PrivateTest."""
        return Split.PUBLIC_TEST.value if self.images == Split.PRIVATE_TEST else self.images

    def measured_on(self, keys: Iterable[str] | None = None) -> str:
        """For a caption: which images, and how many.

        Args:
            keys: of networks; None: of all that were measured there.
        """
        found = [self.figures[key] for key in (self.figures if keys is None else keys)]
        counts = ", ".join(f"{n:,}" for n in sorted({one.n for one in found}))
        if self.on_fer2013:
            return f"{self.images}, {counts} images"
        part = "" if self.split == ALL else f" of its part {self.split}"
        missed = sorted({one.without_face for one in found if isinstance(one, DatasetFigures)})
        without = (
            f", no face found in {' or '.join(f'{n:,}' for n in missed)} of them"
            if any(missed)
            else ""
        )
        return f"{literal(self.images)}, {counts} pictures{part}{without}"

    def truth(self, images: str | None = None) -> LabelledImages | None:
        """The images with their labels; None where they are not here or broken, which is said."""
        try:
            return caches.answers.truth(images or self.images, self.split)
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
            return None

    def answers(self, key: str, images: str | None = None) -> NDArray[np.float32]:
        """Logits (n, 7) of a network on the images, NaN without a face.

        Raises:
            MienError: they cannot be read.
        """
        return caches.answers.answers(key, images or self.images)

    def temperature(self, key: str) -> float:
        """What a network's logits on the images are divided by: it may answer there as voters."""
        figures = self.figures[key]
        if isinstance(figures, DatasetFigures):
            return figures.temperature
        return self.everyone[key].temperature

    def unsure_threshold(self, key: str) -> float | None:
        """Confidence on the images under which it says "unsure"; None for a package."""
        figures = self.figures[key]
        if isinstance(figures, DatasetFigures):
            return figures.unsure_threshold
        return self.everyone[key].unsure_threshold

    def answering(self, keys: Iterable[str]) -> list[str]:
        """Those networks whose stored answers can be read; says so of the others."""
        sound = []
        for key in keys:
            try:
                self.answers(key)
                sound.append(key)
            except MienError as error:
                st.warning(literal(str(error)), icon=":material/broken_image:")
        return sound

    def fitting(self, keys: Iterable[str], truth: LabelledImages) -> list[str]:
        """Those whose stated accuracy the labels give; says so of the others."""
        readable = self.answering(keys)
        sound = [
            key for key in readable if truth.fits(self.answers(key), self.figures[key].accuracy)
        ]
        if others := [self.titles[key] for key in readable if key not in sound]:
            st.caption(
                f"Left out: {', '.join(map(literal, others))}. Its stored answers belong to "
                "another data set than the one on this machine."
            )
        return sound

    def confusion(self, key: str, truth: LabelledImages | None) -> NDArray[np.int64] | None:
        """(7, 7) counts of faces that were found, rows true; None where they are not known.

        A network's on PrivateTest is in its folder and needs no labels.

        Raises:
            MienError: the stored answers cannot be read.
        """
        model = self.everyone[key].model
        if model is not None and self.images == Split.PRIVATE_TEST:
            return model.confusion
        if truth is None or not truth.fits(self.answers(key), self.figures[key].accuracy):
            return None
        said = named_classes(self.answers(key))
        return confusion_matrix(truth.labels[truth.found], said[truth.found])


def show_no_labels(chosen: Chosen, images: str | None = None) -> None:
    """Why something is missing, and what brings it."""
    name = images or chosen.images
    what, how = (
        ("the true labels of the test images, which Mien does not ship", "FER2013.csv")
        if name in TEST_SPLITS
        else (f"the data set {literal(name)}, which is not on this machine", f"PATH --name {name}")
    )
    st.info(
        f"This needs {what}. To bring it here: `python -m fer_core data import {how}`.",
        icon=":material/lock:",
    )


def labelled_networks(chosen: Chosen) -> tuple[LabelledImages, dict[str, str]] | None:
    """The images with their labels, and titles of the ticked networks that they fit.

    Returns:
        None where there are no labels or no such network, which is said.
    """
    truth = chosen.truth()
    if truth is None:
        show_no_labels(chosen)
        return None
    names = {key: chosen.titles[key] for key in chosen.fitting(chosen.ticked, truth)}
    return (truth, names) if names else None
