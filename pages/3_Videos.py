"""Videos: every face read over time, and files to take away."""

import streamlit as st

from ui.videos import page as videos
from ui.videos.job import PATIENCE_S

st.title("Videos")

result = st.container()  # above what brought it: a result appears where the eye is
upload = videos.choose_video()
settings = videos.choose_settings()
if settings is not None:
    videos.run(upload, settings, result)
with result:
    videos.show_outcome()
st.caption(
    "Videos are read on the machine that Mien runs on. The file is on its disk only while it is "
    "read; the result stays in its memory until you discard it, or until "
    f"{PATIENCE_S / 60:.0f} minutes after the last visit to its address. Mien names the "
    "expression that a face shows, not what the person feels."
)
