"""One recording: its faces as lanes over time, the moment under the playhead, and mending."""

import streamlit as st

from fer_core.charts import lanes_figure, timeline_figure
from fer_core.charts.tracks import LANES_LEFT_PX
from fer_core.errors import MienError
from fer_core.studies.mended import MendedRecording
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.results import state_of
from fer_core.studies.store import Study
from ui import caches
from ui.studies.mending import (
    mark_event,
    show_edits,
    show_face_edits,
    show_fault,
    show_moment_edits,
    show_stretch_edits,
    show_taking_in,
)
from ui.widgets.figure import show_figure
from ui.widgets.playhead import move_together
from ui.widgets.texts import literal
from ui.widgets.timeline import clock, timeline_words

PLAYER, LANES, TIMELINE = "studies_player", "studies_lanes", "studies_timeline"
"""Keys of the places of the video and of the charts under it."""

MOST_LANES = 8
"""Faces with a key picture; each has to be looked for in the file."""

_PLAYABLE = (".mp4", ".m4v", ".mov", ".webm")
_PLAYED_BYTES, _MOST_PLAYED_BYTES = 50_000_000, 200_000_000
# Streamlit holds the file in memory while a page shows it; from the first on it is asked for.

_TALL_PX = 300


def show_recording(study: Study, recording: StudyRecording) -> None:
    """All of it, or why it cannot be shown."""
    st.subheader(literal(recording.name))
    state = state_of(study)
    try:
        mended = caches.studies.mended_recording(study.name, recording.name, state)
    except MienError as error:
        st.info(literal(str(error)), icon=":material/hourglass_empty:")
        return
    _show_state(mended)
    playhead = f"studies_playhead_{study.name}_{recording.name}"
    st.session_state.setdefault(playhead, 0.0)
    seconds = float(st.session_state[playhead])
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with st.container(key=PLAYER):
            _show_player(study, recording)
        with st.container(key=LANES):
            _show_lanes(study, mended, state)
        with st.container(key=TIMELINE):
            _show_timeline(mended)
        move_together(
            PLAYER,
            [LANES, TIMELINE],
            seconds=seconds,
            on_moved=lambda at: _move(playhead, recording, at),
            on_marked=lambda at: mark_event(study, mended, at),
        )
    with right:
        _show_moment(study, mended, state, playhead)
        show_moment_edits(study, mended, seconds)
        show_face_edits(study, mended, seconds)
        show_stretch_edits(study, mended)
        show_fault()
    show_taking_in(study, mended)
    show_edits(study, mended)


def _move(playhead: str, recording: StudyRecording, seconds: float) -> None:
    """To where the video was stopped, as far as the slider goes."""
    st.session_state[playhead] = round(min(max(seconds, 0.0), recording.seconds), 2)


def _show_state(mended: MendedRecording) -> None:
    recording = mended.recording
    faces = len(mended.track_ids)
    st.caption(
        f"{clock(recording.seconds)} · {mended.readings.frames_read:,} frames read · "
        f"{faces} {'face that counts' if faces == 1 else 'faces that count'}"
    )
    names = mended.readings.networks
    if missing := [names[n] for n in range(len(names)) if n not in mended.networks_read]:
        st.info(
            literal(
                f"{' and '.join(missing)} did not read it: it was recorded live, and no pictures "
                "were kept. Figures of these networks leave it out."
            ),
            icon=":material/info:",
        )
    for problem in mended.problems:
        st.warning(literal(problem), icon=":material/warning:")
    if mended.waiting or mended.failed:
        st.warning(
            f"{mended.waiting} of {recording.parts} parts are not read yet, {mended.failed} cannot "
            "be. Faces can be mended once all of it is read.",
            icon=":material/hourglass_top:",
        )


def _show_lanes(study: Study, mended: MendedRecording, state: str) -> None:
    everybody = mended.shown(with_ignored=True)
    pictures = {}
    if everybody.tracks and not mended.recording.is_live:
        try:
            pictures = caches.studies.track_pictures(
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
    )
    picked = show_figure(
        figure,
        f"studies_lanes_{mended.recording.name}_{state[:12]}",
        "Click on a chart to go there. Drag over the lanes to mark a stretch. Grey: left out. "
        "Dashed: the baseline. Dotted: events. Pale: a face that does not count.",
        on_select="rerun",
        selection_mode="box",
        alt=f"A lane for each of {len(everybody.tracks)} faces over "
        f"{clock(mended.recording.seconds)} minutes, coloured by the expression shown",
    )
    if boxes := picked["selection"]["box"]:
        start_s, end_s = sorted(boxes[0]["x"])
        _mark(mended, max(0.0, float(start_s)), min(float(end_s), mended.recording.seconds))


def _mark(mended: MendedRecording, start_s: float, end_s: float) -> None:
    """Put a stretch that was dragged over into its fields, once."""
    name = mended.recording.name
    drawn = round(start_s, 2), round(end_s, 2)
    if st.session_state.get(f"studies_dragged_{name}") != drawn:
        st.session_state[f"studies_dragged_{name}"] = drawn
        st.session_state[f"studies_from_{name}"], st.session_state[f"studies_to_{name}"] = drawn


def _show_player(study: Study, recording: StudyRecording) -> None:
    if recording.is_live:
        st.caption("Recorded live: no pictures were kept, so there is nothing to play.")
        return
    if not recording.path.is_file():
        return  # the moment beside it says so
    if recording.path.suffix.lower() not in _PLAYABLE or recording.bytes > _MOST_PLAYED_BYTES:
        st.caption(
            "Browsers do not play this kind of file, or it is over 200 MB. Write it with its faces "
            "boxed under *Take away*."
        )
        return
    # The whole file is in the server's memory then.
    if recording.bytes > _PLAYED_BYTES and not st.toggle(
        "Play it here", key=f"studies_play_{recording.name}"
    ):
        return
    index = study.index_of(recording)
    st.video(
        str(recording.path),
        alt=recording.name,
        width=round(_TALL_PX * index.width / index.height),
    )


def _show_moment(study: Study, mended: MendedRecording, state: str, playhead: str) -> None:
    recording = mended.recording
    st.slider(
        "Moment, seconds", 0.0, max(recording.seconds, 0.1), step=0.01, key=playhead, format="%.2f"
    )
    if recording.is_live:
        return
    seconds = float(st.session_state[playhead])
    try:
        picture = caches.studies.moment(study.name, recording.name, state, seconds)
        st.image(picture, alt=f"{recording.name} at {seconds:.2f} s, faces boxed")
    except MienError as error:
        st.error(literal(str(error)), icon=":material/broken_image:")


def _show_timeline(mended: MendedRecording) -> None:
    shown = mended.shown()
    if not shown.tracks:
        return
    name = mended.recording.name
    track_id = int(
        st.selectbox(
            "Expressions of",
            shown.tracks,
            format_func=mended.name_of,
            key=f"studies_timeline_face_{name}",
            width=220,
        )
    )
    figure = timeline_figure(shown, track_id)
    figure.update_layout(margin_l=LANES_LEFT_PX)  # one moment under the other
    show_figure(
        figure,
        f"studies_timeline_{name}_{track_id}",
        f"Shares of the seven expressions as {literal(shown.networks[0].model)} reads them.",
        alt=timeline_words(shown, track_id),
        only_clicks=True,
    )
