"""The Compare page's tab on other data sets: how much is left of a figure on other pictures."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.dataset import leak_note
from fer_core.evaluation.datasets import ALL, DatasetFigures
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from ui import caches
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal

_HOW_TO = (
    "No network was measured on another data set yet. Your own labelled pictures become one on "
    "the page *Data*, which measures them too; by command: "
    "`python -m fer_core evaluate --dataset NAME`."
)


def across_datasets(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """All networks on all data sets, then everything that is known about one of these."""
    measured, errors = caches.dataset_figures()
    for error in errors:
        st.warning(literal(error), icon=":material/broken_image:")
    if not measured:
        st.info(_HOW_TO, icon=":material/photo_library:")
        return
    titles = dict(zip((model.slug for model in models), unique_titles(models), strict=True))
    show_figure(
        charts.across_datasets_figure(
            titles, {model.slug: model.metrics.accuracy for model in models}, measured
        ),
        "across_datasets",
        "Share of pictures named right; in brackets the points that are lost or won against "
        "FER2013's PrivateTest. A picture in which no face is found counts as wrong. Another data "
        "set has other shares of the classes, so part of a drop is the labels', not the network's.",
    )
    name = st.selectbox("Data set", list(measured), key="dataset", bind="query-params")
    _one(name, measured[name], titles)


def _one(name: str, measured: Mapping[str, DatasetFigures], titles: Mapping[str, str]) -> None:
    """One data set: a row for each network, and its classes."""
    rows = sorted(
        (found for slug, found in measured.items() if slug in titles),
        key=lambda found: -found.accuracy,
    )
    if not rows:
        return
    st.dataframe(
        pd.DataFrame([_row(found, titles[found.slug]) for found in rows]),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            "Model": st.column_config.TextColumn(pinned=True),
            **dict.fromkeys(
                ("Accuracy", "Without Training’s", "Unsure", "Right, of the sure"),
                st.column_config.NumberColumn(format="%.1f %%"),
            ),
            **dict.fromkeys(("Macro-F1", "ECE"), st.column_config.NumberColumn(format="%.3f")),
        },
    )
    first = rows[0]
    part = "" if first.split == ALL else f" of its split {first.split}"
    missed = sorted({found.without_face for found in rows})
    st.caption(
        f"{literal(name)}: {first.n:,} pictures{part}, no face found in "
        f"{' or '.join(f'{count:,}' for count in missed)} of them; 95 % intervals over "
        f"{first.clusters:,} {first.interval_over}s. {leak_note(first.in_fer2013).capitalize()}. "
        "ECE is after calibration on FER2013."
    )
    show_figure(
        charts.dataset_recall_figure(titles, measured),
        "dataset_recall",
        f"{literal(name)}, {first.n:,} pictures: the share of a class's pictures that is named "
        "right. Point at a cell for how many there are.",
    )
    missing = [title for slug, title in titles.items() if slug not in measured]
    if missing:
        st.caption(
            f"Not measured here: {', '.join(missing)}. "
            f"`python -m fer_core evaluate --dataset {name}` measures all."
        )


def _row(found: DatasetFigures, title: str) -> dict[str, object]:
    unseen, sure = found.accuracy_unseen, found.accuracy_sure
    return {
        "Model": title,
        "Accuracy": 100 * found.accuracy,
        "95 % interval": f"{100 * found.accuracy_low:.1f} – {100 * found.accuracy_high:.1f}",
        "Without Training’s": None if unseen is None else 100 * unseen,
        "Macro-F1": found.macro_f1,
        "ECE": found.ece_calibrated,
        "Unsure": 100 * found.share_unsure,
        "Right, of the sure": None if sure is None else 100 * sure,
    }
