"""The short version of `python -m benchmarks.soak`: six connections leave nothing behind."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from benchmarks.soak import Reading, complaints, soak_cycles
from tests.browser.stage import LiveWidget, Server

pytestmark = pytest.mark.timeout(240)


def test_what_grows_is_named() -> None:
    before = Reading(threads=20, descriptors=14, megabytes=400.0)
    assert complaints(before, Reading(23, 17, 419.0)) == []
    found = complaints(before, Reading(26, 32, 430.0))
    assert [words.split()[0] for words in found] == ["threads", "descriptors", "memory"]


@pytest.mark.browser
def test_six_connections_leave_nothing_behind(
    open_page: Callable[..., Page], server: Server
) -> None:
    page = open_page("/Live?source=demo")
    LiveWidget(page).wait_for_button("START")
    assert soak_cycles(page, server, 6)["complaints"] == []
