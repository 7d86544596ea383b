"""Recall class by class: bars of one model, a heat map of many."""

from collections.abc import Mapping

import plotly.graph_objects as go

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import (
    emotion_fill,
    empty_figure,
    new_figure,
)
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.compared import Figures


def recall_figure(report: Figures, *, title: str = "Recall of each class") -> go.Figure:
    """One bar a class: the share of its images that is recognised."""
    figure = new_figure(title, height_px=320)
    for emotion in Emotion:
        row = report.per_class[emotion.label]
        figure.add_bar(
            x=[emotion.label],
            y=[row.recall],
            marker=emotion_fill(emotion),
            text=[f"{row.recall:.0%}"],
            textposition="outside",
            cliponaxis=False,
            customdata=[[row.support, row.precision, row.f1]],
            hovertemplate=(
                "%{x}: recall %{y:.1%} of %{customdata[0]:,} images<br>precision"
                " %{customdata[1]:.1%}, F1 %{customdata[2]:.3f}<extra></extra>"
            ),
            name=emotion.label,
        )
    figure.update_yaxes(title_text="recognised", range=[0, 1.08], tickformat=".0%")
    return figure.update_layout(showlegend=False, bargap=0.3)


def recall_heatmap_figure(titles: Mapping[str, str], figures: Mapping[str, Figures]) -> go.Figure:
    """Recall of each class: a row for each network, a column for each class.

    Args:
        titles: key -> title of the networks to show, in this order; may be empty.
        figures: by key, of each of them; a class without an image has an empty cell.
    """
    title = "Which classes each network recognises"
    if not titles:
        return empty_figure(title, "No network was measured here.")
    tables = [figures[key].per_class for key in titles]
    return heatmap_figure(
        title,
        [
            [table[label].recall if table[label].support else None for label in LABELS]
            for table in tables
        ],
        rows=list(titles.values()),
        columns=LABELS,
        height_px=130 + 26 * len(titles),
        about=[[table[label].support for label in LABELS] for table in tables],
        cell="%{z:.0%}",
        measure="recall",
        hover="%{y}, %{x}: %{z:.1%} of %{customdata:,} images",
        low=0,
        high=1,
        column_title="true class",
    )
