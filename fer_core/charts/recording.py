"""Recorded sessions: a face's timeline, how long it showed what, and what followed what."""

from collections.abc import Iterator, Mapping
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import (
    INK,
    darker,
    emotion_fill,
    emotion_pattern,
    empty_figure,
    new_figure,
)
from fer_core.emotions import LABELS, Emotion, valence
from fer_core.pipeline.recording import STATES, Recording, held

MOST_POINTS = 600
"""More than the chart has pixels would only be slow."""

_EDGE_S = 0.01
_LEFT_PX, _AXIS = 56, {"automargin": False}
"""The same for charts over one another, so that a moment is in the same place in both."""


def timeline_figure(recording: Recording, track_id: int) -> go.Figure:
    """The seven probabilities of a face over the recording, stacked, with markers and switches.

    Args:
        recording: what was recorded.
        track_id: of one of its faces; another one gives an empty figure.
    """
    figure = _of_face(recording, track_id, f"Face {track_id} over time", height_px=300)
    if track_id not in recording.track_ids:
        return figure
    seconds, rows = _outline(recording, track_id)
    for emotion in Emotion:
        figure.add_scatter(
            x=seconds,
            y=rows[:, emotion],
            name=emotion.label,
            mode="lines",
            stackgroup="classes",
            line={"color": darker(emotion.style.colour), "width": 0.6},
            fillcolor=emotion.style.colour,
            fillpattern=emotion_pattern(emotion),
            hovertemplate="%{y:.0%}",
        )
    for network in recording.networks[1:]:
        _line(figure, network.seconds, f"network: {network.model}")
    figure.update_yaxes(range=[0, 1], tickformat=".0%", tickvals=[0, 0.5, 1], **_AXIS)
    return figure.update_layout(
        margin_l=_LEFT_PX,
        hovermode="x unified",
        legend={"y": -0.3},
        meta={"y": "probability"},
    )


def _of_face(recording: Recording, track_id: int, title: str, *, height_px: int) -> go.Figure:
    """A figure over the recording's seconds with its markers; an empty one without that face."""
    if track_id not in recording.track_ids:
        return empty_figure(title, "No reading of this face.")
    figure = new_figure(title, height_px=height_px)
    figure.update_xaxes(title_text="seconds", range=[0, max(recording.duration_s, 1.0)])
    for marker in recording.markers:
        _line(figure, marker.seconds, marker.label)
    return figure


def _line(figure: go.Figure, seconds: float, words: str) -> None:
    figure.add_vline(
        seconds,
        line={"color": INK, "width": 1.5, "dash": "dot"},
        # Above the areas: on their colours no one ink can be read.
        annotation={
            "text": escape(words),
            "font": {"size": 11},
            "y": 1.0,
            "yanchor": "bottom",
            "xanchor": "center",
        },
    )


def valence_figure(recording: Recording, track_id: int) -> go.Figure:
    """Valence of a face over the recording, with gaps while it was not seen.

    See `fer_core.emotions.valence`: derived, not read.

    Args:
        recording: what was recorded.
        track_id: of one of its faces; another one gives an empty figure.
    """
    figure = _of_face(recording, track_id, f"Valence of face {track_id}, derived", height_px=200)
    mine = recording.track_ids == track_id
    if not mine.any():
        return figure
    values = np.asarray(valence(recording.smoothed[mine])[:, None], np.float32)
    gap = np.full((1, 1), np.nan, np.float32)
    seconds: list[float] = []
    rows: list[NDArray[np.float32]] = []
    for times, means, end in _seen(recording, track_id, values):
        seconds += [*times, end, end]
        rows += [means, means[-1:], gap]
    figure.add_scatter(
        x=np.array(seconds),
        y=np.concatenate(rows)[:, 0],
        name="valence",
        mode="lines",
        connectgaps=False,
        line={"color": INK, "width": 1.6},
        hovertemplate="%{y:+.2f} at %{x:.1f} s<extra></extra>",
    )
    figure.update_yaxes(
        range=[-1.05, 1.05], tickvals=[-1, 0, 1], tickformat="+.0f", zeroline=True, **_AXIS
    )
    return figure.update_layout(margin_l=_LEFT_PX, showlegend=False, meta={"y": "valence"})


def _seen(
    recording: Recording, track_id: int, values: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float32], float]]:
    """A face's values, each time that it was seen: they end as `held` says.

    Args:
        recording: with n readings of the face.
        track_id: the face's.
        values: (n, c) float32.

    Yields:
        (k,) seconds; (k, c) means of as many readings as one point of the chart has; the end.
    """
    begins, ends, away = held(recording, track_id)
    size = -(-len(begins) // MOST_POINTS)
    for seen in np.split(np.arange(len(begins)), np.flatnonzero(away)[:-1] + 1):
        starts = np.arange(0, len(seen), size)
        counts = np.diff(np.append(starts, len(seen)))
        times = begins[seen][starts]
        sums = np.add.reduceat(values[seen], starts)
        means = np.asarray(sums / counts[:, None], np.float32)
        yield times, means, max(ends[seen[-1]], times[-1] + _EDGE_S)


def _outline(
    recording: Recording, track_id: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """What is drawn of a face, with zeros around times without it.

    Stacked areas would bridge these, NaN or not. They are those that `held` leaves out, as times
    and transitions do.
    """
    probabilities = recording.smoothed[recording.track_ids == track_id]
    nothing = np.zeros((1, len(LABELS)), np.float32)
    seconds: list[float] = []
    rows: list[NDArray[np.float32]] = []
    for times, means, end in _seen(recording, track_id, probabilities):
        seconds += [times[0] - _EDGE_S, *times, end, end + _EDGE_S]
        rows += [nothing, means, means[-1:], nothing]
    # Beside the first and the last time that it was seen, nothing needs a zero.
    return np.array(seconds[1:-1]), np.concatenate(rows[1:-1])


def dwell_figure(seconds: Mapping[str, float]) -> go.Figure:
    """How long each state lasted altogether, as bars.

    Args:
        seconds: by state, as `fer_core.pipeline.recording.dwell_seconds` gives.
    """
    title = "How long each was shown"
    total = sum(seconds.values())
    if not total:
        return empty_figure(title, "No reading of this face.")
    figure = new_figure(title, height_px=300)
    for state, value in seconds.items():
        known = state in LABELS
        fill = emotion_fill(Emotion(LABELS.index(state))) if known else {"color": INK}
        figure.add_bar(
            y=[state],
            x=[value],
            orientation="h",
            marker=fill,
            text=[f"{value:.1f} s · {value / total:.0%}"],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1f} s<extra></extra>",
            name=state,
        )
    figure.update_xaxes(title_text="seconds", range=[0, 1.35 * max(seconds.values())])
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(showlegend=False, bargap=0.25)


def transitions_figure(counts: NDArray[np.int64]) -> go.Figure:
    """How often one state directly followed another.

    Args:
        counts: (8, 8) in the order of `STATES`, rows before, columns after.
    """
    title = "What followed what"
    if not counts.sum():
        return empty_figure(title, "The expression shown did not change.")
    return heatmap_figure(
        title,
        counts,
        rows=STATES,
        columns=STATES,
        height_px=340,
        text=np.where(counts, counts.astype(str), ""),
        measure="times",
        hover="%{y}, then %{x}: %{z} times",
        row_title="first",
        column_title="then",
    )
