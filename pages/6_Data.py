"""What the networks learned from: classes, average faces, repeats, doubtful labels, samples."""

import streamlit as st

from ui.data.contents import show_contents
from ui.data.faces import own_copy, show_faces, show_no_copy
from ui.data.own_sets import show_own_sets
from ui.data.summary import (
    read_summary,
    show_labels,
    show_light,
    show_mean_faces,
    show_overview,
    show_repeats,
    show_source,
)

st.title("Data")

summary = read_summary()
show_contents(with_summary=summary is not None)
if summary is not None:
    show_overview(summary)
    show_mean_faces(summary)
    show_repeats(summary)
    show_labels(summary)
    show_light(summary)
faces = own_copy()
if faces is None:
    show_no_copy()
else:
    show_faces(faces)
show_own_sets()
show_source()
