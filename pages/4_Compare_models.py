"""All models side by side: figures with their uncertainty, curves, matrices, mistakes, cards."""

import streamlit as st

from ui.compare.imports import show_imports
from ui.compare.leaderboard import leaderboard, read_models
from ui.compare.tabs import show_tabs

st.title("Compare models")

models = read_models()
if not models:
    show_imports()
else:
    ticked = leaderboard(models)
    show_imports()
    show_tabs(models, ticked)
    st.caption(
        "Every network of ours learned from the same Training images of FER2013; epoch, "
        "temperature and threshold were chosen on PublicTest, and PrivateTest was only "
        "measured. The labels themselves are noisy: about 76 to 77 % is what they allow."
    )
