"""What was read from a video: player, timeline, shares of time and files to take away."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fer_core.charts import timeline_figure
from fer_core.emotions import valence
from fer_core.faces.tracking import KEEP_S
from fer_core.pipeline.export import annotated_name
from fer_core.pipeline.recording import (
    STATES,
    Recording,
    dwell_seconds,
    held,
    recording_json,
    stretches,
)
from fer_core.pipeline.video import VideoReading
from fer_core.pipeline.video_export import VIDEO_COLUMNS, video_csv
from ui.videos.job import EVERY, Outcome
from ui.widgets.downloads import offer_columns
from ui.widgets.figure import show_figure
from ui.widgets.playhead import move_together
from ui.widgets.recorded import show_dwell, show_transitions, show_valence
from ui.widgets.texts import literal
from ui.widgets.timeline import clock, timeline_words

PLAYER, TIMELINE = "videos_player", "videos_timeline"
"""Keys of the places of the video and of the chart under it."""

_TALL_PX = 460
_STILL_PX = 150
"""Four of them fill a row beside the chart, two one of a phone."""

_NO_FACE = (
    "**No face was found in this video.** What helps: faces turned to the camera, upright, well "
    "lit and at least 40 pixels wide; or the other face detector, under *Network, face detector, "
    "frames to read*."
)


def show_result(outcome: Outcome, *, discard: Callable[[], None]) -> None:
    """All of it, within one border.

    Args:
        outcome: what was read.
        discard: what its button does.
    """
    with st.container(border=True):
        _show_summary(outcome, discard)
        if len(outcome.reading.recording):
            st.fragment(_show_faces)(outcome)
            _show_shares(outcome)
        else:
            _show_player(outcome)
            st.info(_NO_FACE, icon=":material/search_off:")


def _show_summary(outcome: Outcome, discard: Callable[[], None]) -> None:
    reading = outcome.reading
    faces = len(reading.recording.tracks)
    # `st.text` knows no Markdown: a name is shown letter by letter.
    st.text(
        f"{outcome.name} · {reading.width} x {reading.height} · {clock(reading.seconds)} · "
        f"{reading.frames_read:,} of {reading.frames:,} frames read · "
        f"{faces} {'face' if faces == 1 else 'faces'}"
    )
    with st.container(horizontal=True):
        _show_downloads(outcome)
        st.button("Discard", icon=":material/delete:", key="videos_discard", on_click=discard)
    for note in reading.notes:
        st.info(literal(note), icon=":material/info:")


def _show_downloads(outcome: Outcome) -> None:
    recording = outcome.reading.recording
    stem = Path(annotated_name(outcome.name, set())).stem
    # Made when it is clicked, and without running the page again.
    make = partial(st.download_button, on_click="ignore")
    make(
        "Video (MP4)",
        outcome.mp4,
        file_name=f"{stem}.mp4",
        mime="video/mp4",
        icon=":material/movie:",
        key="videos_mp4",
    )
    make(
        "Table (CSV)",
        partial(video_csv, outcome.reading),
        file_name=f"{stem}.csv",
        mime="text/csv",
        icon=":material/table:",
        key="videos_csv",
    )
    offer_columns(VIDEO_COLUMNS, f"{stem}.csv", key="videos_columns")
    make(
        "Data (JSON)",
        partial(recording_json, recording),
        file_name=f"{stem}.json",
        mime="application/json",
        icon=":material/data_object:",
        key="videos_json",
    )


def _show_player(outcome: Outcome) -> None:
    reading = outcome.reading
    wide = reading.width > 1.2 * reading.height
    st.video(
        outcome.mp4,
        alt=f"{outcome.name}, faces marked",
        width="stretch" if wide else round(_TALL_PX * reading.width / reading.height),
    )


def _show_faces(outcome: Outcome) -> None:
    """Player, and one face's times, timeline and stills; the timeline moves with the player."""
    recording = outcome.reading.recording
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key=PLAYER):
        _show_player(outcome)
    with right:
        track_id = int(
            st.selectbox(
                "Face",
                recording.tracks,
                format_func=lambda track: f"Face {track}",
                key="videos_face",
                width=180,
            )
        )
        parts = stretches(recording, track_id)
        show_dwell(parts, track_id, "videos_dwell")
    with st.container(key=TIMELINE):
        show_figure(
            timeline_figure(recording, track_id),
            f"videos_timeline_{track_id}",
            f"Expression shown by face {track_id}, as {literal(outcome.reading.model)} reads it: "
            f"{EVERY[outcome.reading.every]} of the video. **Click, and the video plays from "
            "there.**",
            alt=timeline_words(recording, track_id),
            only_clicks=True,
        )
        show_valence(recording, track_id, f"videos_valence_{track_id}", only_clicks=True)
    move_together(PLAYER, [TIMELINE])
    stills, followed = st.columns([3, 2], gap="medium")
    with stills:
        _show_stills(outcome.reading, track_id)
    with followed:
        show_transitions(parts, track_id, "videos_transitions")


def _show_stills(reading: VideoReading, track_id: int) -> None:
    stills = [still for still in reading.stills if still.track_id == track_id]
    if not stills:
        return
    st.markdown(f"**Face {track_id} at its clearest**")
    with st.container(horizontal=True, gap="small"):
        for still in stills:
            with st.container(width=_STILL_PX, gap="xsmall"):
                st.image(still.rgb, alt=f"Face {track_id}, {still.emotion.label}")
                st.markdown(
                    f"{still.emotion.style.emoji} **{still.emotion.label}**  \n"
                    f":small[{still.confidence:.0%} at {clock(still.seconds)}]"
                )


def _show_shares(outcome: Outcome) -> None:
    with st.expander("Share of time, face by face", icon=":material/table:", expanded=True):
        table = shares_table(outcome.reading)
        decimals: dict[Any, str | Callable[[object], str] | None] = {
            **dict.fromkeys(STATES, "{:.1%}"),
            "seconds seen": "{:.1f}",
            "valence": "{:+.2f}",
        }
        st.dataframe(table.style.format(decimals), hide_index=True)
        st.caption(
            "Of the time in which the face was seen. Valence, the mean over that time, is derived: "
            "*happy* less the strongest of *angry*, *disgust*, *fear* and *sad*. A face that "
            f"leaves the view for more than {KEEP_S} seconds, in a slide show for more than one "
            "and a half slides, comes back under a new number."
        )


def shares_table(reading: VideoReading) -> pd.DataFrame:
    """One row a face, the one seen longest first: face, seconds seen, share of each state, and
    the mean valence over the time in which it was seen."""
    rows = []
    for track_id in reading.recording.tracks:
        dwell = dwell_seconds(stretches(reading.recording, track_id))
        seen_s = sum(dwell.values())
        rows.append(
            {"face": track_id, "seconds seen": seen_s}
            | {state: value / seen_s for state, value in dwell.items()}
            | {"valence": _mean_valence(reading.recording, track_id)}
        )
    return pd.DataFrame(rows, columns=["face", "seconds seen", *STATES, "valence"])


def _mean_valence(recording: Recording, track_id: int) -> float:
    """Each reading counts for as long as it held."""
    begins, ends, _ = held(recording, track_id)
    values = valence(recording.smoothed[recording.track_ids == track_id])
    return float(np.average(values, weights=np.maximum(ends - begins, 1e-9)))
