"""A chart as the Compare page shows it: with its caption, as PNG and as CSV."""

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from fer_core.charts import figure_csv
from fer_core.charts.template import TEMPLATE
from ui.widgets.downloads import offer_file

_TOOLBAR_PX = 30
"""How high the tools are that Plotly shows over a chart's right upper corner."""


def show_figure(figure: go.Figure, key: str, caption: str) -> None:
    """Draw a chart full width; under it on what it was measured, and its numbers to take away."""
    _make_room_for_tools(figure)
    st.plotly_chart(
        figure,
        height=figure.layout.height,  # its place, before Plotly's five megabytes are there
        key=f"chart_{key}",  # `ui/head` knows by this that its place is kept
        config={
            "displaylogo": False,
            "toImageButtonOptions": {"format": "png", "scale": 2, "filename": f"mien_{key}"},
        },
        alt=f"{figure.layout.title.text}. {caption}",
    )
    if not figure.data:
        return
    text, download = st.columns([5, 1], vertical_alignment="center")
    text.caption(caption)
    with download:
        offer_file(
            "CSV",
            partial(figure_csv, figure),
            f"mien_{key}.csv",
            key=f"csv_{key}",
            help="The numbers of this chart.",
            quiet=True,
        )


def _make_room_for_tools(figure: go.Figure) -> None:
    """Title and plot further down: on a phone the tools are always there, and covered the title."""
    top = figure.layout.margin.t or TEMPLATE.layout.margin.t
    figure.update_layout(
        height=figure.layout.height + _TOOLBAR_PX,
        margin_t=top + _TOOLBAR_PX,
        title={"yref": "container", "y": 1, "yanchor": "top", "pad": {"t": _TOOLBAR_PX + 4}},
    )
