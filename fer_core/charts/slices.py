"""Accuracy of one network or two in each slice of some images."""

import plotly.graph_objects as go

from fer_core.charts.template import INK, empty_figure, new_figure, series_style
from fer_core.evaluation.slices import SliceReport


def slices_figure(report: SliceReport) -> go.Figure:
    """A point with its interval for each slice; of a second network a point beside it.

    Args:
        report: slices of it may be none. A ★ follows the names of those that stand after
            correction.
    """
    title = "Accuracy by slice"
    if not report.slices:
        return empty_figure(title, "These images have no slices.")
    figure = new_figure(title, height_px=150 + 30 * len(report.slices))
    names = [f"{row.by}: {row.name}{' ★' if row.stands else ''}" for row in report.slices]
    for index, network in enumerate(report.networks):
        style, first = series_style(index), index == 0
        values = [row.accuracy if first else row.other_accuracy for row in report.slices]
        figure.add_scatter(
            x=values,
            y=names,
            mode="markers",
            name=network,
            marker={"size": 11, "symbol": style.marker, "color": style.colour},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [row.accuracy_high - row.accuracy for row in report.slices],
                "arrayminus": [row.accuracy - row.accuracy_low for row in report.slices],
                "color": style.colour,
                "thickness": 1.5,
                "width": 5,
                "visible": first,
            },
            customdata=[[row.n] for row in report.slices],
            hovertemplate=(
                f"{network}, %{{y}}: %{{x:.1%}} of %{{customdata[0]:,}} images<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="accuracy", tickformat=".0%", linecolor=INK)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure.update_layout(legend={"yref": "container", "y": 0, "yanchor": "bottom"})
