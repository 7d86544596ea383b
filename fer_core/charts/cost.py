"""Accuracy against what it costs, with the models that no other beats."""

from collections.abc import Mapping, Sequence
from typing import Literal

import plotly.graph_objects as go

from fer_core.charts.template import INK, empty_figure, new_figure, series_style
from fer_core.evaluation.compared import ComparedNetwork, Figures
from fer_core.evaluation.leaderboard import pareto_front
from fer_core.evaluation.speed import SpeedReport

Cost = Literal["multiply_accumulates", "parameters", "megabytes", "relative_time"]
COST_AXES: dict[Cost, str] = {
    "multiply_accumulates": "million multiply-accumulates a face",
    "parameters": "million parameters",
    "megabytes": "size of the network, MB",
    "relative_time": "reference times a face",
}


def cost_of(network: ComparedNetwork, cost: Cost, speed: SpeedReport | None = None) -> float | None:
    """A network's cost in the unit of `COST_AXES`; None where it is not known."""
    if cost == "relative_time":
        return network.relative_time(speed)
    if network.model is None:
        return None
    if cost == "megabytes":
        return network.model.megabytes
    return float(getattr(network.model.card, cost)) / 1e6


def cost_figure(
    networks: Sequence[ComparedNetwork],
    figures: Mapping[str, Figures],
    cost: Cost,
    *,
    ticked: Sequence[str] = (),
    speed: SpeedReport | None = None,
) -> go.Figure:
    """Accuracy with its 95 % interval against cost on a logarithmic axis.

    Args:
        networks: any number; one whose cost is not known is left out. External packages are drawn
            as crosses.
        figures: by key, of each of them.
        cost: of a network.
        ticked: keys drawn larger and named, as those on the front are.
        speed: for ``relative_time``.
    """
    title = "Accuracy against cost"
    if not networks:
        return empty_figure(title, "No network was measured here.")
    known = [
        (row, figures[row.key], value)
        for row in networks
        if (value := cost_of(row, cost, speed)) is not None
    ]
    if not known:
        return empty_figure(title, "Not measured here yet: python -m fer_core bench --models")
    costs = [value for *_, value in known]
    front = pareto_front(costs, [found.accuracy for _, found, _ in known])
    figure = new_figure(title, height_px=440 + 8 * len(known))
    steps = sorted((x, m.accuracy) for (_, m, x), best in zip(known, front, strict=True) if best)
    figure.add_scatter(
        x=[x for x, _ in steps],
        y=[y for _, y in steps],
        mode="lines",
        name="no other is both cheaper and better",
        line={"dash": "dot", "shape": "hv", "width": 1.5, "color": INK},
        hoverinfo="skip",
    )
    middle = (min(costs) * max(costs)) ** 0.5
    for index, (row, measured, value) in enumerate(known):
        named = bool(front[index]) or row.package is not None or row.key in ticked
        trace = _point(row, measured, value, cost, index, best=bool(front[index]), speed=speed)
        # Fifteen names side by side cover each other; the rest is in legend and hover.
        trace.text = [row.title if named else ""]
        # Into the chart: at its right edge a name would be cut off. The front's line runs above a
        # package.
        trace.textposition = ("bottom" if row.package else "top") + (
            " left" if value > middle else " right"
        )
        trace.marker.size = 15 if row.key in ticked else 11
        figure.add_trace(trace)
    # Times span little more than one power of ten, so 2 and 5 need their ticks too.
    ticks = "D2" if cost == "relative_time" else 1
    figure.update_xaxes(title_text=COST_AXES[cost], type="log", dtick=ticks)
    figure.update_yaxes(title_text="accuracy", tickformat=".0%")
    return figure


def _point(
    row: ComparedNetwork,
    measured: Figures,
    value: float,
    cost: Cost,
    index: int,
    *,
    best: bool,
    speed: SpeedReport | None,
) -> go.Scatter:
    """A network's marker with its interval: filled on the front, a cross for a package."""
    style = series_style(index)
    colour, symbol = (INK, "x") if row.package else (style.colour, style.marker)
    milliseconds = row.milliseconds(speed)
    alone = "" if milliseconds is None else f"<br>{milliseconds:.2g} ms a face, alone"
    return go.Scatter(
        x=[value],
        y=[measured.accuracy],
        mode="markers+text",
        name=row.title,
        textfont={"size": 12},
        marker={
            "symbol": symbol if best else f"{symbol}-open",
            "color": colour,
            "line": {"width": 1.5, "color": colour},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [measured.accuracy_high - measured.accuracy],
            "arrayminus": [measured.accuracy - measured.accuracy_low],
            "color": colour,
            "thickness": 1.2,
            "width": 4,
        },
        customdata=[[measured.accuracy_low, measured.accuracy_high, measured.n]],
        hovertemplate=(
            f"{row.title}<br>%{{y:.1%}} (95 %: %{{customdata[0]:.1%}} to"
            " %{customdata[1]:.1%}) of %{customdata[2]:,} images<br>"
            f"%{{x:,.3g}} {COST_AXES[cost]}{alone}<extra></extra>"
        ),
    )
