"""Who is to be seen when in a recording: a lane for each face, with what was mended."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

import cv2
import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fer_core.charts.template import INK, emotion_fill, empty_figure, new_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.pipeline.recording import STATES, Recording, stretches

LANES_LEFT_PX = 130
"""What is left of the lanes: names and key pictures."""

_LANE_PX, _AROUND_PX = 52, 130
_LEFT_OUT, _BASELINE = "rgba(120,120,120,0.35)", "rgba(15,107,102,0.18)"
MOST_STRETCHES = 3000
"""In all lanes together; shorter ones are left out, which are narrower than a pixel then."""


def lanes_figure(
    recording: Recording,
    names: Mapping[int, str],
    *,
    pictures: Mapping[int, NDArray[np.uint8]] | None = None,
    ignored: Sequence[int] = (),
    excluded: Sequence[tuple[float, float]] = (),
    baseline: tuple[float, float] | None = None,
) -> go.Figure:
    """A lane for each face over time, coloured by what it shows; dragging marks a stretch.

    Args:
        recording: with everybody in it; its markers are the events.
        names: of faces by track id.
        pictures: of faces by track id, (h, w, 3) uint8 RGB, shown before their lanes.
        ignored: faces that do not count: pale.
        excluded: stretches that are left out, seconds: grey.
        baseline: the stretch to compare with, seconds.
    """
    title = "Who is to be seen when"
    if not len(recording):
        return empty_figure(title, "No face was found in this recording.")
    lanes = [_lane(track_id, names) for track_id in recording.tracks]
    figure = new_figure(title, height_px=_AROUND_PX + _LANE_PX * len(lanes))
    _add_stretches(figure, recording, lanes, ignored)
    _add_marks(figure, recording, excluded, baseline)
    for row, track_id in enumerate(recording.tracks):
        if pictures and track_id in pictures:
            figure.add_layout_image(
                source=_data_address(pictures[track_id]),
                **{"xref": "paper", "yref": "y", "x": 0, "y": row},
                **{"sizex": 0.3, "sizey": 0.9, "xanchor": "right", "yanchor": "middle"},
            )
    figure.update_xaxes(title_text="seconds", range=[0, max(recording.duration_s, 1.0)])
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=lanes,
        range=[len(lanes) - 0.5, -0.5],
        showgrid=False,
        ticklabelstandoff=52 if pictures else 4,
    )
    return figure.update_layout(
        barmode="overlay",
        bargap=0.35,
        dragmode="select",
        selectdirection="h",
        margin_l=LANES_LEFT_PX,
        legend={"yref": "container", "y": 0, "yanchor": "bottom"},
        meta={"y": "face"},
    )


def _lane(track_id: int, names: Mapping[int, str]) -> str:
    name = names.get(track_id)
    return escape(f"{name} ({track_id})" if name else f"face {track_id}")


def _add_stretches(
    figure: go.Figure, recording: Recording, lanes: Sequence[str], ignored: Sequence[int]
) -> None:
    """One trace a state, so that each is once in the legend."""
    parts = [
        (lane, track_id, part)
        for lane, track_id in zip(lanes, recording.tracks, strict=True)
        for part in stretches(recording, track_id)
    ]
    parts = sorted(parts, key=lambda each: each[2].start_s - each[2].end_s)[:MOST_STRETCHES]
    for state, words in enumerate(STATES):
        own = sorted(
            (each for each in parts if each[2].state == state),
            key=lambda each: (each[1], each[2].start_s),
        )
        if not own:
            continue
        known = words in LABELS
        fill = emotion_fill(Emotion(state)) if known else {"color": INK}
        figure.add_bar(
            orientation="h",
            name=words,
            y=[lane for lane, _, _ in own],
            base=[part.start_s for _, _, part in own],
            x=[part.end_s - part.start_s for _, _, part in own],
            customdata=[[part.start_s, part.end_s] for _, _, part in own],
            marker={
                **fill,
                "opacity": [0.25 if track_id in ignored else 1.0 for _, track_id, _ in own],
            },
            hovertemplate=f"%{{y}}: {words}<br>%{{customdata[0]:.1f}} to %{{customdata[1]:.1f}} s"
            "<extra></extra>",
            # A stretch that is marked must not make the others pale.
            unselected={"marker": {"opacity": 1.0}},
        )


def _add_marks(
    figure: go.Figure,
    recording: Recording,
    excluded: Sequence[tuple[float, float]],
    baseline: tuple[float, float] | None,
) -> None:
    for start_s, end_s in excluded:
        figure.add_vrect(start_s, end_s, fillcolor=_LEFT_OUT, line_width=0)
    if baseline is not None:
        figure.add_vrect(*baseline, fillcolor=_BASELINE, line={"width": 1, "dash": "dash"})
    for marker in recording.markers:
        figure.add_vline(
            marker.seconds,
            line={"color": INK, "width": 1, "dash": "dot"},
            annotation={"text": escape(marker.label), "y": 1.0, "yanchor": "bottom"},
        )


def _data_address(rgb: NDArray[np.uint8]) -> str:
    done, png = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    assert done
    return f"data:image/png;base64,{base64.b64encode(png.tobytes()).decode()}"
