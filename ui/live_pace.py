"""How often what is beside the live video renews itself: less often where the video needs the time.

Where the browser shares the machine with Mien, or is slow itself, redrawing cards and chart takes a
third of a core from the video.
"""

from datetime import timedelta

import streamlit as st
from streamlit_webrtc import WebRtcStreamerContext as Stream

from fer_core.analysis.bottleneck import find_bottleneck
from fer_core.analysis.live import Snapshot

_HELD_BACK = "live_held_back"
_LOOKS = 4
"""So many in a row, two seconds and more, have to find the video held back: the first frames of a
stream wait for networks to load."""


def every(stream: Stream, usual_s: float, held_back_s: float) -> timedelta | None:
    """After what time a part of the page renews itself; None while there is no stream."""
    if not (stream.state.playing or stream.state.signalling):
        st.session_state.pop(_HELD_BACK, None)
        return None
    slow = st.session_state.get(_HELD_BACK, 0) >= _LOOKS
    return timedelta(seconds=held_back_s if slow else usual_s)


def keep_pace(now: Snapshot) -> None:
    """Change to the slower pace, until the stream ends, where the video is held back.

    It does not change back by itself: with the page out of the way, the video may well keep up, and
    the two would take turns for ever.
    """
    looks = st.session_state.get(_HELD_BACK, 0)
    if looks >= _LOOKS:
        return
    found = find_bottleneck(now.arriving_per_second, now.frames_per_second, now.milliseconds)
    st.session_state[_HELD_BACK] = looks + 1 if found else 0
    if st.session_state[_HELD_BACK] == _LOOKS:
        st.rerun()
