"""Learning curves of several trainings in one chart."""

from collections.abc import Mapping
from typing import Literal

import plotly.graph_objects as go

from fer_core.charts.template import SeriesStyle, empty_figure, new_figure, series_style
from fer_core.evaluation.learning import LearningCurve

Measure = Literal["accuracy", "loss"]

_TITLES: dict[Measure, str] = {
    "accuracy": "Accuracy while learning",
    "loss": "Loss while learning",
}
_PARTS = (("training", "", "dash"), ("validation", "val_", "solid"))
_FAINT = 0.28


def learning_curves_figure(
    curves: Mapping[str, LearningCurve], measure: Measure, *, smoothing: float = 0.0
) -> go.Figure:
    """Training (dashed) and validation (solid), each measured on its own data, over epochs.

    A star marks the best epoch, an upright tick where the training's course changes.

    Args:
        curves: by the training's name, in the order of the legend; those without an epoch are left
            out.
        measure: ``accuracy`` (fraction, shown in per cent) or ``loss`` (nats).
        smoothing: of `fer_core.evaluation.learning.smooth`, 0 to below 1; above 0 the values as
            measured are drawn faintly behind.
    """
    title = _TITLES[measure]
    drawn = {name: curve for name, curve in curves.items() if len(curve.history)}
    if not drawn:
        return empty_figure(title, "No learning curve has been recorded yet.")
    figure = new_figure(title, height_px=420)
    number = ".1%" if measure == "accuracy" else ".3f"
    for index, (name, curve) in enumerate(drawn.items()):
        style = series_style(index)
        for part, prefix, dash in _PARTS:
            column = f"{prefix}{measure}"
            if smoothing:
                _measured(figure, name, curve, column, part, style)
            how = f"{part}, smoothed" if smoothing else part
            figure.add_scatter(
                x=curve.history["epoch"],
                y=curve.smoothed(column, smoothing),
                name=f"{name} · {how}",
                legendgroup=name,
                mode="lines+markers" if part == "validation" else "lines",
                line={"color": style.colour, "dash": dash, "width": 2},
                opacity=1 if part == "validation" else 0.75,
                # A handful of markers tells the lines apart; one at each of 100 epochs hides them.
                marker={"symbol": style.marker, "size": 7, "maxdisplayed": 12},
                hovertemplate=f"{name}, {how}<br>epoch %{{x:.0f}}: %{{y:{number}}}<extra></extra>",
            )
        _marks(figure, name, curve, f"val_{measure}", number, style)
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(
        title_text="share of images right" if measure == "accuracy" else "loss, nats",
        tickformat=".0%" if measure == "accuracy" else None,
    )
    return figure


def _measured(
    figure: go.Figure, name: str, curve: LearningCurve, column: str, part: str, style: SeriesStyle
) -> None:
    """The values as they are, behind the smoothed ones."""
    figure.add_scatter(
        x=curve.history["epoch"],
        y=curve.history[column],
        name=f"{name} · {part}",
        legendgroup=name,
        showlegend=False,
        mode="lines",
        line={"color": style.colour, "width": 1},
        opacity=_FAINT,
        hoverinfo="skip",
    )


def _marks(
    figure: go.Figure,
    name: str,
    curve: LearningCurve,
    column: str,
    number: str,
    style: SeriesStyle,
) -> None:
    """The best epoch and the stages, on the line of validation."""
    at = dict(zip(curve.history["epoch"].tolist(), curve.history[column].tolist(), strict=True))
    best = {} if curve.best_epoch is None else {curve.best_epoch: "the best epoch, which is kept"}
    stages = {stage.epoch: f"from here: {stage.what}" for stage in curve.stages}
    for kind, marks, symbol, size in (
        ("best epoch", best, "star", 15),
        ("stages", stages, "line-ns", 22),
    ):
        marks = {epoch: words for epoch, words in marks.items() if epoch in at}
        if not marks:
            continue
        figure.add_scatter(
            x=list(marks),
            y=[at[epoch] for epoch in marks],
            name=f"{name} · {kind}",
            legendgroup=name,
            showlegend=False,
            mode="markers",
            marker={
                "symbol": symbol,
                "size": size,
                "color": style.colour,
                "line": {"width": 2, "color": style.colour if kind == "stages" else "#FFFFFF"},
            },
            customdata=list(marks.values()),
            hovertemplate=(
                f"{name}, epoch %{{x:.0f}}: %{{customdata}}<br>%{{y:{number}}}<extra></extra>"
            ),
        )
