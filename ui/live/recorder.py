"""Recording a stretch of the live video as readings, and what can be taken away of it."""

from functools import partial

import streamlit as st

from fer_core.charts import timeline_figure
from fer_core.live.recorder import MOST_READINGS, Recorder
from fer_core.live.session import LiveSession
from fer_core.pipeline.camera_table import CAMERA_COLUMNS, camera_csv
from fer_core.pipeline.recording import Recording, recording_json, stretches
from ui.live.observers import RECORDER, own_recorder
from ui.live.to_study import show_to_study
from ui.live.video import Streamer
from ui.webrtc.pacing import wait_until_sent
from ui.widgets.downloads import offer_columns
from ui.widgets.figure import show_figure
from ui.widgets.recorded import show_dwell, show_transitions, show_valence
from ui.widgets.timeline import clock, timeline_words

MARKER, MARK = "live_marker", "live_mark"
"""Keys of the word for the next marker, and of the button that sets it."""

_CLOCK_S = 1.0
_KEPT = "The last recording is kept until you discard it: save it first if you want it."


def show_buttons(stream: Streamer, live: LiveSession) -> None:
    """Start, or stop, marker and the running time: for a row of buttons."""
    recorder = own_recorder(live)
    if recorder.running_s is None:
        kept = recorder.recording is not None
        st.button(
            "Record",
            icon=":material/fiber_manual_record:",
            key="live_record",
            disabled=not stream.state.playing or kept,
            help=_KEPT if kept else "Keeps the readings of every face, no images.",
            on_click=recorder.start,
        )
        return
    st.button(
        "Stop recording",
        icon=":material/stop:",
        type="primary",
        key="live_record_stop",
        on_click=_stop,
        args=(recorder,),
    )
    st.button(
        "Mark",
        icon=":material/bookmark_add:",
        shortcut="M",
        key=MARK,
        help="Marks this moment, with the word beside it where there is one.",
        on_click=_mark,
        args=(recorder,),
    )
    st.text_input(
        "Word for the next marker",
        key=MARKER,
        max_chars=60,
        placeholder="a word for the marker",
        label_visibility="collapsed",
        width=190,
    )
    st.fragment(_running, run_every=_CLOCK_S)(recorder)


def _stop(recorder: Recorder) -> None:
    recorder.stop()
    # On a laptop it is under what the window shows.
    st.toast("Your recording is further down, under *The last minute*.", icon=":material/south:")


def _mark(recorder: Recorder) -> None:
    recorder.mark(st.session_state.get(MARKER, ""))
    st.session_state[MARKER] = ""


def _running(recorder: Recorder) -> None:
    running_s = recorder.running_s
    if running_s is None:  # full, or the stream was stopped
        st.rerun()
    st.caption(
        f":red[:material/fiber_manual_record:] Recording {clock(running_s)} · "
        f"markers: {recorder.markers}"
    )
    wait_until_sent()


def would_be_lost() -> str:
    """What closing this tab would lose, for a warning; "" where nothing is at stake."""
    recorder: Recorder | None = st.session_state.get(RECORDER)
    if recorder is None:
        return ""
    if recorder.running_s is not None:
        return "a recording that runs"
    return "a recording that is not discarded" if recorder.recording is not None else ""


def show_recorded(live: LiveSession) -> None:
    """The last recording: timeline, dwell times, transitions, files; nothing without one."""
    recorder = own_recorder(live)
    recording = recorder.recording
    if recording is None:
        return
    with st.container(border=True):
        st.header(f"Recording of {clock(recording.duration_s)}", anchor=False)
        if recording.full:
            st.warning(
                f"It ended by itself: {MOST_READINGS:,} readings are the most that it keeps."
            )
        if len(recording):
            _show_face(recording)
        else:
            st.info("No face was read in this time.", icon=":material/face_retouching_off:")
        _show_files(recording, recorder)
        show_to_study(recording)


def _show_face(recording: Recording) -> None:
    tracks = recording.tracks
    track_id = tracks[0]
    if len(tracks) > 1:
        track_id = int(
            st.selectbox(
                "Face",
                tracks,
                format_func=lambda track: f"Face {track}",
                key="live_recorded_face",
                width=180,
            )
        )
    parts = stretches(recording, track_id)
    count = int((recording.track_ids == track_id).sum())
    show_figure(
        timeline_figure(recording, track_id),
        "live_timeline",
        f"Expression shown by face {track_id}; readings: {count:,}, up to ten a second.",
        alt=timeline_words(recording, track_id),
    )
    show_valence(recording, track_id, "live_valence")
    left, right = st.columns(2, gap="medium")
    with left:
        show_dwell(parts, track_id, "live_dwell")
    with right:
        show_transitions(parts, track_id, "live_transitions")


def _show_files(recording: Recording, recorder: Recorder) -> None:
    with st.container(horizontal=True):
        # Made when it is clicked, and without running the page again.
        st.download_button(
            "Table (CSV)",
            partial(camera_csv, recording),
            file_name="mien-recording.csv",
            mime="text/csv",
            icon=":material/table:",
            key="live_recording_csv",
            on_click="ignore",
        )
        offer_columns(CAMERA_COLUMNS, "mien-recording.csv", key="live_recording_columns")
        st.download_button(
            "Data (JSON)",
            partial(recording_json, recording),
            file_name="mien-recording.json",
            mime="application/json",
            icon=":material/data_object:",
            key="live_recording_json",
            on_click="ignore",
        )
        st.button(
            "Discard",
            icon=":material/delete:",
            key="live_recording_discard",
            on_click=recorder.discard,
        )
