"""What a network reads in the face, as it is and perturbed."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.explanation import Perturbation, read_face
from fer_core.faces import Restoration, to_network_input
from fer_core.zoo import Classifier
from ui import caches
from ui.widgets.bars import class_bars, face_heading
from ui.widgets.image import show_pixels
from ui.widgets.pickers import pick_model
from ui.widgets.texts import literal

SHOWN_PX = 192


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The face that is looked at, and the network that looks.

    Attributes:
        face: (s, s) or (s, s, 3) uint8, as it is read.
        probabilities: (7,) float32.
        slug: the network's.
        classifier: the network, without maps.
    """

    face: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    slug: str
    classifier: Classifier

    @property
    def emotion(self) -> Emotion:
        """The likeliest class."""
        return Emotion(int(self.probabilities.argmax()))


def choose_network() -> tuple[str, Classifier] | None:
    """Let the visitor choose a network; None where there is none or it does not load."""
    slug = pick_model()
    if slug is None:
        return None
    try:
        return slug, caches.networks.classifier(slug)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def _show_restored(arrived: NDArray[np.uint8], classifier: Classifier) -> None:
    """The face as it is read, where it is restored before that."""
    spec = classifier.card.input
    plain = to_network_input(arrived, replace(spec, restoration=Restoration.NONE))
    restored = to_network_input(arrived, spec)
    if np.array_equal(plain, restored):
        return
    show_pixels(
        restored[..., 0],
        SHOWN_PX,
        alt="The same face, restored",
        caption="What is read: light, noise, blur and covers are undone first, as far as it goes. "
        "What fills a cover is made for networks, not for eyes.",
    )


def show_reading(
    face: NDArray[np.uint8], perturbation: Perturbation, slug: str, classifier: Classifier
) -> Subject | None:
    """The face as the network gets it, and what it reads; what the perturbation changed.

    Returns:
        Both; None where the network fails, which is said.
    """
    arrived = perturbation.apply(face)
    perturbed = perturbation != Perturbation(cover_y=perturbation.cover_y)
    try:
        before = read_face(classifier, face)
        after = read_face(classifier, arrived) if perturbed else before
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None
    subject = Subject(arrived, after, slug, classifier)
    with st.container(key="inside_face"):
        show_pixels(arrived, SHOWN_PX, alt=f"The face as {slug} gets it, before it is scaled")
        _show_restored(arrived, classifier)
    confidence = float(after.max())
    unsure = confidence < classifier.card.unsure_threshold
    st.markdown(face_heading(subject.emotion, confidence, unsure=unsure))
    change = (100 * (after - before)).tolist() if perturbed else None
    st.html(class_bars(after.tolist(), change))
    if perturbed:
        st.caption(
            "The last column is the change in points from the face as it is; the line across a "
            "bar is where it was."
        )
    return subject
