"""Class room: twenty faces to label oneself, beside their labels, voters, networks and others."""

import streamlit as st

from ui.class_room.page import show_class_room
from ui.webrtc.menu import only_through_app

only_through_app()
st.title("Class room")
show_class_room()
