"""Recall class by class: bars of one model, a heat map of many."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import (
    emotion_fill,
    empty_figure,
    new_figure,
)
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.leaderboard import unique_titles
from fer_core.evaluation.summary import ModelSummary
from fer_core.metrics import SplitReport


def recall_figure(report: SplitReport, *, title: str = "Recall of each class") -> go.Figure:
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


def recall_heatmap_figure(models: Sequence[ModelSummary]) -> go.Figure:
    """Recall on PrivateTest: a row for each model, a column for each class; may be empty."""
    title = "Which classes each model recognises"
    if not models:
        return empty_figure(title, "No model to show.")
    return heatmap_figure(
        title,
        np.stack([model.metrics.recall for model in models]),
        rows=unique_titles(models),
        columns=LABELS,
        height_px=130 + 34 * len(models),
        about=[[model.metrics.per_class[label].support for label in LABELS] for model in models],
        cell="%{z:.0%}",
        hover="%{y}, %{x}: %{z:.1%} of %{customdata:,} images",
        low=0,
        high=1,
        column_title="true class",
    )
