"""What the home page shows: ways in, the network in use, limits and privacy."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fer_core.errors import MienError
from ui import caches
from ui.widgets.pickers import chosen_slug, show_no_model

_PAGES = Path(__file__).resolve().parents[1] / "pages"

LIVE = "pages/1_Live.py"

PEOPLE = 65
"""Percent of FER2013's labels that people got right. Source: Goodfellow et al. 2013."""


class _Way(NamedTuple):
    page: str
    label: str
    icon: str
    words: str


_WAYS = (
    _Way(
        "2_Photos.py",
        "Try a photo",
        ":material/photo_camera:",
        "Faces in your pictures, with a table to take away.",
    ),
    _Way(
        "3_Videos.py",
        "Try a video",
        ":material/movie:",
        "Who showed what, when and for how long; the video with boxes to keep.",
    ),
    _Way(
        "4_Compare_models.py",
        "Compare models",
        ":material/leaderboard:",
        "Learning curves, mistakes and speed, side by side.",
    ),
    _Way(
        "5_Look_inside.py",
        "Look inside",
        ":material/search_insights:",
        "Which parts of a face a network goes by, layer by layer.",
    ),
    _Way(
        "7_Studies.py",
        "Make a study",
        ":material/science:",
        "Many recordings, two conditions: read, mended, compared.",
    ),
    _Way(
        "6_Data.py",
        "Data",
        ":material/dataset:",
        "What the networks learned from, and what is doubtful in it.",
    ),
)


def show() -> None:
    """The whole page."""
    st.title("Mien")
    # On a phone, where columns lie one under the other, the picture comes first.
    sample, ways = st.columns([2, 3], gap="large")
    with sample:
        show_sample()
    with ways:
        show_start()
        show_ways_in()
    st.header("The network in use", divider="gray")
    show_model_in_use()
    can, cannot = st.columns(2, gap="large")
    with can:
        st.header("What it can and cannot do", divider="gray")
        show_limits()
    with cannot:
        st.header("Your picture stays yours", divider="gray")
        show_privacy()


def show_start() -> None:
    """What this is, how right it is, and two ways to see it at once, which start by themselves."""
    st.markdown(
        "**Reads the expression that a face shows: live, in photos and videos, and network by "
        "network.**"
    )
    slug = chosen_slug()
    figures = None if slug is None else caches.networks.model_metrics(slug)
    if figures:
        st.markdown(
            f"Right on {100 * figures.accuracy:.0f} of 100 test faces; people agreed with these "
            f"labels on about {PEOPLE}."
        )
    with st.container(horizontal=True):
        if st.button("Start the camera", type="primary", icon=":material/videocam:"):
            st.switch_page(LIVE, query_params={"source": "camera", "start": "now"})
        if st.button("See it without a camera", icon=":material/draw:"):
            st.switch_page(LIVE, query_params={"source": "demo", "start": "now"})


def show_ways_in() -> None:
    """A tile for each other page that is there, two in a row; each can be clicked anywhere."""
    ways = [way for way in _WAYS if (_PAGES / way.page).exists()]
    for first in range(0, len(ways), 2):
        for number, (column, way) in enumerate(
            zip(st.columns(2), ways[first : first + 2], strict=False), start=first
        ):
            tile = column.container(border=True, height="stretch", key=f"home_tile_{number}")
            with tile:
                st.page_link(f"pages/{way.page}", label=f"**{way.label}**", icon=way.icon)
                st.caption(way.words)


def show_sample() -> None:
    """A drawn face as the network in use reads it: what every page does, in one picture."""
    slug = chosen_slug()
    if slug is None:
        return
    try:
        picture = caches.networks.drawn_sample(slug)
    except MienError as error:
        st.warning(f"The network in use does not load. {error}", icon=":material/broken_image:")
        return
    words = "A drawn smile, as the network below reads it."
    with st.container(key="home_sample"):
        st.image(picture, width="stretch", alt=words)
    st.caption(words)


def show_model_in_use() -> None:
    """Name and measured figures of the network that pages begin with, read from its folder."""
    slug = chosen_slug()
    if slug is None:
        show_no_model()
        return
    card = next(card for card in caches.networks.model_cards()[0] if card.slug == slug)
    figures = caches.networks.model_metrics(slug)
    st.markdown(f"**{card.title}**")
    right, classes, size, share = st.columns(4)
    if figures:
        half = 50 * (figures.accuracy_high - figures.accuracy_low)
        _figure(right, "Faces read right", f"{figures.accuracy:.1%}", f"± {half:.1f} points")
        _figure(classes, "Balanced over classes", f"{figures.macro_f1:.1%}", "macro-F1")
    _figure(size, "Size", f"{card.files['model.onnx'].bytes / 1e6:.1f} MB", "on disk")
    _figure(share, "Network", f"{card.parameters / 1e6:.2f} M", "parameters")
    if figures:
        st.caption(
            f"Measured on {figures.n:,} unseen faces of FER2013 (PrivateTest); the interval "
            f"holds the true figure in 95 of 100 such measurements. People got about {PEOPLE}% of "
            "these labels right (Goodfellow et al. 2013)."
            + (" More training would still help." if card.status == "budget-limited" else "")
        )


def _figure(place: DeltaGenerator, label: str, value: str, words: str) -> None:
    place.metric(label, value, words, delta_color="off", delta_arrow="off")


def show_limits() -> None:
    """Four lines on what the readings mean."""
    st.markdown(
        "- It names the **expression shown, not the feeling**: a smile is not always joy.\n"
        "- It knows **seven expressions**, shows how likely each is, and can say *unsure*.\n"
        "- It reads faces from the front, well lit and not hidden best; **natural faces are harder "
        "than posed ones**, and it does not read all people equally well.\n"
        "- It is **not for work, school, hiring or policing**; at work and in education the EU's "
        "AI Act prohibits inferring emotions."
    )


def show_privacy() -> None:
    """Two lines on where pictures go."""
    st.markdown(
        "- Pictures and video go only to the machine that Mien runs on; **nothing is kept** unless "
        "you download it, and nobody is recognised.\n"
        "- Ask people **before** you point a camera at them."
    )
