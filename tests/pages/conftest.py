"""Pages run by AppTest, without a browser."""

from collections.abc import Iterator
from unittest import mock

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def _quiet_streamlit() -> Iterator[None]:
    """AppTest has no browser session, which the video widget asks for; caches start empty."""
    st.cache_data.clear()
    st.cache_resource.clear()
    with (
        mock.patch("streamlit_webrtc.component.get_this_session_info", return_value=None),
        mock.patch("streamlit_webrtc.shutdown.get_this_session_info", return_value=None),
    ):
        yield
