"""All models side by side: figures with their uncertainty, curves, matrices, mistakes, cards."""

import streamlit as st

from ui.compare import page as compare
from ui.webrtc.menu import only_through_app

only_through_app()
st.title("Compare models")

models = compare.read_models()
if models:
    ticked = compare.leaderboard(models)
    compare.show_tabs(models, ticked)
    st.caption(
        "Every network learned from the same Training images of FER2013; epoch, temperature and "
        "threshold were chosen on PublicTest, and PrivateTest was only measured. The labels "
        "themselves are noisy: about 76 to 77 % is what they allow."
    )
