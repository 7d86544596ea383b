"""A fault of Streamlit's menu, mended. Checked with Streamlit 1.67.

A server whose first visitor asks for a page and not for Home runs that page by itself, beside
`app.py` and with a menu of file names: until ``st.navigation`` was called once, a folder ``pages``
means an app of the old kind, and its menu was seen for a moment. The flag is set when the server
starts (no issue of Streamlit's was found). The menu of a narrow window that stays open is closed by
`ui/head/page.js`.
"""

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


def only_through_app() -> None:
    """For the server's start: the folder of pages is for `ui.navigation` alone."""
    PagesManager.uses_pages_directory = False
