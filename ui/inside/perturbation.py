"""Sliders that make the face harder to read."""

import streamlit as st

from fer_core.evaluation.explanation import COVER_PLACES, Perturbation

_AT_REST: dict[str, float] = {
    "inside_blur": 0.0,
    "inside_noise": 0,
    "inside_light": 100,
    "inside_turn": 0,
    "inside_cover": 0,
}
"""The sliders at rest, each value of its slider's type."""


def choose_perturbation() -> Perturbation:
    """Sliders that make the face harder to read."""
    for key, value in _AT_REST.items():
        st.session_state.setdefault(key, value)
    blur = st.slider("Blur, σ in pixels", 0.0, 3.0, step=0.25, key="inside_blur")
    noise = st.slider("Noise, σ in grey levels", 0, 40, step=2, key="inside_noise")
    light = st.slider("Light", 5, 100, step=5, format="%d %%", key="inside_light")
    turn = st.slider("Turned", -45, 45, step=5, format="%d°", key="inside_turn")
    cover = st.slider("Covered", 0, 40, step=5, format="%d %%", key="inside_cover")
    place = "eyes"
    if cover:
        place = st.segmented_control(
            "What is covered",
            list(COVER_PLACES),
            default="eyes",
            required=True,
            key="inside_place",
        )
    st.button("Back to the face as it is", on_click=_reset, icon=":material/restart_alt:")
    return Perturbation(blur, noise, light / 100, turn, cover / 100, COVER_PLACES[place])


def _reset() -> None:
    # Assigned and not removed: a slider in the browser moves only when it is given a value.
    st.session_state.update(_AT_REST)
