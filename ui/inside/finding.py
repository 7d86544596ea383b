"""What the page opens with: the part of this face without which its class loses most."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from fer_core.errors import MienError
from fer_core.evaluation.explanation import COVERED, TellingPart, telling_part
from fer_core.zoo import Classifier

FINDING = "inside_finding"
"""Key of its place, and of the last one, which stays until the next is there."""

_QUESTION = "Which part of the face does the network go by?"


def hold_finding() -> DeltaGenerator:
    """A place for it above what it follows from, so that nothing moves when it comes."""
    with st.container(key=FINDING):
        place = st.empty()
    place.markdown(f"**{st.session_state.get(FINDING, _QUESTION)}**")
    return place


def show_finding(place: DeltaGenerator, face: NDArray[np.uint8], classifier: Classifier) -> None:
    """Fill the place; a network that fails has its sentence elsewhere.

    Args:
        place: from `hold_finding`.
        face: (s, s) or (s, s, 3) uint8, as it is.
        classifier: the network.
    """
    try:
        words = finding_words(telling_part(classifier, face))
    except MienError:
        words = _QUESTION
    st.session_state[FINDING] = words
    place.markdown(f"**{words}**", help=f"Covered: a grey square, {COVERED:.0%} of the picture.")


def finding_words(part: TellingPart) -> str:
    """One sentence, Markdown, with shares as people read them."""
    label, whole, hidden = part.emotion.label, f"{part.whole:.0%}", f"{part.hidden:.0%}"
    if part.hidden > part.whole - 0.01:
        return f"Cover forehead, eyes, nose or mouth, and *{label}* does not fall from {whole}."
    then = "" if part.then == part.emotion else f"; the network then reads *{part.then.label}*"
    return f"Cover the {part.place}, and *{label}* falls from {whole} to {hidden}{then}."
