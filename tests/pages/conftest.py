"""Pages run by AppTest, without a browser."""

import csv
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import HeadingBase

from fer_core.studies.catalogue import open_study
from fer_core.studies.store import Study
from ui.widgets import figure


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


@pytest.fixture(autouse=True)
def _no_heading_level_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever state a test brings a page: h1, h2, h3, as screen readers list them."""
    run = AppTest._run

    def checked(page: AppTest, *args: Any, **options: Any) -> AppTest:
        run(page, *args, **options)
        headings = [each for each in page.main if isinstance(each, HeadingBase)]
        levels = [int(each.tag[1]) for each in headings]
        if levels and levels[0] == 1:  # a page, and not one part of it
            gaps = [
                (before.value, after.value)
                for before, after in pairwise(headings)
                if int(after.tag[1]) > int(before.tag[1]) + 1
            ]
            assert not gaps, f"a level of headings is left out: {gaps}"
            assert levels.count(1) == 1
        return page

    monkeypatch.setattr(AppTest, "_run", checked)


@pytest.fixture(autouse=True)
def _numbers_of_a_chart_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever chart a test brings up: its CSV's columns say what they are."""
    offer = figure.offer_file

    def checked(label: str, content: Any, *args: Any, **options: Any) -> None:
        names = next(csv.reader(content().splitlines()))
        assert not {"x", "y", "value"} & set(names), f"{args[0]} has the columns {names}"
        assert len(names) == len(set(names))
        offer(label, content, *args, **options)

    monkeypatch.setattr(figure, "offer_file", checked)


@pytest.fixture
def home(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where studies lie, with two tiny networks."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_STUDIES", str(tmp_path / "studies"))
    monkeypatch.delenv("MIEN_VIDEOS", raising=False)
    return tmp_path


@pytest.fixture
def drawn_study(home: Path, planted_studies: Path) -> Study:
    """The drawn study, read by code as everything in it was planted."""
    shutil.copytree(planted_studies, home / "studies")
    return open_study("drawn")
