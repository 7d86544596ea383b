"""What the networks learned from: classes, average faces, repeats, doubtful labels, samples."""

import streamlit as st

from ui.data import page as data
from ui.webrtc.menu import only_through_app

only_through_app()
st.title("Data")

summary = data.read_summary()
if summary is not None:
    data.show_overview(summary)
    data.show_mean_faces(summary)
    data.show_repeats(summary)
    data.show_labels(summary)
    data.show_light(summary)
faces = data.own_copy()
if faces is None:
    data.show_no_copy()
else:
    data.show_samples(faces)
    data.show_doubtful(faces)
data.show_source()
