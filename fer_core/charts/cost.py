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
    for index, (row, metrics, value) in enumerate(known):
        name, style, outside = row.title, series_style(index), row.package is not None
        milliseconds = row.milliseconds(speed)
        colour = INK if outside else style.colour
        symbol = "x" if outside else style.marker
        figure.add_scatter(
            x=[value],
            y=[metrics.accuracy],
            mode="markers+text",
            name=name,
            # Fifteen names side by side cover each other; the rest is in legend and hover.
            text=[name if front[index] or outside or row.key in ticked else ""],
            # Into the chart: at its right edge a name would be cut off.
            textposition=("bottom" if outside else "top")  # the front's line runs above a package
            + (" left" if value**2 > min(costs) * max(costs) else " right"),
            textfont={"size": 12},
            marker={
                "symbol": symbol if front[index] else f"{symbol}-open",
                "size": 15 if row.key in ticked else 11,
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
                f"%{{x:,.3g}} {COST_AXES[cost]}"
                + ("" if milliseconds is None else f"<br>{milliseconds:.2g} ms a face, alone")
                + "<extra></extra>"
            ),
        )
    # Times span little more than one power of ten, so 2 and 5 need their ticks too.
    ticks = "D2" if cost == "relative_time" else 1
    figure.update_xaxes(title_text=COST_AXES[cost], type="log", dtick=ticks)
    figure.update_yaxes(title_text="accuracy", tickformat=".0%")
    return figure
