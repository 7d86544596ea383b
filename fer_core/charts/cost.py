"""Accuracy against what it costs, with the models that no other beats."""

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from fer_core.analysis.leaderboard import pareto_front, unique_titles
from fer_core.analysis.speed import SpeedReport
from fer_core.analysis.summary import ModelSummary
from fer_core.charts.template import INK, empty_figure, new_figure, series_style

Cost = Literal["multiply_accumulates", "parameters", "megabytes", "relative_time"]
COST_AXES: dict[Cost, str] = {
    "multiply_accumulates": "million multiply-accumulates a face",
    "parameters": "million parameters",
    "megabytes": "size of the network, MB",
    "relative_time": "yardsticks of time a face",
}


def cost_of(model: ModelSummary, cost: Cost, speed: SpeedReport | None = None) -> float | None:
    """A model's cost in the unit of `COST_AXES`; None for a time that was not measured."""
    if cost == "relative_time":
        return speed.relative_time(model.slug) if speed else None
    if cost == "megabytes":
        return model.megabytes
    return float(getattr(model.card, cost)) / 1e6


def cost_figure(
    models: Sequence[ModelSummary],
    cost: Cost,
    *,
    ticked: Sequence[str] = (),
    speed: SpeedReport | None = None,
) -> go.Figure:
    """PrivateTest accuracy with its 95 % interval against cost on a logarithmic axis.

    Args:
        models: any number; none gives an empty figure.
        cost: of a model.
        ticked: slugs drawn larger and named, as those on the front are.
        speed: for ``relative_time``; a model that is not in it is left out.
    """
    title = "Accuracy against cost"
    if not models:
        return empty_figure(title, "No model to show.")
    known = [
        (name, model, value)
        for name, model in zip(unique_titles(models), models, strict=True)
        if (value := cost_of(model, cost, speed)) is not None
    ]
    if not known:
        return empty_figure(title, "Not measured here yet: python -m fer_core bench --models")
    costs = [value for _, _, value in known]
    gains = [model.metrics.accuracy for _, model, _ in known]
    front = pareto_front(costs, gains)
    figure = new_figure(title, height_px=440 + 8 * len(known))
    steps = sorted(zip(*(([*values]) for values in (costs, gains, front)), strict=True))
    figure.add_scatter(
        x=[x for x, _, best in steps if best],
        y=[y for _, y, best in steps if best],
        mode="lines",
        name="no model is both cheaper and better",
        line={"dash": "dot", "shape": "hv", "width": 1.5, "color": INK},
        hoverinfo="skip",
    )
    for index, (name, model, _) in enumerate(known):
        style, metrics = series_style(index), model.metrics
        figure.add_scatter(
            x=[costs[index]],
            y=[metrics.accuracy],
            mode="markers+text",
            name=name,
            # Fifteen names side by side cover each other; the rest is in legend and hover.
            text=[name if front[index] or model.slug in ticked else ""],
            # Into the chart: at its right edge a name would be cut off.
            textposition="top left" if costs[index] ** 2 > min(costs) * max(costs) else "top right",
            textfont={"size": 12},
            marker={
                "symbol": style.marker if front[index] else f"{style.marker}-open",
                "size": 15 if model.slug in ticked else 11,
                "color": style.colour,
                "line": {"width": 1.5, "color": style.colour},
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [metrics.accuracy_high - metrics.accuracy],
                "arrayminus": [metrics.accuracy - metrics.accuracy_low],
                "color": style.colour,
                "thickness": 1.2,
                "width": 4,
            },
            customdata=[[metrics.accuracy_low, metrics.accuracy_high, metrics.n]],
            hovertemplate=(
                f"{name}<br>%{{y:.1%}} (95 %: %{{customdata[0]:.1%}} to"
                " %{customdata[1]:.1%}) of %{customdata[2]:,} images<br>"
                f"%{{x:,.3g}} {COST_AXES[cost]}<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text=COST_AXES[cost], type="log", dtick=1)
    figure.update_yaxes(title_text="accuracy", tickformat=".0%")
    return figure
