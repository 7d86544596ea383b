"""One face and one network: where its answer comes from, and what makes it fail."""

import streamlit as st

from ui.inside import page as look_inside
from ui.webrtc.menu import only_through_app

only_through_app()
st.title("Look inside")

choices, reading = st.columns([1, 1], gap="large")
with choices:
    network = look_inside.choose_network()
    face = look_inside.choose_face()
    with st.expander("Make it harder", icon=":material/blur_on:"):
        hardship = look_inside.choose_hardship()
if network is not None and face is not None:
    with reading:
        subject = look_inside.show_reading(face, hardship, *network)
    look_inside.show_views(subject)
st.caption(
    "Pictures are read on the machine that Mien runs on and are not stored. Mien names the "
    "expression that a face shows, not what the person feels."
)
