"""Mien's entry: the home page. Streamlit finds the others in `pages/` by itself."""

import streamlit as st

from ui import home
from ui.theme import open_page

open_page("Mien")
st.title("Mien")
st.markdown(
    "##### Reads the expression that a face shows: live, in photos and videos, and network by "
    "network."
)

ways, sample = st.columns([3, 2], gap="large")
with ways:
    home.show_ways_in()
with sample:
    home.show_sample()
st.subheader("The network in use", divider="gray")
home.show_model_in_use()
can, cannot = st.columns(2, gap="large")
with can:
    st.subheader("What it can and cannot do", divider="gray")
    home.show_limits()
with cannot:
    st.subheader("Your picture stays yours", divider="gray")
    home.show_privacy()
