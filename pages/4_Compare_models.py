"""All models side by side: figures with their uncertainty, mistakes, cost, training, cards."""

import streamlit as st

from ui.compare.choice import choose, read_models, read_packages, say_what_is_missing
from ui.compare.datasets import say_leak
from ui.compare.imports import show_imports
from ui.compare.tabs import show_tabs

st.title("Compare models")

models = read_models()
if models:
    chosen = choose(models, read_packages())
    say_what_is_missing(chosen)
    show_tabs(chosen)
    say_leak(chosen)
    st.caption(
        "Every network of ours learned from the same Training images of FER2013; epoch, "
        "temperature and threshold were chosen on PublicTest, and PrivateTest was only "
        "measured. The labels themselves are noisy: about 76 to 77 % is what they allow."
    )
show_imports()
