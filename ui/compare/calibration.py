"""The tab on confidence: is it earned, and what does saying "unsure" buy?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.evaluation.truth import SplitTruth
from fer_core.metrics import reliability, risk_coverage
from fer_core.zoo import softmax
from ui import caches
from ui.compare.answers import fit_labels, labels_here, private_logits, readable
from ui.compare.promises import promises
from ui.widgets.figure import show_figure, show_no_labels

_SUREST = 0.7
"""Share of faces for which the table says what leaving out the others gains."""

_SUREST_COLUMNS = ("Right", f"Right, surest {_SUREST:.0%}")


def calibration(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Confidence against accuracy, and what saying "unsure" buys."""
    sound = readable(ticked)
    truth = labels_here()
    fitting = fit_labels(sound, truth) if truth else []
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
    promises(ticked)
    _unsure(sound, fitting, truth)


def _surest(model: ModelSummary, truth: SplitTruth) -> dict[str, float]:
    curve = risk_coverage(
        softmax(private_logits(model), model.card.temperature), truth.private_labels
    )
    shares = (1.0, _SUREST)
    return {
        column: 100 * (1 - curve.risk_of_surest(share))
        for column, share in zip(_SUREST_COLUMNS, shares, strict=True)
    }


def _reliability(model: ModelSummary, truth: SplitTruth | None) -> None:
    if truth is None:
        return
    logits = private_logits(model)
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
