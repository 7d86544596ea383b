"""Learning curves of several models in one chart."""

from collections.abc import Mapping
from typing import Literal

import plotly.graph_objects as go

from fer_core.charts.template import empty_figure, new_figure, series_style
from fer_core.evaluation.summary import History

Measure = Literal["accuracy", "loss"]


def learning_curves_figure(histories: Mapping[str, History], measure: Measure) -> go.Figure:
    """Training (dashed) and validation (solid), each measured on its own data, over epochs.

    Args:
        histories: by the model's name, in the order of the legend; models without an epoch are
            left out.
        measure: ``accuracy`` (fraction, shown in per cent) or ``loss`` (nats).
    """
    title = {"accuracy": "Accuracy while learning", "loss": "Loss while learning"}[measure]
    drawn = {name: history for name, history in histories.items() if len(history)}
    if not drawn:
        return empty_figure(title, "No learning curve has been recorded yet.")
    figure = new_figure(title, height_px=420)
    number = ".1%" if measure == "accuracy" else ".3f"
    for index, (name, history) in enumerate(drawn.items()):
        style = series_style(index)
        for column, part, dash in (
            (measure, "training", "dash"),
            (f"val_{measure}", "validation", "solid"),
        ):
            figure.add_scatter(
                x=history["epoch"],
                y=history[column],
                name=f"{name} · {part}",
                legendgroup=name,
                mode="lines+markers" if part == "validation" else "lines",
                line={"color": style.colour, "dash": dash, "width": 2},
                opacity=1 if part == "validation" else 0.75,
                # A handful of markers tells the lines apart; one at each of 100 epochs hides them.
                marker={"symbol": style.marker, "size": 7, "maxdisplayed": 12},
                hovertemplate=(
                    f"{name}, {part}<br>epoch %{{x:.0f}}: %{{y:{number}}}<extra></extra>"
                ),
            )
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(
        title_text="share of images right" if measure == "accuracy" else "loss, nats",
        tickformat=".0%" if measure == "accuracy" else None,
    )
    return figure
