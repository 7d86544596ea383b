"""Under the live video: what one face showed in the last minute."""

from itertools import pairwise

import numpy as np
import streamlit as st

from fer_core.charts import last_minute_figure
from fer_core.emotions import Emotion
from fer_core.live.history import SPAN_S, FaceHistory, Past
from fer_core.live.session import LiveSession
from ui.live.observers import own_history
from ui.live.video import Streamer
from ui.webrtc.pacing import wait_until_sent
from ui.widgets.figure import show_figure

REDRAW_S = 3.0
"""Drawing takes the interpreter for some 9 ms. At once a second it took a browser that shares the
machine with the video a fifth of a core."""

FACES_OFFERED = 4
_WORD_FITS = 9.0
"""Percent of the band: a word of eight letters on a phone takes about so much."""


def show_last_minute(stream: Streamer, live: LiveSession) -> None:
    """A band of the leading expression of a face that can be chosen, and a line for each class on
    demand; renewed by itself while a stream plays."""
    own = own_history(live)  # from the first visit on, so that the first minute is whole
    if stream.state.playing:
        st.fragment(_last_minute, run_every=REDRAW_S)(own)


def _last_minute(history: FaceHistory) -> None:
    tracks = history.tracks()[:FACES_OFFERED]
    if not tracks:
        return
    chosen = tracks[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**The last minute**", width="content")
        if len(tracks) > 1:
            chosen = _choose(tracks)
        lines = st.toggle("A line for each expression", key="live_minute_lines")
    past = history.past(chosen)
    # Text, which the browser changes in place: a chart would be built anew, and blink.
    st.html(band(past, chosen))
    caption = (
        f"What face {chosen} showed, {{}} three times a second, now at the right, with gaps where "
        "it was not seen."
    )
    if lines and len(past):
        show_figure(
            last_minute_figure(past),
            "live_minute",
            caption.format("each expression's share"),
            alt=f"Share of each of the seven expressions of face {chosen} over the last minute",
            only_clicks=True,
        )
    else:
        st.caption(caption.format("the leading expression"))
    wait_until_sent()


def leading(past: Past) -> list[tuple[float, float, Emotion]]:
    """Stretches of one leading expression: from and to in seconds before now, and which.

    A reading lasts until the next one, the newest until now.
    """
    found: list[tuple[float, float, Emotion]] = []
    for (start, end), row in zip(
        pairwise([*past.seconds.tolist(), 0.0]), past.probabilities, strict=True
    ):
        if np.isnan(row).any():
            continue
        emotion = Emotion(int(row.argmax()))
        if found and found[-1][1:] == (start, emotion):
            found[-1] = (found[-1][0], end, emotion)
        else:
            found.append((start, end, emotion))
    return found


def band(past: Past, face: int) -> str:
    """`leading` as a band of coloured stretches, the wide ones with their word, for `st.html`."""
    parts = leading(past)
    stretches = "".join(_stretch(start, end, emotion) for start, end, emotion in parts)
    order = dict.fromkeys(emotion.label for _, _, emotion in parts)
    words = f"Face {face} over the last minute, in this order: {', '.join(order) or 'nothing yet'}"
    return (
        f"<div role='img' aria-label='{words}' style='position:relative;height:1.7rem;"
        "border-radius:8px;overflow:hidden;background:rgba(128,128,128,.14)'>"
        f"{stretches}</div>"
    )


def _stretch(start_s: float, end_s: float, emotion: Emotion) -> str:
    style = emotion.style
    left, width = 100 * (1 + start_s / SPAN_S), 100 * (end_s - start_s) / SPAN_S
    word = emotion.label if width >= _WORD_FITS else ""
    return (
        f"<div title='{emotion.label}' style='position:absolute;left:{left:.1f}%;"
        f"width:{width:.1f}%;height:100%;background:{style.colour};color:{style.ink};"
        "box-shadow:inset 0 0 0 1px rgba(0,0,0,.28);font-size:.875rem;line-height:1.7rem;"
        f"text-align:center;overflow:hidden;white-space:nowrap'>{word}</div>"
    )


def _choose(tracks: tuple[int, ...]) -> int:
    # By number and not by time seen: buttons that swap places cannot be hit.
    choice = st.segmented_control(
        "Face",
        sorted(tracks),
        format_func=lambda track_id: f"Face {track_id}",
        key="live_minute_face",
        label_visibility="collapsed",
    )
    return int(choice) if choice in tracks else tracks[0]
