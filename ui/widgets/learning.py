"""How trainings went, and what they did otherwise: for those that run and those that ship."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.evaluation.learning import LearningCurve
from fer_core.evaluation.recipe_words import differing_settings
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal


def show_learning_curves(curves: Mapping[str, LearningCurve], key: str, caption: str) -> None:
    """Accuracy and loss side by side, with a slider that smooths both.

    Args:
        curves: by the training's name.
        key: tells this place from others on the page.
        caption: on what images the curves were measured, and how.
    """
    smoothing = st.slider(
        "Smoothing",
        0.0,
        0.95,
        0.0,
        0.05,
        key=f"{key}_smoothing",
        help="A running mean, as TensorBoard's; the values as measured stay faintly behind it.",
        bind="query-params",
        width=320,
    )
    left, right = st.columns(2)
    with left:
        show_figure(
            charts.learning_curves_figure(curves, "accuracy", smoothing=smoothing),
            f"{key}_accuracy",
            f"{caption} A star is the epoch that was kept, an upright tick where a training went "
            "on with other settings.",
        )
    with right:
        show_figure(
            charts.learning_curves_figure(curves, "loss", smoothing=smoothing),
            f"{key}_loss",
            "The same images. The training loss may hold weight decay, softened or mixed targets "
            "and a second head's task, so its level says less than its course.",
        )


def show_settings(trainings: Mapping[str, Mapping[str, str]], key: str) -> None:
    """A table of settings, a column for each training: those that differ, or all of them.

    Args:
        trainings: by name, as `fer_core.evaluation.recipe_words.training_in_words` gives them; {}
            for one that is not known.
        key: tells this place from others on the page.
    """
    only = st.toggle(
        "Only what differs", value=True, key=f"{key}_differences", disabled=len(trainings) < 2
    )
    rows: Mapping[str, Mapping[str, str | None]] = differing_settings(trainings)
    if not only or len(trainings) < 2:
        topics = dict.fromkeys(topic for told in trainings.values() for topic in told)
        rows = {
            topic: {name: told.get(topic) for name, told in trainings.items()} for topic in topics
        }
    if not rows:
        st.caption("All settings are the same.")
        return
    st.table(
        pd.DataFrame(
            [[literal(words or "not known") for words in row.values()] for row in rows.values()],
            index=list(rows),
            columns=[literal(name) for name in trainings],
        )
    )
