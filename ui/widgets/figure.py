"""A chart as every page shows it: with its caption, as PNG and as CSV."""

from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from fer_core.charts import figure_csv
from fer_core.charts.template import TEMPLATE
from ui.widgets.downloads import offer_file

_TOOLBAR_PX = 30
"""How high the tools are that Plotly shows over a chart's right upper corner."""


def show_figure(
    figure: go.Figure,
    key: str,
    caption: str,
    *,
    alt: str = "",
    only_clicks: bool = False,
    **options: Any,
) -> Any:
    """Draw a chart full width; under it on what it was measured, and its numbers to take away.

    Args:
        figure: to draw; it gets room for its tools, of which one keeps it as PNG.
        key: of the chart, of its button and in the names of its files.
        caption: Markdown.
        alt: the chart for people who do not see it; else its title and the caption.
        only_clicks: no zoom and no dragging, for charts in which a click goes to a moment or which
            are drawn anew all the time.
        options: of `st.plotly_chart`.

    Returns:
        What `st.plotly_chart` gives.
    """
    config: dict[str, Any] = {
        "displaylogo": False,
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": f"mien_{key}"},
    }
    if only_clicks:
        figure.update_layout(dragmode=False)
        config["modeBarButtons"] = [["toImage"]]
    _make_room_for_tools(figure)
    shown = st.plotly_chart(
        figure,
        height=figure.layout.height,  # its place, before Plotly's five megabytes are there
        key=f"chart_{key}",  # by which `ui/head` knows that its place is kept
        config=config,
        alt=alt or f"{figure.layout.title.text}. {caption}",
        **options,
    )
    if figure.data:
        _offer_numbers(figure, key, caption)
    return shown


def _offer_numbers(figure: go.Figure, key: str, caption: str) -> None:
    # No share of the width for the button: in half of a tablet's it would be cut off.
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(caption, width="stretch")
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
