"""The tab with faces that a model names wrongly."""

from collections.abc import Sequence

import streamlit as st

from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.evaluation.misclassified import Mistakes, find_mistakes
from fer_core.evaluation.truth import SplitTruth
from fer_core.zoo import softmax
from ui.compare.answers import fit_labels, labels_here, private_logits, readable
from ui.widgets.bars import class_bars
from ui.widgets.figure import show_no_labels
from ui.widgets.image import show_pixels

_FACES_PER_PAGE = 12
_FACES_PER_ROW = 3
_FACE_PX = 144


def mistakes(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Faces that a model names wrongly, the most confident mistakes first."""
    truth = labels_here()
    if truth is None:
        show_no_labels()
        return
    fitting = fit_labels(readable(ticked), truth)
    if not fitting:
        return
    names = dict(zip((m.slug for m in fitting), unique_titles(fitting), strict=True))
    who, true_place, said_place = st.columns(3)
    slug = who.selectbox("Model", list(names), format_func=names.__getitem__, key="wrong_model")
    true = true_place.selectbox("Labelled", ["any", *LABELS], key="wrong_true")
    said = said_place.selectbox("Named", ["any", *LABELS], key="wrong_said")
    model = next(model for model in fitting if model.slug == slug)
    found = find_mistakes(
        softmax(private_logits(model), model.card.temperature), truth.private_labels
    )
    kept = found.only(
        true=None if true == "any" else LABELS.index(true),
        predicted=None if said == "any" else LABELS.index(said),
    )
    st.caption(
        f"{len(kept):,} of {len(truth.private_labels):,} PrivateTest images, most confident first. "
        "Some of these labels are doubtful: people agree with them in about two of three cases."
    )
    pages = max(1, -(-len(kept) // _FACES_PER_PAGE))
    page = 1
    if pages > 1:
        page = int(st.number_input(f"Page, 1 to {pages}", 1, pages, 1, key="wrong_page", width=160))
    _faces(kept, truth, (page - 1) * _FACES_PER_PAGE)


def _faces(found: Mistakes, truth: SplitTruth, first: int) -> None:
    shown = range(first, min(first + _FACES_PER_PAGE, len(found)))
    for start in range(shown.start, shown.stop, _FACES_PER_ROW):
        row = range(start, min(start + _FACES_PER_ROW, shown.stop))
        for place, index in zip(st.columns(_FACES_PER_ROW), row, strict=False):
            true, said = Emotion(int(found.true[index])), Emotion(int(found.predicted[index]))
            confidence = found.probabilities[index].max()
            with place.container(border=True):
                show_pixels(
                    truth.private_pixels[found.rows[index]],
                    _FACE_PX,
                    alt=f"A face that is named {said.label} and labelled {true.label}",
                )
                st.markdown(f"**{said.label}** {confidence:.0%}, labelled **{true.label}**")
                st.html(class_bars(found.probabilities[index].tolist()))
