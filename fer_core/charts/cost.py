"""Accuracy against what it costs, with the models that no other beats."""

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from fer_core.charts.template import INK, empty_figure, new_figure, series_style
from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.leaderboard import pareto_front, unique_titles
from fer_core.evaluation.speed import SpeedReport
from fer_core.evaluation.summary import ModelSummary
from fer_core.metrics import SplitReport

Cost = Literal["multiply_accumulates", "parameters", "megabytes", "relative_time"]
COST_AXES: dict[Cost, str] = {
    "multiply_accumulates": "million multiply-accumulates a face",
    "parameters": "million parameters",
    "megabytes": "size of the network, MB",
    "relative_time": "reference times a face",
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
    external: Sequence[ExternalReport] = (),
) -> go.Figure:
    """PrivateTest accuracy with its 95 % interval against cost on a logarithmic axis.

    Args:
        models: any number; none gives an empty figure.
        cost: of a model.
        ticked: slugs drawn larger and named, as those on the front are.
        speed: for ``relative_time``; a model that is not in it is left out.
        external: external packages; those with a figure and a time are drawn as crosses.
    """
    title = "Accuracy against cost"
    if not models:
        return empty_figure(title, "No model to show.")
    known: list[tuple[str, str, SplitReport, float]] = [
        (name, model.slug, model.metrics, value)
        for name, model in zip(unique_titles(models), models, strict=True)
        if (value := cost_of(model, cost, speed)) is not None
    ]
    if not known:
        return empty_figure(title, "Not measured here yet: python -m fer_core bench --models")
    ours = len(known)
    if cost == "relative_time" and speed:
        known += [
            (package.title, package.name, package.metrics, value)
            for package in external
            if package.metrics and (value := speed.relative_time(package.name)) is not None
        ]
    costs = [value for *_, value in known]
    front = pareto_front(costs, [metrics.accuracy for _, _, metrics, _ in known])
    figure = new_figure(title, height_px=440 + 8 * len(known))
    steps = sorted((x, m.accuracy) for (_, _, m, x), best in zip(known, front, strict=True) if best)
    figure.add_scatter(
        x=[x for x, _ in steps],
        y=[y for _, y in steps],
        mode="lines",
        name="no other is both cheaper and better",
        line={"dash": "dot", "shape": "hv", "width": 1.5, "color": INK},
        hoverinfo="skip",
    )
    for index, (name, slug, metrics, value) in enumerate(known):
        style, outside = series_style(index), index >= ours
        colour = INK if outside else style.colour
        symbol = "x" if outside else style.marker
        figure.add_scatter(
            x=[value],
            y=[metrics.accuracy],
            mode="markers+text",
            name=name,
            # Fifteen names side by side cover each other; the rest is in legend and hover.
            text=[name if front[index] or outside or slug in ticked else ""],
            # Into the chart: at its right edge a name would be cut off.
            textposition=("bottom" if outside else "top")  # the front's line runs above a package
            + (" left" if value**2 > min(costs) * max(costs) else " right"),
            textfont={"size": 12},
            marker={
                "symbol": symbol if front[index] else f"{symbol}-open",
                "size": 15 if slug in ticked else 11,
                "color": colour,
                "line": {"width": 1.5, "color": colour},
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [metrics.accuracy_high - metrics.accuracy],
                "arrayminus": [metrics.accuracy - metrics.accuracy_low],
                "color": colour,
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
    # Times span little more than one power of ten, so 2 and 5 need their ticks too.
    ticks = "D2" if cost == "relative_time" else 1
    figure.update_xaxes(title_text=COST_AXES[cost], type="log", dtick=ticks)
    figure.update_yaxes(title_text="accuracy", tickformat=".0%")
    return figure
