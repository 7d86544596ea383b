"""The sections of the Data page, and links to them: it is several screens long."""

import re

import streamlit as st

MEAN_FACES = "The average face of each class"
REPEATS = "Blank and repeated images"
LABELS_SURE = "How sure are the labels?"
LIGHT = "Light and contrast"
SINGLE_FACES = "Single faces"
OWN_PICTURES = "Your own pictures"
SOURCE = "Source and licence"

OF_SUMMARY = (MEAN_FACES, REPEATS, LABELS_SURE, LIGHT)
"""What the summary that ships is needed for."""


def anchor(title: str) -> str:
    """Of a section, for the part of an address behind ``#``."""
    return re.sub(r"[^a-z]+", "-", title.lower()).strip("-")


def section(title: str) -> None:
    """The heading of a section, where its link leads."""
    st.header(title, anchor=anchor(title), divider="gray")


def show_contents(*, with_summary: bool) -> None:
    """A link to each section."""
    titles = (*(OF_SUMMARY if with_summary else ()), SINGLE_FACES, OWN_PICTURES, SOURCE)
    st.markdown(" · ".join(f"[{title}](#{anchor(title)})" for title in titles))
