"""The views under the leaderboard."""

from collections.abc import Callable, Sequence

import streamlit as st

from fer_core.evaluation.leaderboard import ModelSummary
from ui.compare.calibration import calibration
from ui.compare.cards import cards
from ui.compare.datasets import across_datasets
from ui.compare.mistakes import mistakes
from ui.compare.results import classes, confusion, cost, curves, ranking
from ui.compare.robustness import robustness
from ui.compare.significance import significance
from ui.compare.variants import difference

Tab = Callable[[Sequence[ModelSummary], Sequence[ModelSummary]], None]
"""Draws from all models and the ticked ones."""

TABS: dict[str, Tab] = {
    "Ranking": ranking,
    "Curves": curves,
    "Confusion": confusion,
    "Classes": classes,
    "Calibration and unsure": calibration,
    "Speed against accuracy": cost,
    "Significance": significance,
    "Mistakes": mistakes,
    "Robustness": robustness,
    "Across data sets": across_datasets,
    "What made the difference": difference,
    "Cards": cards,
}


def show_tabs(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """The views under the leaderboard; only the open one is computed, and the link names it."""
    for tab, draw in zip(
        st.tabs(list(TABS), key="view", bind="query-params"), TABS.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw(models, ticked)
