"""Photos: every face boxed and named, and files to take away."""

import streamlit as st

from ui.photos.reading import choose_pipeline, read_pictures
from ui.photos.results import show_results
from ui.photos.uploads import choose_pictures

st.title("Photos")

results = st.container()  # above what brought them: a result appears where the eye is
uploads = choose_pictures()
pipeline = choose_pipeline()
if pipeline is not None:
    with results:
        show_results(read_pictures(uploads, pipeline))
st.caption(
    "Pictures are read on the machine that Mien runs on and not stored on its disk. They stay in "
    "its memory, also while you are on another page, until you discard them, or some time after "
    "you closed this tab. Mien names the expression that a face shows, not what the person feels. "
    "Valence is derived: *happy* less the strongest of *angry*, *disgust*, *fear* and *sad*."
)
