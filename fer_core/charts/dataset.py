"""What the data set holds: classes by split, labels against FER+, light and contrast."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import (
    INK,
    darker,
    emotion_fill,
    empty_figure,
    label_axes,
    new_figure,
)
from fer_core.dataset import MAJORITIES, FerPlusCounts, Spread
from fer_core.emotions import LABELS, Emotion

_GAP = 0.03
"""Between the panels of one chart, as a share of its width."""


def class_counts_figure(
    counts: Mapping[str, Mapping[str, int]], *, shares: bool = False
) -> go.Figure:
    """A panel for each split, a bar for each class, on one scale.

    Args:
        counts: images by split and class; {} or all 0 gives an empty figure.
        shares: draw shares of each split instead of counts.
    """
    title = "Shares of the classes in each split" if shares else "Images of each class and split"
    if not any(sum(row.values()) for row in counts.values()):
        return empty_figure(title, "No image has been counted.")
    figure = new_figure(title, height_px=340)
    width = (1 + _GAP) / len(counts)
    values = {
        split: np.array([row[label] for label in LABELS]) / (max(sum(row.values()), 1) ** shares)
        for split, row in counts.items()
    }
    reach = 1.38 * max(float(row.max()) for row in values.values())
    for index, (split, row) in enumerate(counts.items()):
        axis = "x" if index == 0 else f"x{index + 1}"
        total = sum(row.values())
        figure.add_bar(
            x=values[split].tolist(),
            y=list(LABELS),
            orientation="h",
            xaxis=axis,
            marker={
                "color": [emotion.style.colour for emotion in Emotion],
                "line": {
                    "color": [darker(emotion.style.colour) for emotion in Emotion],
                    "width": 1.2,
                },
            },
            text=[f"{value:.1%}" if shares else f"{value:,.0f}" for value in values[split]],
            textposition="outside",
            cliponaxis=False,
            customdata=[[row[label], row[label] / max(total, 1)] for label in LABELS],
            hovertemplate=(
                f"{split}, %{{y}}: %{{customdata[0]:,}} of {total:,} images"
                " (%{customdata[1]:.1%})<extra></extra>"
            ),
            name=split,
        )
        figure.update_layout(
            {
                axis.replace("x", "xaxis"): {
                    "domain": [index * width, index * width + width - _GAP],
                    "range": [0, reach],
                    "tickformat": ".0%" if shares else ",",
                    "nticks": 4,
                    "title": {"text": "share of the split" if shares else "images"},
                }
            }
        )
        figure.add_annotation(
            text=f"<b>{split}</b> · {total:,}",
            x=0,
            xref=f"{axis} domain",
            xanchor="left",
            y=1,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
        )
    label_axes(figure).update_yaxes(autorange="reversed", showgrid=False)
    return figure.update_layout(showlegend=False, bargap=0.25, margin={"t": 76})


def ferplus_figure(counts: FerPlusCounts | None) -> go.Figure:
    """Rows: FER2013's label; columns: what most FER+ voters say, in shares of the row."""
    title = "What most of ten voters say, for each label"
    if counts is None or not counts.table.sum():
        return empty_figure(title, "No FER+ votes were imported.")
    table = counts.table
    totals = table.sum(axis=1, keepdims=True)
    shares = table / totals.clip(1)
    return heatmap_figure(
        title,
        shares,
        rows=LABELS,
        columns=MAJORITIES,
        height_px=430,
        about=np.stack([table, np.broadcast_to(totals, table.shape)], axis=-1),
        # A percentage under a half would only be read as "none".
        text=[[f"{share:.0%}" if share >= 0.005 else "" for share in row] for row in shares],
        measure="share of the label's images",
        hover="labelled %{y}, FER+ says %{x}<br>%{customdata[0]:,} of %{customdata[1]:,} images"
        " (%{z:.1%})",
        low=0,
        high=1,
        row_title="FER2013 label",
        column_title="FER+ majority",
    )


def ferplus_agreement_figure(counts: FerPlusCounts | None) -> go.Figure:
    """One bar a class: the share of its labels that most FER+ voters share."""
    title = "Labels that most voters share"
    if counts is None or not counts.table.sum():
        return empty_figure(title, "No FER+ votes were imported.")
    figure = new_figure(title, height_px=330)
    for emotion, row in zip(Emotion, counts.table, strict=True):
        agreed, total = int(row[emotion]), int(row.sum())
        share = agreed / max(total, 1)
        figure.add_bar(
            x=[share],
            y=[emotion.label],
            orientation="h",
            marker=emotion_fill(emotion),
            text=[f"{share:.0%}"],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=(
                f"{emotion.label}: {agreed:,} of {total:,} labels ({share:.1%})<extra></extra>"
            ),
            name=emotion.label,
        )
    figure.add_vline(counts.agreement, line={"dash": "dot", "width": 1.5, "color": INK})
    figure.update_xaxes(title_text="share of the label's images", range=[0, 1.12])
    figure.update_xaxes(tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure.update_layout(showlegend=False, bargap=0.25)


def spread_figure(spreads: Mapping[str, Spread], *, title: str, axis: str) -> go.Figure:
    """A line for each class: median as its marker, thick to the quartiles, thin to 5 and 95 %.

    Args:
        spreads: by class; classes may be missing, {} gives an empty figure.
        title: of the chart.
        axis: what is measured, with its unit.
    """
    if not spreads:
        return empty_figure(title, "No image has been measured.")
    figure = new_figure(title, height_px=320)
    shown = [emotion for emotion in Emotion if emotion.label in spreads]
    names = [emotion.label for emotion in shown]
    values = [spreads[name] for name in names]
    fills = [emotion.style.colour for emotion in shown]
    edges = [darker(fill) for fill in fills]
    # A trace for all classes: one for each takes a browser ten times as long.
    for name, ranges, colours, width in (
        ("5 to 95 %", [(each.low, each.high) for each in values], edges, 0.05),
        ("middle half", [(each.lower, each.upper) for each in values], fills, 0.25),
    ):
        figure.add_bar(
            x=[high - low for low, high in ranges],
            base=[low for low, _ in ranges],
            y=names,
            orientation="h",
            width=width,
            marker={"color": colours, "line": {"width": 0}},
            hoverinfo="skip",
            name=name,
        )
    figure.add_scatter(
        x=[spread.middle for spread in values],
        y=names,
        mode="markers",
        marker={
            "symbol": "circle",
            "size": 11,
            "color": "#FFFFFF",
            "line": {"color": edges, "width": 2.5},
        },
        hovertext=[
            f"{name}: median {spread.middle:.1f}<br>half of the images"
            f" {spread.lower:.1f} to {spread.upper:.1f}, nine of ten {spread.low:.1f} to"
            f" {spread.high:.1f}"
            for name, spread in zip(names, values, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        name="median",
    )
    reach = max(spread.high for spread in spreads.values())
    figure.update_xaxes(title_text=axis, range=[0, 1.05 * reach])
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure.update_layout(showlegend=False, barmode="overlay")
