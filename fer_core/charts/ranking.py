"""The leaderboard as a picture: each accuracy with its uncertainty and the published figure."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from fer_core.charts.template import INK, empty_figure, new_figure, series_style
from fer_core.evaluation.compared import ComparedNetwork, Figures


def ranking_figure(
    networks: Sequence[ComparedNetwork],
    figures: Mapping[str, Figures],
    *,
    published: bool = True,
    ticked: Sequence[str] = (),
) -> go.Figure:
    """Accuracy with 95 % interval, and the origin's own figure as an upright tick.

    Networks whose training was cut short have an open marker. The published figures are on their
    origin's split and classes, which hover names.

    Args:
        networks: in the order from the top; may be empty.
        figures: by key, of each of them.
        published: draw those figures, too; they say nothing of other images.
        ticked: keys whose names are written in bold.
    """
    title = "Accuracy, and what was published" if published else "Accuracy"
    if not networks:
        return empty_figure(title, "No network was measured here.")
    figure = new_figure(title, height_px=130 + 21 * len(networks))
    style = series_style(0)
    names = [f"<b>{row.title}</b>" if row.key in ticked else row.title for row in networks]
    measured = [figures[row.key] for row in networks]
    figure.add_scatter(
        x=[m.accuracy for m in measured],
        y=names,
        mode="markers",
        name="measured, with 95 % interval",
        marker={
            "size": 11,
            "color": style.colour,
            "symbol": ["circle" if row.complete else "circle-open" for row in networks],
            "line": {"width": 2, "color": style.colour},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [m.accuracy_high - m.accuracy for m in measured],
            "arrayminus": [m.accuracy - m.accuracy_low for m in measured],
            "color": style.colour,
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            [m.accuracy_low, m.accuracy_high, m.n, "" if row.complete else "<br>training cut short"]
            for row, m in zip(networks, measured, strict=True)
        ],
        hovertemplate=(
            "%{y}: %{x:.1%} (95 %: %{customdata[0]:.1%} to %{customdata[1]:.1%})"
            " of %{customdata[2]:,} images%{customdata[3]}<extra></extra>"
        ),
    )
    known = [
        (name, p)
        for name, row in zip(names, networks, strict=True)
        if published and (p := row.published) is not None
    ]
    if known:
        figure.add_scatter(
            x=[p.figure / 100 for _, p in known],
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
    figure.update_yaxes(autorange="reversed", type="category", tickfont_size=12)
    # Close under the axis: below a tall chart a share of its height would be far away.
    return figure.update_layout(legend={"yref": "container", "y": 0, "yanchor": "bottom"})
