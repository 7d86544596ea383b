"""Confidence against accuracy, and what saying "unsure" buys."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from fer_core.charts.template import INK, empty_figure, new_figure, series_style
from fer_core.metrics import Reliability, RiskCoverage

_MOST_POINTS = 300
_LEAST_COVERAGE = 0.02
"""Left of it a handful of faces makes the curve jump without meaning."""


def reliability_figure(
    tables: Mapping[str, Reliability], *, title: str = "Confidence against accuracy"
) -> go.Figure:
    """Reliability diagram: on the dotted line confidence and accuracy agree.

    Args:
        tables: by name, for example before and after temperature scaling; the legend states ECE.
            None gives an empty figure.
        title: names the model.
    """
    if not tables:
        return empty_figure(title, "Reliability needs the true labels.")
    figure = new_figure(title, height_px=420)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="agreement",
        line={"dash": "dot", "color": INK, "width": 1.5},
        hoverinfo="skip",
    )
    for index, (name, table) in enumerate(tables.items()):
        style, filled = series_style(index), table.counts > 0
        counts = table.counts[filled]
        figure.add_scatter(
            x=table.confidence[filled],
            y=table.accuracy[filled],
            mode="lines+markers",
            name=f"{name} · ECE {table.ece:.3f}",
            line={"color": style.colour, "dash": style.dash, "width": 2},
            marker={
                "symbol": style.marker,
                # By area, so that a bin of a few faces does not look as certain as a full one.
                "size": 5 + 13 * np.sqrt(counts / counts.max()),
                "line": {"width": 1, "color": style.colour},
            },
            customdata=counts,
            hovertemplate=(
                f"{name}<br>says %{{x:.1%}}, is right in %{{y:.1%}}"
                " of %{customdata:,} images<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="confidence", range=[0, 1.03], tickformat=".0%", dtick=0.2)
    figure.update_yaxes(title_text="share right", range=[0, 1.03], tickformat=".0%", dtick=0.2)
    return figure


def risk_coverage_figure(
    curves: Mapping[str, RiskCoverage], thresholds: Mapping[str, float] | None = None
) -> go.Figure:
    """Errors among the answered faces against the share answered.

    Args:
        curves: by the model's name; none gives an empty figure.
        thresholds: the confidence, by the same name, at which a large marker is drawn.
    """
    title = "Errors against answers"
    if not curves:
        return empty_figure(title, "Error rates need the true labels.")
    figure = new_figure(title, height_px=420)
    for index, (name, curve) in enumerate(curves.items()):
        style = series_style(index)
        last = int((curve.coverage >= _LEAST_COVERAGE).sum()) - 1
        kept = np.unique(np.linspace(0, last, _MOST_POINTS).astype(int))
        figure.add_scatter(
            x=curve.coverage[kept],
            y=curve.risk[kept],
            mode="lines",
            name=name,
            legendgroup=name,
            line={"color": style.colour, "dash": style.dash, "width": 2},
            customdata=curve.thresholds[kept],
            hovertemplate=(
                f"{name}<br>at confidence %{{customdata:.2f}}: answers %{{x:.1%}},"
                f" %{{y:.1%}} of them wrong<br>of {curve.n:,} images<extra></extra>"
            ),
        )
        if thresholds and name in thresholds:
            coverage, risk = curve.at(thresholds[name])
            figure.add_scatter(
                x=[coverage],
                y=[risk],
                mode="markers",
                name=f"{name} at {thresholds[name]:.2f}",
                legendgroup=name,
                showlegend=False,
                marker={
                    "symbol": style.marker,
                    "size": 14,
                    "color": style.colour,
                    "line": {"width": 2, "color": "#FFFFFF"},
                },
                hovertemplate=(
                    f"{name} at {thresholds[name]:.2f}: answers %{{x:.1%}},"
                    " %{y:.1%} of them wrong<extra></extra>"
                ),
            )
    figure.update_xaxes(title_text="share of faces answered", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title_text="share of these wrong", rangemode="tozero", tickformat=".0%")
    return figure
