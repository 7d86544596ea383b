"""A browser asks before it closes a tab with something that would be lost."""

import json

import streamlit as st

from ui.live.recorder import would_be_lost

_GUARD = """<script>
window.mienWouldLose = {words};
if (!window.mienAsksBeforeLeaving) {{
    window.mienAsksBeforeLeaving = true;
    window.addEventListener("beforeunload", event => {{
        if (window.mienWouldLose) event.preventDefault();
    }});
}}
</script>"""


def ask_before_leaving() -> None:
    """For the end of every page: what lives in the tab only may be on another page of it."""
    st.html(_GUARD.format(words=json.dumps(would_be_lost())), unsafe_allow_javascript=True)
