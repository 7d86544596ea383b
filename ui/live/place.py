"""The place for the picture: as large before START as the video will be, and never taller than the
window has room for, with its buttons under it."""

import streamlit as st

from ui.live.camera import CAMERA_HELP
from ui.live.video import Streamer
from ui.webrtc.widget import ALERT, IDLE, tell_state

_WORDS = {
    "camera": "Your camera's picture comes here, each face boxed and named",
    "demo": "A drawn face comes here, boxed and named as one from a camera",
}

_DRAWING = """<svg role="img" aria-label="{words}" viewBox="0 0 640 480">
<rect width="640" height="480" rx="6" fill="#808080" fill-opacity=".13"/>
<g fill="none" stroke="#808080" stroke-width="5" stroke-linecap="round">
<rect x="236" y="128" width="168" height="196" rx="4" stroke-dasharray="14 12"/>
<circle cx="286" cy="206" r="7"/><circle cx="354" cy="206" r="7"/>
<path d="M274 258q46 40 92 0"/></g></svg>"""

_LOOK = f"""<style>
.st-key-live_video {{max-width: max(300px, calc((100vh - 350px) * 4 / 3));}}
.st-key-live_refused {{display: none;}}
body[{ALERT}] .st-key-live_refused {{display: flex;}}
body[{ALERT}] .st-key-live_drawing {{display: none;}}
/* The widget's own empty box, 98 px and gaps, is under the drawing. */
body[{IDLE}] .st-key-live_video iframe {{margin-top: -139px; position: relative; z-index: 0;}}
body[{IDLE}] .st-key-live_drawing {{position: relative; z-index: 1;}}
.st-key-live_drawing svg {{display: block; width: 100%; background: canvas;
    border-radius: 8px;}}
@media (min-width: 641px) {{
    .st-key-live_faces {{max-height: calc(100vh - 330px); overflow-y: auto;}}
}}
</style>"""
"""Above the video are the menu, the title and where it comes from; below, its buttons."""


def hold_place(stream: Streamer, source: str) -> None:
    """Before START a drawing of what will come, or, where the browser gives no camera, what to do;
    nothing while a stream runs or connects."""
    st.html(_LOOK)
    tell_state()
    if stream.state.playing or stream.state.signalling:
        return
    with st.container(key="live_drawing"):
        # Not `st.image`, which comes late, and pushes down what stands under it.
        st.html(_DRAWING.format(words=_WORDS[source]))
    if source == "camera":
        with st.container(key="live_refused"):
            st.warning(CAMERA_HELP, icon=":material/no_photography:")
