"""Live video: every face boxed, named and scored while it moves."""

import streamlit as st

from ui.live import video as live
from ui.live.arena import show_arena
from ui.live.faces import show_faces
from ui.live.game import show_game, show_game_result, show_game_starter
from ui.live.history import show_last_minute
from ui.live.neutral import show_baseline
from ui.live.recorder import show_recorded, show_recorder
from ui.live.selftest import show_selftest
from ui.live.snapshot import show_snapshot
from ui.live.view import show_switches
from ui.webrtc.menu import only_through_app
from ui.webrtc.pacing import wait_until_sent
from ui.webrtc.relay import keep_newest_sent
from ui.widgets.pickers import chosen_slug

only_through_app()
st.title("Live")

viewer = live.session()
source = live.pick_source()
if source == "camera":
    live.show_insecure_origin()
video, faces = st.columns([2, 1], gap="medium")
with video:
    stream = live.stream_video(source, viewer)
    keep_newest_sent(stream)
    # Containers that are always there: what comes and goes would move the rest of the page, and
    # parts that a person has unfolded would fold.
    with st.container():
        show_game(viewer)
    show_switches(viewer)
    show_snapshot(stream, viewer)
    show_recorder(stream, viewer)
    show_last_minute(stream, viewer)
with faces:
    show_faces(stream, viewer)
with st.container():
    show_game_result(viewer)
    show_recorded(viewer)
nothing_to_read_with = chosen_slug() is None
with st.expander("Network and face detector", nothing_to_read_with, icon=":material/tune:"):
    live.settings(viewer)
with st.expander("My neutral face", icon=":material/sentiment_neutral:"):
    show_baseline(stream, viewer)
with st.expander("Arena: several networks, one face", icon=":material/compare_arrows:"):
    show_arena(stream, viewer)
with st.expander("Game: show me surprise", icon=":material/sports_esports:"):
    show_game_starter(stream, viewer)
with st.expander("How close live comes to what was measured", icon=":material/fact_check:"):
    show_selftest()
if source == "camera" and not stream.state.playing:
    live.show_camera_help()
st.caption(
    "The video goes to the machine that Mien runs on and back, and nowhere else. Nothing is kept, "
    "except what you record, snap, play or set, in memory until you discard it or close the tab. "
    "Mien names the expression that a face shows, not what the person feels."
)
wait_until_sent()
