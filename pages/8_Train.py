"""Train: a network of your own, seen while it learns."""

import streamlit as st

from ui.train import page as train
from ui.webrtc.menu import only_through_app

only_through_app()
st.title("Train")

if train.may_be_used():
    train.show()
