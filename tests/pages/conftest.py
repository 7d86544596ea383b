"""Pages run by AppTest, without a browser."""

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import streamlit as st

from fer_core.studies.example import HOLD_S, make_example, planted_expressions
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from tests.studies.written import Seen, write_readings


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


@pytest.fixture
def home(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where studies lie, with two tiny networks."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    monkeypatch.delenv("MIEN_VIDEOS", raising=False)
    return tmp_path


@pytest.fixture
def drawn_study(home: Path) -> Study:
    """The drawn study, read by code as everything in it was planted."""
    study = make_example("drawn", choose_settings(["tiny", "tiny_b"], detector="haar"))
    for recording in study.recordings():
        planted = planted_expressions(int(recording.name.removeprefix("P")))
        write_readings(
            study, recording, lambda time_s, shown=planted: [Seen(40, shown[int(time_s / HOLD_S)])]
        )
    return study
