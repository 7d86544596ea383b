"""A chart's numbers as CSV, so that nobody has to read them off a picture."""

import csv
import io
from typing import Any

import numpy as np
import plotly.graph_objects as go


def figure_csv(figure: go.Figure) -> str:
    """One line for each point or cell drawn: series, x, y, value; "" for an empty figure.

    ``value`` is filled for cells of a matrix; for points it is empty.
    """
    rows = [line for trace in figure.data for line in _lines(trace)]
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["series", "x", "y", "value"])
    writer.writerows(rows)
    return text.getvalue()


def _lines(trace: Any) -> list[list[object]]:
    name = trace.name or ""
    if trace.type == "heatmap":
        return [
            [name, x, y, _plain(value)]
            for y, row in zip(trace.y, trace.z, strict=True)
            for x, value in zip(trace.x, row, strict=True)
        ]
    return [[name, _plain(x), _plain(y), ""] for x, y in zip(trace.x, trace.y, strict=True)]


def _plain(value: object) -> object:
    """Without NumPy's own way of writing numbers; an empty cell for "not a number"."""
    value = value.item() if isinstance(value, np.generic) else value
    return "" if isinstance(value, float) and np.isnan(value) else value
