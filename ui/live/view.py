"""Switches under the live video. They act on the next frame, without a restart."""

from dataclasses import fields, replace

import streamlit as st

from fer_core.live.session import LiveSession, View

SWITCHES = {
    "boxes": ("Boxes", "Outline each face."),
    "labels": ("Names", "Write number, expression and percentage at each face."),
    "smoothing": (
        "Smoothing",
        "Average what is read over a fraction of a second. Without it every frame speaks for "
        "itself, and flickers.",
    ),
    "mirror": ("Mirror", "Show the video as in a mirror. What is read stays the same."),
}
"""Fields of `View`, and how each is called and explained."""


def show_switches(live: LiveSession) -> None:
    """One switch for each field of `View`; the choice lasts as long as the browser tab."""
    view = live.view
    with st.container(horizontal=True, gap="medium"):
        for field in fields(View):
            label, help_text = SWITCHES[field.name]
            key = f"live_view_{field.name}"
            # Streamlit forgets a widget's value on a page without it; the session keeps it.
            if key not in st.session_state:
                st.session_state[key] = getattr(view, field.name)
            on = st.toggle(label, key=key, help=help_text)
            view = replace(view, **{field.name: on})
    live.view = view
