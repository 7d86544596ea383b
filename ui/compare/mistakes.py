"""The tab Mistakes: faces that a network names wrongly."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.labelled import LabelledImages
from fer_core.evaluation.misclassified import Mistakes, find_mistakes
from fer_core.zoo import softmax
from ui.compare.chosen import Chosen, labelled_networks
from ui.widgets.bars import class_bars
from ui.widgets.image import show_pixels

_FACES_PER_PAGE = 12
_FACES_PER_ROW = 4
_FACE_PX = 144


def mistakes(chosen: Chosen) -> None:
    """Faces that a network names wrongly, the most confident mistakes first."""
    here = labelled_networks(chosen)
    if here is None:
        return
    truth, names = here
    who, true_place, said_place, page_place = st.columns(4)
    key = who.selectbox("Network", list(names), format_func=names.__getitem__, key="wrong_model")
    true = true_place.selectbox("Labelled", ["any", *LABELS], key="wrong_true")
    said = said_place.selectbox("Named", ["any", *LABELS], key="wrong_said")
    found, faces = _found(chosen, key, truth)
    kept = found.only(
        true=None if true == "any" else LABELS.index(true),
        predicted=None if said == "any" else LABELS.index(said),
    )
    pages = max(1, -(-len(kept) // _FACES_PER_PAGE))
    page = int(
        page_place.number_input(
            f"Page, 1 to {pages}", 1, pages, 1, key="wrong_page", disabled=pages == 1
        )
    )
    st.caption(
        f"{len(kept):,} of {chosen.measured_on([key])}, most confident first. Some of these labels "
        "are doubtful: people agree with those of FER2013 in about two of three cases."
    )
    _faces(kept, truth.pixels[faces], (page - 1) * _FACES_PER_PAGE)


def _found(chosen: Chosen, key: str, truth: LabelledImages) -> tuple[Mistakes, NDArray[np.int64]]:
    """Mistakes among the faces that were found, and the rows of these faces."""
    faces = np.flatnonzero(truth.found)
    probabilities = softmax(chosen.answers(key)[faces], chosen.temperature(key))
    return find_mistakes(probabilities, truth.labels[faces]), faces


def _faces(found: Mistakes, pixels: NDArray[np.uint8], first: int) -> None:
    shown = range(first, min(first + _FACES_PER_PAGE, len(found)))
    for start in range(shown.start, shown.stop, _FACES_PER_ROW):
        row = range(start, min(start + _FACES_PER_ROW, shown.stop))
        for place, index in zip(st.columns(_FACES_PER_ROW), row, strict=False):
            true, said = Emotion(int(found.true[index])), Emotion(int(found.predicted[index]))
            confidence = found.probabilities[index].max()
            with place.container(border=True):
                show_pixels(
                    pixels[found.rows[index]],
                    _FACE_PX,
                    alt=f"A face that is named {said.label} and labelled {true.label}",
                )
                st.markdown(f"**{said.label}** {confidence:.0%}, labelled **{true.label}**")
                st.html(class_bars(found.probabilities[index].tolist()))
