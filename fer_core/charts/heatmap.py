"""A matrix as coloured cells with their values written in them: the one way to draw one."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from fer_core.charts.template import CELL_INK, SEQUENTIAL, new_figure


def heatmap_figure(
    title: str,
    values: Any,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    height_px: int,
    hover: str,
    measure: str,
    about: Any = None,
    text: Any = None,
    cell: str = "%{text}",
    scale: Sequence[tuple[float, str]] = SEQUENTIAL,
    low: float | None = None,
    high: float | None = None,
    row_title: str | None = None,
    column_title: str | None = None,
) -> go.Figure:
    """Draw (m, n) values, the first row on top.

    Args:
        title: of the figure.
        values: (m, n) numbers; a cell that is NaN or None stays empty.
        rows, columns: m and n names.
        height_px: of the figure.
        hover: Plotly's template of what a cell says when it is pointed at.
        measure: what a cell's number is, the name of its column in `figure_csv`.
        about: (m, n) or (m, n, k), the template's ``customdata``.
        text: (m, n) words for ``%{text}``.
        cell: Plotly's template of what is written in a cell.
        scale: colours from lowest to highest.
        low, high: values with the outer colours; None: those of ``values``.
        row_title, column_title: of the axes; None: without.
    """
    figure = new_figure(title, height_px=height_px)
    figure.add_heatmap(
        z=values,
        x=list(columns),
        y=list(rows),
        customdata=about,
        text=text,
        texttemplate=cell,
        textfont={"color": CELL_INK},
        hovertemplate=f"{hover}<extra></extra>",
        hoverongaps=False,
        colorscale=scale,
        zmin=low,
        zmax=high,
        showscale=False,
        xgap=2,
        ygap=2,
    )
    figure.update_layout(meta={"value": measure})
    # Names that look like numbers stay names.
    figure.update_xaxes(title_text=column_title, type="category", showgrid=False)
    return figure.update_yaxes(
        title_text=row_title, type="category", showgrid=False, autorange="reversed"
    )
