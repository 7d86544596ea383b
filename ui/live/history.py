"""Under the live video: what one face showed in the last minute."""

import streamlit as st

from fer_core.charts import last_minute_figure
from fer_core.live.history import FaceHistory
from fer_core.live.session import LiveSession
from ui.live.observers import own_history
from ui.live.video import Streamer
from ui.webrtc.pacing import wait_until_sent

REDRAW_S = 3.0
"""Drawing takes the interpreter for some 9 ms. At once a second it took a browser that shares the
machine with the video a fifth of a core."""

FACES_OFFERED = 4


def show_last_minute(stream: Streamer, live: LiveSession) -> None:
    """One line a class for a face that can be chosen; redrawn by itself while a stream plays."""
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
    st.plotly_chart(
        last_minute_figure(history.past(chosen)),
        key="live_minute_chart",
        config={"displayModeBar": False},
        alt=f"Share of each of the seven expressions of face {chosen} over the last minute",
    )
    st.caption(
        f"What face {chosen} showed, three readings a second, with gaps where it was not seen. "
        "Click a class to hide it."
    )
    wait_until_sent()


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
