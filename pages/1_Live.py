"""Live video: every face boxed, named and scored while it moves."""

import streamlit as st

from ui.live import video as live
from ui.live.camera import facing, show_insecure_origin
from ui.live.faces import show_faces
from ui.live.game import show_game, show_game_result
from ui.live.history import show_last_minute
from ui.live.panels import pick_panel, show_panel
from ui.live.place import hold_place
from ui.live.recorder import show_buttons, show_recorded
from ui.live.snapshot import hear_keys, show_button, show_gallery
from ui.live.view import show_switches
from ui.webrtc.pacing import wait_until_sent
from ui.webrtc.relay import keep_newest_sent
from ui.widgets.pickers import settings_matter

st.title("Live")

viewer = live.session()
source = live.pick_source()
if source == "camera":
    show_insecure_origin()
video, faces = st.columns([2, 1], gap="medium")
with video, st.container(key="live_video"):
    # Containers that are always there: what comes and goes would move the rest of the page, and
    # parts that a person has unfolded would fold.
    place = st.container()
    stream = live.stream_video(source, viewer)
    keep_newest_sent(stream)
    with place:
        hold_place(stream, source)
    with st.container():
        show_game(viewer)
with faces:
    show_faces(stream, viewer)
with st.container(horizontal=True, gap="small", vertical_alignment="center", key="live_buttons"):
    show_button(stream, viewer)
    show_buttons(stream, viewer)
    show_switches(viewer, mirror=source == "camera" and facing() == "front")
    panel = pick_panel()
with st.container():
    show_panel(panel, stream, viewer)
with st.container(key="live_minute"):
    show_last_minute(stream, viewer)
with st.container():
    show_gallery()
    show_game_result(stream, viewer)
    show_recorded(viewer)
with st.expander("Network, face detector, camera", settings_matter(), icon=":material/tune:"):
    live.settings(viewer)
st.caption(
    "The video goes to the machine that Mien runs on and back, and nowhere else. Nothing is kept, "
    "except what you record, snap, play or set, in memory until you discard it or close the tab. "
    "Mien names the expression that a face shows, not what the person feels. Valence is derived: "
    "*happy* less the strongest of *angry*, *disgust*, *fear* and *sad*."
)
hear_keys(stream)
live.start_if_asked(source)
wait_until_sent()
