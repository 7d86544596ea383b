"""One recording: its faces as lanes over time, the moment under the playhead, and mending."""

from pathlib import Path

import streamlit as st

from fer_core.charts import lanes_figure, timeline_figure
from fer_core.charts.tracks import LANES_LEFT_PX
from fer_core.errors import MienError
from fer_core.studies import MendedRecording, Study, StudyRecording
from fer_core.studies.results import state_of
from ui import caches
from ui.studies.mending import (
    show_edits,
    show_face_edits,
    show_fault,
    show_moment_edits,
    show_stretch_edits,
    show_taking_in,
)
from ui.widgets.texts import literal
from ui.widgets.timeline import clickable, clock, timeline_words

MOST_LANES = 8
"""Faces with a key picture; each has to be looked for in the file."""

_PLAYABLE = (".mp4", ".m4v", ".mov", ".webm")
_MOST_PLAYED_BYTES = 200_000_000
# Streamlit holds the file in memory while a page shows it.


def show_recording(study: Study, recording: StudyRecording) -> None:
    """All of it, or why it cannot be shown."""
    st.subheader(literal(recording.name))
    state = state_of(study)
    try:
        mended = caches.mended_recording(study.name, recording.name, state)
    except MienError as error:
        st.info(literal(str(error)), icon=":material/hourglass_empty:")
        return
    _show_state(mended)
    playhead = f"studies_playhead_{study.name}_{recording.name}"
    st.session_state.setdefault(playhead, 0.0)
    _show_lanes(study, mended, state, playhead)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _show_moment(study, mended, state, playhead)
    with right:
        show_moment_edits(study, mended, st.session_state[playhead])
        show_face_edits(study, mended, st.session_state[playhead])
        show_stretch_edits(study, mended)
        show_fault()
    _show_timeline(mended, playhead)
    show_taking_in(study, mended)
    show_edits(study, mended)


def _show_state(mended: MendedRecording) -> None:
    recording = mended.recording
    faces = len(mended.track_ids)
    st.caption(
        f"{clock(recording.seconds)} · {mended.readings.frames_read:,} frames read · "
        f"{faces} {'face that counts' if faces == 1 else 'faces that count'}"
    )
    for problem in mended.problems:
        st.warning(literal(problem), icon=":material/warning:")
    if mended.waiting or mended.failed:
        st.warning(
            f"{mended.waiting} of {recording.parts} parts are not read yet, {mended.failed} cannot "
            "be. Faces can be mended once all of it is read.",
            icon=":material/hourglass_top:",
        )


def _show_lanes(study: Study, mended: MendedRecording, state: str, playhead: str) -> None:
    everybody = mended.shown(with_ignored=True)
    pictures = {}
    if everybody.tracks:
        try:
            pictures = caches.track_pictures(
                study.name, mended.recording.name, state, everybody.tracks[:MOST_LANES]
            )
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
    mending = mended.mending
    figure = lanes_figure(
        everybody,
        mending.names,
        pictures=pictures,
        ignored=tuple(mending.ignored),
        excluded=mending.excluded,
        baseline=mending.baseline,
        playhead_s=st.session_state[playhead],
    )
    picked = st.plotly_chart(
        figure,
        key=f"studies_lanes_{mended.recording.name}_{state[:12]}",
        on_select="rerun",
        selection_mode="box",
        config={"displaylogo": False},
        alt=f"A lane for each of {len(everybody.tracks)} faces over "
        f"{clock(mended.recording.seconds)} minutes, coloured by the expression shown",
    )
    if boxes := picked["selection"]["box"]:
        start_s, end_s = sorted(boxes[0]["x"])
        _mark(mended, max(0.0, float(start_s)), min(float(end_s), mended.recording.seconds))
    st.caption(
        "Drag over the lanes to mark a stretch. Grey: left out. Dashed: the baseline. Dotted: "
        "events. Pale: a face that does not count."
    )


def _mark(mended: MendedRecording, start_s: float, end_s: float) -> None:
    """Put a stretch that was dragged over into its fields, once."""
    name = mended.recording.name
    drawn = round(start_s, 2), round(end_s, 2)
    if st.session_state.get(f"studies_dragged_{name}") != drawn:
        st.session_state[f"studies_dragged_{name}"] = drawn
        st.session_state[f"studies_from_{name}"], st.session_state[f"studies_to_{name}"] = drawn


def _show_moment(study: Study, mended: MendedRecording, state: str, playhead: str) -> None:
    recording = mended.recording
    st.slider(
        "Moment, seconds", 0.0, max(recording.seconds, 0.1), step=0.05, key=playhead, format="%.2f"
    )
    seconds = float(st.session_state[playhead])
    try:
        picture = caches.moment(study.name, recording.name, state, seconds)
        st.image(picture, alt=f"{recording.name} at {seconds:.2f} s, faces boxed")
    except MienError as error:
        st.error(literal(str(error)), icon=":material/broken_image:")
        return
    _show_player(recording, seconds)


def _show_player(recording: StudyRecording, seconds: float) -> None:
    with st.expander("Play it from here", icon=":material/play_circle:"):
        if not _plays(recording.path) or recording.bytes > _MOST_PLAYED_BYTES:
            st.caption(
                "Browsers do not play this kind of file, or it is over 200 MB. Write it with "
                "its faces boxed under *Take away*."
            )
        else:
            st.video(str(recording.path), start_time=int(seconds), alt=recording.name)


def _plays(path: Path) -> bool:
    return path.suffix.lower() in _PLAYABLE and path.is_file()


def _show_timeline(mended: MendedRecording, playhead: str) -> None:
    shown = mended.shown()
    if not shown.tracks:
        return
    name = mended.recording.name
    track_id = st.selectbox(
        "Expressions of",
        shown.tracks,
        format_func=mended.name_of,
        key=f"studies_timeline_face_{name}",
        width=220,
    )
    key = f"studies_timeline_{name}_{track_id}"

    def jump() -> None:
        if points := st.session_state[key]["selection"]["points"]:
            st.session_state[playhead] = round(float(points[0]["x"]), 2)

    figure = clickable(timeline_figure(shown, int(track_id)))
    figure.add_vline(st.session_state[playhead], line={"width": 2})
    figure.update_layout(margin_l=LANES_LEFT_PX)  # one moment stands under the other
    st.plotly_chart(
        figure,
        key=key,
        on_select=jump,
        selection_mode="points",
        alt=timeline_words(shown, int(track_id)),
    )
    st.caption(
        f"Shares of the seven expressions as {literal(shown.networks[0].model)} reads them. Click "
        "to go to a moment."
    )
