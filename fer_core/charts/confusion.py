"""Which class is taken for which: one matrix, and the difference of two."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from fer_core.charts.template import (
    CELL_INK,
    DIVERGING,
    SEQUENTIAL,
    empty_figure,
    new_figure,
    signed,
)
from fer_core.emotions import LABELS
from fer_core.errors import ContractError

_HEIGHT_PX = 430


def row_shares(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """(7, 7) counts as shares of each row's sum; a row without images stays 0."""
    return np.asarray(counts / counts.sum(axis=1, keepdims=True).clip(1), np.float64)


def confusion_figure(
    counts: ArrayLike, *, normalised: bool = True, title: str = "Which class is taken for which"
) -> go.Figure:
    """A confusion matrix: rows true, columns predicted.

    Args:
        counts: (7, 7) whole numbers; all 0 gives an empty figure.
        normalised: write shares of each true class instead of counts.
        title: names the model.

    Raises:
        ContractError: another shape.
    """
    table = _checked(counts, "confusion_figure")
    if not table.sum():
        return empty_figure(title, "No image has been counted.")
    shares = row_shares(table)
    figure = new_figure(title, height_px=_HEIGHT_PX)
    figure.add_heatmap(
        z=shares if normalised else table,
        x=list(LABELS),
        y=list(LABELS),
        customdata=np.stack(
            [table, shares, np.broadcast_to(table.sum(1)[:, None], (7, 7))], axis=-1
        ),
        text=[
            [
                f"{share:.0%}" if normalised else f"{count:,}"
                for count, share in zip(*row, strict=True)
            ]
            for row in zip(table, shares, strict=True)
        ],
        texttemplate="%{text}",
        textfont={"color": CELL_INK},
        hovertemplate=(
            "%{y} taken for %{x}<br>%{customdata[0]:,} of %{customdata[2]:,} images"
            " (%{customdata[1]:.1%})<extra></extra>"
        ),
        colorscale=SEQUENTIAL,
        zmin=0,
        zmax=1 if normalised else int(table.max()),
        showscale=False,
        xgap=2,
        ygap=2,
    )
    return _axes(figure)


def confusion_difference_figure(
    first: ArrayLike, second: ArrayLike, names: tuple[str, str]
) -> go.Figure:
    """Row shares of the first matrix less those of the second, in percentage points.

    On the diagonal blue is good for the first model, elsewhere orange is.

    Args:
        first: (7, 7) counts.
        second: (7, 7) counts of the other model.
        names: of both models.

    Raises:
        ContractError: another shape.
    """
    a, b = (
        _checked(first, "confusion_difference.first"),
        _checked(second, "confusion_difference.second"),
    )
    title = f"{names[0]} less {names[1]}"
    if not a.sum() or not b.sum():
        return empty_figure(title, "No image has been counted.")
    points = 100 * (row_shares(a) - row_shares(b))
    reach = max(float(np.abs(points).max()), 1.0)
    figure = new_figure(title, height_px=_HEIGHT_PX)
    figure.add_heatmap(
        z=points,
        x=list(LABELS),
        y=list(LABELS),
        customdata=np.stack([a, b], axis=-1),
        text=[[signed(value) for value in row] for row in points],
        texttemplate="%{text}",
        textfont={"color": CELL_INK},
        hovertemplate=(
            "%{y} taken for %{x}: %{z:+.1f} points<br>"
            f"{names[0]} %{{customdata[0]:,}}, {names[1]} %{{customdata[1]:,}} images"
            "<extra></extra>"
        ),
        colorscale=DIVERGING,
        zmin=-reach,
        zmax=reach,
        showscale=False,
        xgap=2,
        ygap=2,
    )
    return _axes(figure)


def _axes(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(title_text="predicted", showgrid=False, side="bottom")
    figure.update_yaxes(title_text="true", showgrid=False, autorange="reversed")
    return figure


def _checked(counts: ArrayLike, where: str) -> NDArray[np.int64]:
    table = np.asarray(counts)
    if table.shape != (len(LABELS), len(LABELS)) or not np.issubdtype(table.dtype, np.integer):
        raise ContractError(
            "not a confusion matrix",
            where=where,
            expected=f"({len(LABELS)}, {len(LABELS)}) counts",
            received=f"{table.shape} {table.dtype}",
        )
    return table.astype(np.int64)
