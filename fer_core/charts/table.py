"""A chart's numbers as a table to take away."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fer_core.emotions import LABELS, UNSURE

EDGE = "edge"
"""A trace's ``meta``: it is the outline of the next one and has the same numbers."""


def figure_csv(figure: go.Figure) -> str:
    """One line for each point, bar or cell drawn; "" for an empty figure.

    The columns are ``series``, where a trace has a name; what lies along the axes, by the words of
    their titles, else by what stands there (``expression``, ``name``) or what the chart says in
    ``layout.meta`` ({"x": ..., "y": ..., "value": ...}); and ``value`` of a matrix's cells. Where
    lying bars do not begin at 0, ``from`` and ``to`` stand before the word of their axis, and a
    point is from where it is to there.
    """
    traces = [trace for trace in figure.data if trace.meta != EDGE]
    lines = [line for trace in traces for line in _lines(trace)]
    if not lines:
        return ""
    x, y = _named(figure, "x"), _named(figure, "y")
    value = _meta(figure, "value") or "value"
    spans = any(trace.type == "bar" and trace.base is not None for trace in traces)
    to = f"to {x}" if spans else x
    names = ["series", f"from {x}", to, y if y != x else f"other {y}", value]
    kept = [column for column in (0, 4) if any(line[column] not in ("", None) for line in lines)]
    kept = sorted([*kept, 2, 3, *([1] if spans else [])])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([names[column] for column in kept])
    writer.writerows([[line[column] for column in kept] for line in lines])
    return text.getvalue()


def _named(figure: go.Figure, axis: str) -> str:
    """What lies along the ``x`` or ``y`` axes of a chart, which may have several panels."""
    own = {(trace[f"{axis}axis"] or axis).replace(axis, f"{axis}axis") for trace in figure.data}
    titles = {figure.layout[name].title.text for name in own} - {None, ""}
    if (said := _meta(figure, axis)) or len(titles) == 1:
        return said or str(titles.pop())
    values = [value for trace in figure.data for value in trace[axis]]
    return _kind(values, axis)


def _kind(values: Iterable[object], axis: str) -> str:
    words = {value for value in values if isinstance(value, str)}
    if words and words <= {*LABELS, UNSURE}:
        return "expression"
    return "name" if words else axis


def _meta(figure: go.Figure, name: str) -> str:
    return str((figure.layout.meta or {}).get(name, ""))


def _lines(trace: Any) -> list[list[object]]:
    """Series, from x, to x, y and value, a line each."""
    name = trace.name or ""
    if trace.type == "heatmap":
        return [
            [name, x, x, y, _plain(value)]
            for y, row in zip(trace.y, trace.z, strict=True)
            for x, value in zip(trace.x, row, strict=True)
        ]
    if trace.type == "bar" and trace.base is not None:
        return [
            [name, _plain(start), _plain(start + length), _plain(y), ""]
            for start, length, y in zip(trace.base, trace.x, trace.y, strict=True)
        ]
    return [
        [name, _plain(x), _plain(x), _plain(y), ""] for x, y in zip(trace.x, trace.y, strict=True)
    ]


def _plain(value: object) -> object:
    """Without NumPy's own way of writing numbers; an empty cell for "not a number"."""
    value = value.item() if isinstance(value, np.generic) else value
    return "" if isinstance(value, float) and np.isnan(value) else value
