"""The seven probabilities of one live face over its last minute."""

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fer_core.charts.table import EDGE
from fer_core.charts.template import darker, empty_figure, new_figure
from fer_core.emotions import Emotion
from fer_core.live.history import SPAN_S, Past


@lru_cache(maxsize=8)
def _layout(title: str) -> dict[str, Any]:
    figure = new_figure(title, height_px=230)
    figure.update_layout(
        margin={"l": 8, "r": 24, "t": 36 if title else 8, "b": 8},
        legend={"y": -0.32, "font": {"size": 12}, "itemwidth": 30},
        hovermode="x unified",
        # Hidden classes and the zoom stay as they are when the next second is drawn.
        uirevision="last minute",
        meta={"x": "seconds from now", "y": "probability"},
    )
    figure.update_xaxes(
        range=[-SPAN_S, 0],
        tickvals=[-60, -45, -30, -15, 0],
        ticktext=["60 s ago", "45", "30", "15", "now"],
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    layout: dict[str, Any] = figure.to_plotly_json()["layout"]
    return layout


def _line(emotion: Emotion, seconds: list[float], shares: list[float | None]) -> list[Any]:
    """Two traces of a class: the edge of its line, and over it the line itself."""
    shared = {
        "type": "scatter",
        "mode": "lines",
        "name": emotion.label,
        # The legend has the line; a click there hides its edge too.
        "legendgroup": emotion.label,
        "x": seconds,
        "y": shares,
        "connectgaps": False,
    }
    colour, dash = emotion.style.colour, emotion.style.dash
    # Plotly makes dashes of the same length up to this width.
    edge = {"color": darker(colour), "dash": dash, "width": 3}
    line = {"color": colour, "dash": dash, "width": 1.6}
    return [
        {**shared, "line": edge, "showlegend": False, "hoverinfo": "skip", "meta": EDGE},
        {**shared, "line": line, "hovertemplate": "%{y:.0%}"},
    ]


def last_minute_figure(past: Past, *, title: str = "") -> go.Figure:
    """One line for each class with a darker edge, and gaps where the face was not seen.

    Made in one piece, because it is drawn anew every few seconds beside a running video: 9 ms with
    sending, of which 6 are Plotly's checks; trace by trace it would be several times that.

    Args:
        past: a face's readings; none gives a frame without lines and a sentence.
        title: over the chart; "" leaves it out.
    """
    if not len(past):
        return empty_figure(title, "No reading yet.")
    seconds = np.round(past.seconds.astype(float), 2).tolist()
    shares = np.round(past.probabilities.astype(float), 3)
    return go.Figure(
        data=[
            trace
            for emotion in Emotion
            # JSON knows no NaN; null is Plotly's gap.
            for trace in _line(
                emotion,
                seconds,
                [None if value != value else value for value in shares[:, emotion].tolist()],
            )
        ],
        layout=_layout(title),
    )
