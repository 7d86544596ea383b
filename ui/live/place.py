"""The place for the picture before START."""

import streamlit as st

from ui.live.camera import CAMERA_HELP
from ui.live.video import Streamer

_WORDS = {
    "camera": "Your camera's picture comes here, each face boxed and named",
    "demo": "A drawn face comes here, boxed and named as one from a camera",
}


def hold_place(stream: Streamer, source: str) -> None:
    """Before START a drawing of what will come, or, where the browser gives no camera, what to do;
    nothing while a stream runs or connects."""
    if stream.state.playing or stream.state.signalling:
        return
    with st.container(key="live_drawing"):
        # The drawing is its background, of `ui/head/page.css`: a picture would come late.
        st.html(f'<div role="img" aria-label="{_WORDS[source]}"></div>')
    if source == "camera":
        with st.container(key="live_refused"):
            st.warning(CAMERA_HELP, icon=":material/no_photography:")
