"""The part on other data sets: how much is left of a figure on other pictures."""

from collections.abc import Mapping

import streamlit as st

from fer_core import charts
from fer_core.dataset import leak_note
from fer_core.evaluation.datasets import DatasetFigures
from fer_core.zoo import AnswersAs
from ui import caches
from ui.compare.chosen import Chosen
from ui.widgets.figure import show_figure

_HOW_TO = (
    "No network was measured on another data set yet. Your own labelled pictures become one on "
    "the page *Data*, which measures them too; by command: "
    "`python -m fer_core evaluate --dataset NAME`."
)


def across_datasets(chosen: Chosen) -> None:
    """All networks on all data sets."""
    measured, _ = (
        caches.measured.dataset_figures()
    )  # what cannot be read is said on top of the page
    if not measured:
        st.info(_HOW_TO, icon=":material/photo_library:")
        return
    ours = {key: row for key, row in chosen.everyone.items() if row.model}
    show_figure(
        charts.across_datasets_figure(
            {key: row.title for key, row in ours.items()},
            {key: row.metrics.accuracy for key, row in ours.items()},
            measured,
        ),
        "across_datasets",
        "Share of pictures named right; in brackets the points that are lost or won against "
        "FER2013's PrivateTest. A picture in which no face is found counts as wrong. Another data "
        "set has other shares of the classes, so part of a drop is the labels', not the network's. "
        f"{_whose_word(measured)}"
        "External packages are measured on FER2013 only. “Measured on”, on top, shows one data set "
        "in every part.",
    )


def _whose_word(measured: Mapping[str, Mapping[str, DatasetFigures]]) -> str:
    """Which networks answered as people name faces, not as FER2013's labels; "" where none did."""
    voters = {
        slug
        for figures in measured.values()
        for slug, one in figures.items()
        if one.answers_as == AnswersAs.VOTERS
    }
    if not voters:
        return ""
    return (
        f"{' and '.join(sorted(voters))} answered there as most people name faces, all others as "
        "FER2013's labels. "
    )


def say_leak(chosen: Chosen) -> None:
    """Whether FER2013's pictures are among those of the chosen data set."""
    notes = {
        leak_note(figures.in_fer2013)
        for figures in chosen.figures.values()
        if isinstance(figures, DatasetFigures)
    }
    for note in sorted(notes):
        st.caption(f"{note[:1].upper()}{note[1:]}.")
