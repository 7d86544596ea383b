"""The dashboard's pages: one list, from which the menu is made."""

import os
from pathlib import Path
from typing import NamedTuple

import cv2
import streamlit as st

from ui import home
from ui.icon import ICON
from ui.leaving import ask_before_leaving
from ui.webrtc.memory import limit_pools
from ui.webrtc.sessions import end_closed_sessions
from ui.work_folders import sweep

PAGES_FOLDER = Path(__file__).resolve().parents[1] / "pages"


class Entry(NamedTuple):
    """A page in the menu.

    Attributes:
        file: in ``pages/``; its address is its name without number and ending.
        title: in the menu and in the browser's tab.
        icon: Streamlit's name of a sign.
    """

    file: str
    title: str
    icon: str


ENTRIES = (
    Entry("1_Live.py", "Live", ":material/videocam:"),
    Entry("2_Photos.py", "Photos", ":material/photo_camera:"),
    Entry("3_Videos.py", "Videos", ":material/movie:"),
    Entry("4_Compare_models.py", "Compare models", ":material/leaderboard:"),
    Entry("5_Look_inside.py", "Look inside", ":material/search_insights:"),
    Entry("6_Data.py", "Data", ":material/dataset:"),
    Entry("7_Studies.py", "Studies", ":material/science:"),
    Entry("8_Train.py", "Train", ":material/model_training:"),
    Entry("9_Class_room.py", "Class room", ":material/school:"),
)


def run() -> None:
    """Draw the menu, and the page that is chosen in it."""
    limit_pools()
    if "OPENCV_FOR_THREADS_NUM" not in os.environ:  # OpenCV's own variable; for benchmarks
        cv2.setNumThreads(1)  # one for a viewer's frame: more would wait for each other
    sweep()
    end_closed_sessions()
    # First: else the browser takes a page's own sign for its tab, and fetches it from Google.
    st.set_page_config(page_icon=ICON, layout="wide")
    pages = [st.Page(home.show, title="Home", icon=":material/home:", default=True)]
    pages += [
        st.Page(PAGES_FOLDER / entry.file, title=entry.title, icon=entry.icon) for entry in ENTRIES
    ]
    # On top and not beside: the menu takes no column from pictures, tables and charts.
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title="Mien" if page.title == "Home" else f"{page.title} · Mien")
    page.run()
    ask_before_leaving()
