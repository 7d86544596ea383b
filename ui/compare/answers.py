"""Tabs of the Compare page that live on the models' single answers, some only with the labels."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core import charts
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import MienError
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.evaluation.misclassified import Mistakes, find_mistakes
from fer_core.evaluation.truth import SplitTruth
from fer_core.metrics import agreement_matrix, reliability, risk_coverage
from fer_core.zoo import softmax
from ui import caches
from ui.widgets.bars import class_bars
from ui.widgets.figure import show_figure, show_no_labels
from ui.widgets.image import show_pixels

_FACES_PER_PAGE = 12
_FACES_PER_ROW = 3
_FACE_PX = 144
_SUREST = 0.7
"""Share of faces for which the table says what leaving out the others gains."""
_SUREST_COLUMNS = ("Right", f"Right, surest {_SUREST:.0%}")


def _readable(models: Sequence[ModelSummary]) -> list[ModelSummary]:
    """Those whose stored answers can be read; says so of the others."""
    sound = []
    for model in models:
        try:
            caches.stored_logits(model.slug)
            sound.append(model)
        except MienError as error:
            st.warning(str(error), icon=":material/broken_image:")
    return sound


def _private(model: ModelSummary) -> NDArray[np.float32]:
    return caches.stored_logits(model.slug)["private_logits"]


def _truth() -> SplitTruth | None:
    try:
        return caches.split_truth()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def _fitting(models: Sequence[ModelSummary], truth: SplitTruth) -> list[ModelSummary]:
    """Those whose stated accuracy these labels give; says so of the others."""
    fitting = [model for model in models if truth.fits(model, _private(model))]
    if others := [model.title for model in models if model not in fitting]:
        st.caption(
            f"Left out: {', '.join(others)}. Its stored answers belong to another data set than "
            "the one on this machine."
        )
    return fitting


def calibration(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Confidence against accuracy, and what saying "unsure" buys."""
    sound = _readable(ticked)
    truth = _truth()
    fitting = _fitting(sound, truth) if truth else []
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Model": name,
                    **(_surest(m, truth) if truth and m in fitting else {}),
                    "ECE": m.metrics.ece,
                    "ECE calibrated": m.metrics.ece_calibrated,
                    "Log loss": m.metrics.log_loss,
                    "Brier": m.metrics.brier,
                    "Temperature": m.card.temperature,
                    "Unsure below": 100 * m.card.unsure_threshold,
                }
                for m, name in zip(ticked, unique_titles(ticked), strict=True)
            ]
        ),
        hide_index=True,
        height="content",
        column_config={
            **{
                column: st.column_config.NumberColumn(format="%.3f")
                for column in ("ECE", "ECE calibrated", "Log loss", "Brier", "Temperature")
            },
            "Unsure below": st.column_config.NumberColumn(format="%.0f %%"),
            **dict.fromkeys(_SUREST_COLUMNS, st.column_config.NumberColumn(format="%.1f %%")),
        },
    )
    st.caption(
        f"On PrivateTest, {ticked[0].metrics.n:,} images. Temperature and threshold were chosen on "
        "PublicTest. Log loss, Brier and the first ECE are before calibration."
        + (
            f" “Surest {_SUREST:.0%}”: the share right where the model answers only for the faces "
            "it is surest of."
            if fitting
            else ""
        )
    )
    if truth is None:
        show_no_labels()
    for row in range(0, len(fitting), 2):
        pair = fitting[row : row + 2]
        for place, model in zip(st.columns(2), pair, strict=False):
            with place:
                _reliability(model, truth)
    _unsure(sound, fitting, truth)


def _surest(model: ModelSummary, truth: SplitTruth) -> dict[str, float]:
    curve = risk_coverage(softmax(_private(model), model.card.temperature), truth.private_labels)
    shares = (1.0, _SUREST)
    return {
        column: 100 * (1 - curve.risk_of_surest(share))
        for column, share in zip(_SUREST_COLUMNS, shares, strict=True)
    }


def _reliability(model: ModelSummary, truth: SplitTruth | None) -> None:
    if truth is None:
        return
    logits = _private(model)
    tables = {
        "before": reliability(softmax(logits), truth.private_labels),
        "calibrated": reliability(softmax(logits, model.card.temperature), truth.private_labels),
    }
    show_figure(
        charts.reliability_figure(tables, title=model.title),
        f"reliability_{model.slug}",
        f"PrivateTest, {len(logits):,} images in 15 bins; a larger marker stands for more images. "
        "Under the dotted line the model is bolder than it is right.",
    )


def _unsure(
    sound: Sequence[ModelSummary], fitting: Sequence[ModelSummary], truth: SplitTruth | None
) -> None:
    if not sound:
        return
    threshold = st.slider(
        "Call a face “unsure” below a confidence of",
        0.0,
        0.95,
        round(sound[0].card.unsure_threshold, 2),
        0.01,
        format="percent",
        key="threshold",
        bind="query-params",
    )
    names = dict(zip((m.slug for m in sound), unique_titles(sound), strict=True))
    curves = (
        {
            names[m.slug]: risk_coverage(
                softmax(caches.stored_logits(m.slug)["public_logits"], m.card.temperature),
                truth.public_labels,
            )
            for m in fitting
        }
        if truth
        else {}
    )
    for place, model in zip(st.columns(max(len(sound), 3)), sound, strict=False):
        name = names[model.slug]
        logits = caches.stored_logits(model.slug)["public_logits"]
        confidence = softmax(logits, model.card.temperature).max(axis=1)
        wrong = f"{curves[name].at(threshold)[1]:.0%} of these wrong" if name in curves else None
        place.metric(
            name,
            f"{(confidence >= threshold).mean():.0%} answered",
            wrong,
            delta_color="off",
            delta_arrow="off",
        )
    if curves:
        show_figure(
            charts.risk_coverage_figure(curves, dict.fromkeys(curves, threshold)),
            "risk_coverage",
            f"PublicTest, {len(truth.public_labels) if truth else 0:,} images: thresholds are "
            "chosen here, so that nobody tunes on the test set. Lower and further right is better.",
        )
    else:
        st.caption("On PublicTest. How many faces get an answer needs no labels; errors do.")


def significance(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Who is better beyond luck, and who says the same."""
    sound = _readable(models)
    if len(sound) < 2:
        st.info("Two models are needed to compare.", icon=":material/compare_arrows:")
        return
    truth = _truth()
    fitting = _fitting(sound, truth) if truth else []
    if truth is None:
        show_no_labels()
    elif len(fitting) > 1:
        pairs = caches.compared_pairs(tuple(model.slug for model in fitting))
        show_figure(
            charts.mcnemar_figure(unique_titles(fitting), pairs),
            "mcnemar",
            f"PrivateTest, {len(truth.private_labels):,} images. ★: exact McNemar test, holds for "
            f"all {len(pairs)} pairs together (Bonferroni, 5 %). Hover for interval and p.",
        )
    sizes = {len(_private(model)) for model in sound}
    if len(sizes) > 1:
        st.caption("These models' stored answers are to different sets of images.")
        return
    table = agreement_matrix([_private(model).argmax(axis=1) for model in sound])
    n = sizes.pop()
    show_figure(
        charts.agreement_figure(unique_titles(sound), table, n),
        "agreement",
        f"PrivateTest, {n:,} images; needs no labels. Two models that often disagree gain most "
        "from being averaged.",
    )


def mistakes(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Faces that a model names wrongly, the most confident mistakes first."""
    truth = _truth()
    if truth is None:
        show_no_labels()
        return
    fitting = _fitting(_readable(ticked), truth)
    if not fitting:
        return
    names = dict(zip((m.slug for m in fitting), unique_titles(fitting), strict=True))
    who, true_place, said_place = st.columns(3)
    slug = who.selectbox("Model", list(names), format_func=names.__getitem__, key="wrong_model")
    true = true_place.selectbox("Labelled", ["any", *LABELS], key="wrong_true")
    said = said_place.selectbox("Named", ["any", *LABELS], key="wrong_said")
    model = next(model for model in fitting if model.slug == slug)
    found = find_mistakes(softmax(_private(model), model.card.temperature), truth.private_labels)
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
