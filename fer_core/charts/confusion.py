"""Which class is taken for which: one matrix, and the difference of two."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import (
    DIVERGING,
    empty_figure,
    signed,
)
from fer_core.emotions import LABELS
from fer_core.errors import ContractError

_TRUE_BY_PREDICTED: dict[str, Any] = {
    "rows": LABELS,
    "columns": LABELS,
    "height_px": 430,
    "row_title": "true",
    "column_title": "predicted",
}


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
    return heatmap_figure(
        title,
        shares if normalised else table,
        about=np.stack([table, shares, np.broadcast_to(table.sum(1)[:, None], (7, 7))], axis=-1),
        text=[
            [
                f"{share:.0%}" if normalised else f"{count:,}"
                for count, share in zip(*row, strict=True)
            ]
            for row in zip(table, shares, strict=True)
        ],
        measure="share of the true class" if normalised else "images",
        hover="%{y} taken for %{x}<br>%{customdata[0]:,} of %{customdata[2]:,} images"
        " (%{customdata[1]:.1%})",
        low=0,
        high=1 if normalised else int(table.max()),
        **_TRUE_BY_PREDICTED,
    )


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
    return heatmap_figure(
        title,
        points,
        about=np.stack([a, b], axis=-1),
        text=[[signed(value) for value in row] for row in points],
        measure="difference, points",
        hover="%{y} taken for %{x}: %{z:+.1f} points<br>"
        f"{names[0]} %{{customdata[0]:,}}, {names[1]} %{{customdata[1]:,}} images",
        scale=DIVERGING,
        low=-reach,
        high=reach,
        **_TRUE_BY_PREDICTED,
    )


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
