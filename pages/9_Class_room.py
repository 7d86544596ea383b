"""Class room: twenty faces to label oneself, beside their labels, voters, networks and others."""

import streamlit as st

from ui.class_room.page import show_class_room

st.title("Class room")
show_class_room()
