"""Train: a network of your own, seen while it learns."""

import streamlit as st

from ui.train import page as train

st.title("Train")

if train.may_be_used():
    train.show()
