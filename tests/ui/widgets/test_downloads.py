"""Files to take away: a button for each kind, made only when it is clicked."""

from streamlit.testing.v1 import AppTest

NAMES = ["a.csv", "b.json", "c.mp4", "d.png", "e.zip"]


def offered() -> None:
    import streamlit as st

    from ui.widgets.downloads import offer_file

    def make() -> str:
        raise AssertionError("nobody has clicked")

    for name in st.session_state["names"]:
        offer_file(name, make, name, key=name)


def test_each_kind_has_a_button_and_nothing_is_made_before_a_click() -> None:
    page = AppTest.from_function(offered)
    page.session_state["names"] = NAMES
    page.run()
    assert not page.exception
    assert [button.label for button in page.download_button] == NAMES
