"""The leaderboard as a picture: each accuracy with its uncertainty and the published figure."""

from collections.abc import Sequence

import plotly.graph_objects as go

from fer_core.charts.template import INK, empty_figure, new_figure, series_style
from fer_core.evaluation.leaderboard import unique_titles
from fer_core.evaluation.summary import ModelSummary


def ranking_figure(models: Sequence[ModelSummary]) -> go.Figure:
    """PrivateTest accuracy with 95 % interval, and the origin's own figure as an upright tick.

    Models whose training was cut short have an open marker. The published figures are on their
    origin's split and classes, which hover names.
    """
    title = "Accuracy, and what was published"
    if not models:
        return empty_figure(title, "No model to show.")
    figure = new_figure(title, height_px=150 + 32 * len(models))
    style, names = series_style(0), unique_titles(models)
    figure.add_scatter(
        x=[model.metrics.accuracy for model in models],
        y=names,
        mode="markers",
        name="ours, with 95 % interval",
        marker={
            "size": 11,
            "color": style.colour,
            "symbol": [
                "circle" if model.card.status == "complete" else "circle-open" for model in models
            ],
            "line": {"width": 2, "color": style.colour},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [m.metrics.accuracy_high - m.metrics.accuracy for m in models],
            "arrayminus": [m.metrics.accuracy - m.metrics.accuracy_low for m in models],
            "color": style.colour,
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            [m.metrics.accuracy_low, m.metrics.accuracy_high, m.metrics.n, m.card.status]
            for m in models
        ],
        hovertemplate=(
            "%{y}: %{x:.1%} (95 %: %{customdata[0]:.1%} to %{customdata[1]:.1%})"
            " of %{customdata[2]:,} images<br>%{customdata[3]}<extra></extra>"
        ),
    )
    known = [
        (name, p)
        for name, model in zip(names, models, strict=True)
        if (p := model.card.published) is not None
    ]
    if known:
        figure.add_scatter(
            x=[published.figure / 100 for _, published in known],
            y=[name for name, _ in known],
            mode="markers",
            name="published by its origin",
            marker={
                "symbol": "line-ns",
                "size": 18,
                "line": {"width": 3, "color": series_style(1).colour},
            },
            customdata=[[p.split, p.classes, p.source] for _, p in known],
            hovertemplate=(
                "%{y}: published %{x:.2%}<br>%{customdata[0]}, %{customdata[1]} classes<br>"
                "%{customdata[2]}<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="accuracy", tickformat=".1~%", linecolor=INK)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure
