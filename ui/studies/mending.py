"""What a person mends in a recording; each is entered beside the readings and can be taken back."""

from collections.abc import Callable
from pathlib import PurePath

import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.edits import (
    Baseline,
    Edit,
    Event,
    Exclude,
    Ignore,
    Merge,
    Rename,
    Split,
    edit_words,
)
from fer_core.studies.elan import read_elan
from fer_core.studies.markings import read_edits, read_events, tier_edits
from fer_core.studies.mend import edits_of, enter_edits, redo, undo
from fer_core.studies.mended import MendedRecording
from fer_core.studies.store import Study
from ui.widgets.texts import literal

_FAULT = "studies_mend_fault"


def show_moment_edits(study: Study, mended: MendedRecording, seconds: float) -> None:
    """An event at the playhead, on one key."""
    name = mended.recording.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Event", "event", key=f"studies_event_{name}", max_chars=200)
        st.button(
            f"Mark at {seconds:.2f} s",
            icon=":material/flag:",
            key="studies_event_mark",
            shortcut="M",
            help="While the video plays, M marks where it is.",
            on_click=mark_event,
            args=(study, mended, seconds),
        )


def mark_event(study: Study, mended: MendedRecording, seconds: float) -> None:
    """Enter an event, called as the field beside the button says."""
    label = str(st.session_state.get(f"studies_event_{mended.recording.name}", "event"))
    _enter(study, mended, lambda: Event(at_s=seconds, label=label))


def show_face_edits(study: Study, mended: MendedRecording, seconds: float) -> None:
    """Rename, merge, split and ignore."""
    name, tracks = mended.recording.name, mended.shown(with_ignored=True).tracks
    if not tracks:
        return
    track_id = int(
        st.selectbox("Face", tracks, format_func=mended.name_of, key=f"studies_face_{name}")
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        called = st.text_input("Is called", key=f"studies_name_{name}", max_chars=200)
        st.button(
            "Rename",
            icon=":material/badge:",
            key="studies_rename",
            disabled=not called.strip(),
            on_click=lambda: _enter(study, mended, lambda: Rename(track_id=track_id, name=called)),
        )
    others = [each for each in tracks if each != track_id]
    if others:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            into = int(
                st.selectbox(
                    "Is really", others, format_func=mended.name_of, key=f"studies_into_{name}"
                )
            )
            st.button(
                "Merge",
                icon=":material/merge:",
                key="studies_merge",
                on_click=lambda: _enter(study, mended, lambda: Merge(track_id=track_id, into=into)),
            )
    with st.container(horizontal=True):
        st.button(
            f"Split at {seconds:.2f} s",
            icon=":material/call_split:",
            key="studies_split",
            help="From the playhead on, it is another face.",
            on_click=lambda: _enter(study, mended, lambda: Split(track_id=track_id, at_s=seconds)),
        )
        st.button(
            "Does not count",
            icon=":material/person_off:",
            key="studies_ignore",
            disabled=track_id in mended.mending.ignored,
            on_click=lambda: _enter(study, mended, lambda: Ignore(track_id=track_id)),
        )


def show_stretch_edits(study: Study, mended: MendedRecording) -> None:
    """Leave a stretch out, or compare with it."""
    recording = mended.recording
    first, last = f"studies_from_{recording.name}", f"studies_to_{recording.name}"
    st.session_state.setdefault(first, 0.0)
    st.session_state.setdefault(last, 0.0)
    left, right = st.columns(2)
    start_s = float(left.number_input("From, s", 0.0, recording.seconds + 1, step=0.1, key=first))
    end_s = float(right.number_input("To, s", 0.0, recording.seconds + 1, step=0.1, key=last))
    with st.container(horizontal=True):
        st.button(
            "Leave this out",
            icon=":material/content_cut:",
            key="studies_exclude",
            disabled=end_s <= start_s,
            on_click=lambda: _enter(study, mended, lambda: Exclude(start_s=start_s, end_s=end_s)),
        )
        st.button(
            "This is the baseline",
            icon=":material/horizontal_rule:",
            key="studies_baseline",
            disabled=end_s <= start_s,
            on_click=lambda: _enter(study, mended, lambda: Baseline(start_s=start_s, end_s=end_s)),
        )


def show_taking_in(study: Study, mended: MendedRecording) -> None:
    """Edits and events that somebody made elsewhere: JSON, CSV, ELAN."""
    name = mended.recording.name
    with st.expander("Bring events or edits from a file", icon=":material/upload_file:"):
        file = st.file_uploader(
            "Events as CSV (time, label), tiers of ELAN called events, excluded or baseline, or "
            "edits as JSON",
            type=["csv", "txt", "tsv", "eaf", "json"],
            key=f"studies_marks_{name}",
        )
        if file is None:
            return
        st.button(
            "Take them in",
            icon=":material/playlist_add:",
            key="studies_take_in",
            on_click=_take_in,
            args=(study, name, file.getvalue(), file.name),
        )


def _take_in(study: Study, recording: str, content: bytes, name: str) -> None:
    try:
        match PurePath(name).suffix.lower():
            case ".eaf":
                edits = {recording: tier_edits(read_elan(content, name))}
            case ".json":
                edits = read_edits(content, name, recording)
            case _:
                edits = read_events(study, content, name, recording)
        enter_edits(study, edits)
    except MienError as error:
        st.session_state[_FAULT] = str(error)


def show_fault() -> None:
    """Why the last edit cannot be, where it cannot."""
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(literal(fault), icon=":material/error:")


def show_edits(study: Study, mended: MendedRecording) -> None:
    """What was mended, the last one first, and a way back from each."""
    entered = edits_of(study, mended.recording)
    if not entered:
        st.caption("Nothing is mended here. What you mend never changes what was read.")
        return
    with st.expander(f"What was mended ({len(entered)})", icon=":material/history:", expanded=True):
        for each in reversed(entered):
            with st.container(horizontal=True, vertical_alignment="center"):
                words = literal(edit_words(each.edit))
                st.markdown(f"~~{words}~~" if each.undone else words, width="stretch")
                st.button(
                    "Redo" if each.undone else "Undo",
                    icon=":material/redo:" if each.undone else ":material/undo:",
                    type="tertiary",
                    key=f"studies_undo_{each.id}",
                    on_click=_turn,
                    args=(study, mended, each.id, each.undone),
                )


def _enter(study: Study, mended: MendedRecording, make: Callable[[], Edit]) -> None:
    try:
        enter_edits(study, {mended.recording.name: [make()]})
    except MienError as error:
        st.session_state[_FAULT] = str(error)
    except ValueError:  # pydantic's, of words that are empty
        st.session_state[_FAULT] = "Some words are needed for that, up to 200 letters."


def _turn(study: Study, mended: MendedRecording, edit_id: int, undone: bool) -> None:
    try:
        (redo if undone else undo)(study, mended.recording, edit_id)
    except MienError as error:
        st.session_state[_FAULT] = str(error)
