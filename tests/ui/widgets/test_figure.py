"""A chart's text is the page's own, on the light page and on the dark one."""

from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

from fer_core.charts.template import TEXT


def test_streamlit_puts_its_own_text_colour_in_the_place_of_ours() -> None:
    assert TEXT == GRAY_90, "Streamlit no longer replaces this colour: see fer_core.charts.template"
