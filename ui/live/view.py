"""Switches of the live video. They act on the next frame, without a restart."""

from dataclasses import fields, replace

import streamlit as st

from fer_core.live.session import LiveSession, View
from ui import address

SWITCHES = {
    "boxes": ("Boxes", "Outline each face."),
    "labels": ("Names", "Write number, expression and percentage at each face."),
    "smoothing": (
        "Smoothing",
        "Average what is read over a fraction of a second. Without it every frame speaks for "
        "itself, and flickers.",
    ),
    "mirror": (
        "Mirror",
        "Show the video as in a mirror; by default for a camera that looks at you. What is read "
        "stays the same.",
    ),
}
"""Fields of `View`, and how each is called and explained."""

_ON, _OFF = "on", "off"
_CHOSEN = "live_view"


def show_switches(live: LiveSession, *, mirror: bool) -> None:
    """One switch for each field of `View`; a choice holds until the tab is closed, or reloaded.

    Args:
        live: whose view is set.
        mirror: whether the video is mirrored where nobody chose.
    """
    defaults = replace(View(), mirror=mirror)
    # Streamlit forgets a widget's value on a page without it; what was chosen is kept.
    chosen: dict[str, bool] = st.session_state.setdefault(_CHOSEN, {})
    with st.popover("View", icon=":material/visibility:"):
        for field in fields(View):
            _switch(field.name, chosen, default=getattr(defaults, field.name))
    live.view = replace(defaults, **chosen)


def _switch(name: str, chosen: dict[str, bool], *, default: bool) -> None:
    label, help_text = SWITCHES[name]
    key, in_address = f"live_view_{name}", label.lower()
    asked = address.newly_asked(in_address, (_ON, _OFF))
    if asked is not None:
        chosen[name] = asked == _ON
    st.session_state[key] = chosen.get(name, default)

    def keep() -> None:
        chosen[name] = st.session_state[key]

    st.toggle(label, key=key, help=help_text, on_change=keep)
    words = {True: _ON, False: _OFF}
    address.keep(in_address, words[chosen.get(name, default)], words[default])
