"""The queue: how far the study is read and how long the rest takes; start, pause, try again."""

import pandas as pd
import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.catalogue import open_study
from fer_core.studies.progress import RecordingProgress, StudyProgress, pause, progress_of, retry
from fer_core.studies.store import Study
from ui.studies.leading import is_starting, last_words, start_reading
from ui.studies.settings import show_settings
from ui.widgets.texts import literal
from ui.widgets.timeline import clock

_LOOK_S = 1.0
_FAULT = "studies_queue_fault"
_STATES = {
    "waiting": "waits",
    "reading": "is being read",
    "read": "read",
    "failed": "cannot be read",
}


def show_queue(study: Study) -> None:
    """Progress, looked at once a second while it goes on, and buttons."""
    now = progress_of(study)
    if not now.recordings:
        st.info("**Nothing to read yet.** Add videos under *Sheet*.", icon=":material/video_call:")
        return
    goes_on = now.leader is not None or is_starting(study)
    st.fragment(_show, run_every=_LOOK_S if goes_on else None)(study.name, goes_on)
    show_settings(study)
    st.caption(
        "A process of its own reads, at low priority. It goes on when you leave this page, close "
        "the tab or end Mien; what was read is never read again."
    )


def _show(name: str, went_on: bool) -> None:
    study = open_study(name)
    now = progress_of(study)
    starting = now.leader is None and is_starting(study)
    if went_on and now.leader is None and not starting:
        st.rerun()  # it has ended: the whole page, without looking again
    share = now.seconds_done / now.seconds if now.seconds else 0.0
    st.progress(min(share, 1.0), "Starting …" if starting else progress_words(now))
    with st.container(horizontal=True):
        _show_buttons(study, now, starting)
        if now.is_read and now.leader is None and not starting:
            _show_the_way_on()
    trouble = st.session_state.pop(_FAULT, "") or now.sentence
    if not (trouble or starting or now.leader):
        # What was never entered, as it ended before it led.
        trouble = "" if now.is_read or now.paused else last_words(study)
    if trouble:
        st.error(literal(trouble), icon=":material/error:")
    st.dataframe(
        queue_table(now.recordings),
        hide_index=True,
        column_config={
            "read": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "what to know": st.column_config.TextColumn(width="large"),
        },
    )


def progress_words(now: StudyProgress) -> str:
    """How far it is, how fast, and how long it takes yet."""
    words = f"{clock(now.seconds_done)} of {clock(now.seconds)} read"
    if now.leader is not None:
        words += f" · {now.speed:.1f} times as fast as it plays" if now.speed else ""
        words += f" · about {clock(now.left_s)} left" if now.left_s is not None else ""
    elif now.paused:
        words += " · paused"
    return words


def queue_table(recordings: tuple[RecordingProgress, ...]) -> pd.DataFrame:
    """One row a recording, in the order in which they are read."""
    return pd.DataFrame(
        {
            "recording": [each.recording.name for each in recordings],
            "read": [each.done / each.parts for each in recordings],
            "state": [_STATES[each.state] for each in recordings],
            "time left": [
                "" if each.left_s is None else f"about {clock(each.left_s)}" for each in recordings
            ],
            "length": [clock(each.recording.seconds) for each in recordings],
            "what to know": [
                " ".join((*each.errors, *each.recording.notes, *_damaged(each)))
                for each in recordings
            ],
        }
    )


def _damaged(each: RecordingProgress) -> tuple[str, ...]:
    return (f"{each.damaged:,} frames could not be decoded.",) if each.damaged else ()


def _show_buttons(study: Study, now: StudyProgress, starting: bool) -> None:
    if now.leader is not None or starting:
        st.button(
            "Pause",
            icon=":material/pause:",
            key="studies_pause",
            on_click=pause,
            args=(study,),
            disabled=starting,
            help="It ends once the parts that are being read are.",
        )
        return
    if not now.is_read:
        begun = now.seconds_done > 0
        st.button(
            "Go on" if begun else "Read this study",
            icon=":material/play_arrow:",
            type="primary",
            key="studies_read",
            on_click=_start,
            args=(study,),
        )
    if any(each.failed or each.recording.error for each in now.recordings):
        st.button(
            "Try again what failed",
            icon=":material/replay:",
            key="studies_retry",
            on_click=_retry,
            args=(study,),
        )


def _show_the_way_on() -> None:
    if st.button("See the findings", icon=":material/insights:", key="studies_to_findings"):
        st.query_params["section"] = "findings"
        st.rerun()  # the whole page, not only what is looked at once a second


def _start(study: Study) -> None:
    try:
        start_reading(study)
    except MienError as error:
        st.session_state[_FAULT] = str(error)


def _retry(study: Study) -> None:
    retry(study)
    _start(study)
