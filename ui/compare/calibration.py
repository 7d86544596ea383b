"""The part on confidence: is it earned, and what does saying "unsure" buy?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core import charts
from fer_core.evaluation.labelled import LabelledImages
from fer_core.metrics import RiskCoverage, reliability, risk_coverage
from fer_core.zoo import softmax
from ui.compare.chosen import Chosen, show_no_labels
from ui.compare.promises import promises
from ui.widgets.figure import show_figure

_SUREST = 0.7
"""Share of faces for which the table says what leaving out the others gains."""

_SUREST_COLUMNS = ("Right", f"Right, surest {_SUREST:.0%}")


def calibration(chosen: Chosen) -> None:
    """Confidence against accuracy, and what saying "unsure" buys."""
    truth = chosen.truth()
    fitting = chosen.fitting(chosen.ticked, truth) if truth else []
    _table(chosen, fitting, truth)
    if truth is None:
        show_no_labels(chosen)
    for row in range(0, len(fitting), 2):
        for place, key in zip(st.columns(2), fitting[row : row + 2], strict=False):
            with place:
                _reliability(chosen, key, truth)
    promises([model for key in chosen.ticked if (model := chosen.everyone[key].model)])
    _unsure(chosen)


def _table(chosen: Chosen, fitting: Sequence[str], truth: LabelledImages | None) -> None:
    rows = []
    for key, title in chosen.ticked.items():
        figures, threshold = chosen.figures[key], chosen.unsure_threshold(key)
        rows.append(
            {
                "Model": title,
                **(_surest(chosen, key, truth) if truth and key in fitting else {}),
                "ECE": figures.ece,
                "ECE calibrated": figures.ece_calibrated,
                "Log loss": figures.log_loss,
                "Brier": figures.brier,
                "Temperature": chosen.temperature(key),
                "Unsure below": None if threshold is None else 100 * threshold,
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        placeholder="–",
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
        f"{chosen.measured_on(chosen.ticked)}. Temperature and threshold were chosen on "
        "PublicTest. Log loss, Brier and the first ECE are before calibration."
        + (
            f" “Surest {_SUREST:.0%}”: the share right where the network answers only for the "
            "faces it is surest of."
            if fitting
            else ""
        )
    )


def _answered(
    chosen: Chosen, key: str, truth: LabelledImages, images: str | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits and labels of the faces that were found."""
    logits = chosen.answers(key, images)
    return logits[truth.found], truth.labels[truth.found]


def _surest(chosen: Chosen, key: str, truth: LabelledImages) -> dict[str, float]:
    logits, labels = _answered(chosen, key, truth)
    curve = risk_coverage(softmax(logits, chosen.temperature(key)), labels)
    shares = (1.0, _SUREST)
    return {
        column: 100 * (1 - curve.risk_of_surest(share))
        for column, share in zip(_SUREST_COLUMNS, shares, strict=True)
    }


def _reliability(chosen: Chosen, key: str, truth: LabelledImages | None) -> None:
    if truth is None:
        return
    logits, labels = _answered(chosen, key, truth)
    temperature = chosen.temperature(key)
    show_figure(
        charts.reliability_figure(
            {
                "before": reliability(softmax(logits), labels),
                "calibrated": reliability(softmax(logits, temperature), labels),
            },
            title=chosen.titles[key],
        ),
        f"reliability_{key}",
        f"{chosen.measured_on([key])}, in 15 bins; a larger marker stands for more images. Under "
        "the dotted line the network is bolder than it is right.",
    )


def _unsure(chosen: Chosen) -> None:
    """What a threshold would leave unanswered, and how many of the others are wrong."""
    images = chosen.for_choosing
    sound = chosen.answering(chosen.ticked)
    if not sound:
        return
    known = [chosen.unsure_threshold(key) for key in sound]
    threshold = st.slider(
        "Call a face “unsure” below a confidence of",
        0.0,
        0.95,
        round(next((value for value in known if value is not None), 0.5), 2),
        0.01,
        format="percent",
        key="threshold",
        bind="query-params",
    )
    truth = chosen.truth(images)
    curves: dict[str, RiskCoverage] = {}
    for place, key in zip(st.columns(max(len(sound), 3)), sound, strict=False):
        title, temperature = chosen.titles[key], chosen.temperature(key)
        logits = chosen.answers(key, images)
        faces = logits[np.isfinite(logits).all(axis=1)]
        confidence = softmax(faces, temperature).max(axis=1)
        wrong = None
        if truth is not None and len(truth) == len(logits):
            seen, labels = _answered(chosen, key, truth, images)
            curves[title] = risk_coverage(softmax(seen, temperature), labels)
            wrong = f"{curves[title].at(threshold)[1]:.0%} of these wrong"
        place.metric(
            title,
            f"{(confidence >= threshold).mean():.0%} answered",
            wrong,
            delta_color="off",
            delta_arrow="off",
        )
    why = (
        " Thresholds are tried here, so that nobody tunes on the test set."
        if images != chosen.images
        else ""
    )
    if curves and truth is not None:
        show_figure(
            charts.risk_coverage_figure(curves, dict.fromkeys(curves, threshold)),
            "risk_coverage",
            f"{images}, {int(truth.found.sum()):,} faces.{why} Lower and further right is better.",
        )
    else:
        st.caption(f"On {images}. How many faces get an answer needs no labels; errors do.")
