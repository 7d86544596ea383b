"""Two faults of Streamlit's menu, mended. Checked with Streamlit 1.67.

- A server whose first visitor asks for a page and not for Home runs that page by itself, beside
  `app.py` and with a menu of file names: until ``st.navigation`` was called once, a folder
  ``pages`` means an app of the old kind. The flag is set and the run begun anew (no issue of
  Streamlit's was found).
- The menu of a narrow window stays open over the page that was chosen in it, but for browsers that
  call themselves mobile (https://github.com/streamlit/streamlit/issues/7509, closed): not in a
  phone's "desktop site", not in a split screen. A script presses the button that closes it.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from ui.webrtc.private_parts import PrivatePart

RELIES_ON = (
    PrivatePart(
        "streamlit.runtime.pages_manager:PagesManager",
        ("uses_pages_directory",),
        "streamlit 1.67.0",
        "the first visitor of a server may ask for any page",
    ),
)

# Streamlit's names for parts of a page are there for tests; tests/browser/test_navigation.py
# holds them.
_CLOSE_MENU = """
<script>
if (!window.mienClosesMenu) {
    window.mienClosesMenu = true;
    document.addEventListener("click", event => {
        if (!event.target.closest('[data-testid="stSidebarNavLink"]')) return;
        // After Streamlit's own answer to the click: a menu that is closed has no such button.
        setTimeout(() => document.querySelector(
            '[data-testid="stSidebarCollapseButton"] button')?.click());
    });
}
</script>
"""


def only_through_app() -> None:
    """For the top of each page: begin again through `app.py` where Streamlit went past it."""
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def close_menu_when_a_page_is_chosen() -> None:
    """For as long as the tab is open. Takes the place of one empty element."""
    st.html(_CLOSE_MENU, unsafe_allow_javascript=True)
