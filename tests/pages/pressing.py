"""Buttons of a page that start a command."""

from streamlit.testing.v1 import AppTest

from tests.waiting import wait_for


def press(page: AppTest, key: str, button: str) -> None:
    """Press one, and wait until its command has ended and the page shows what came of it."""
    page.button(f"{key}_{button}").click().run()
    assert not page.exception
    while f"{key}_command" in page.session_state:
        job = page.session_state[f"{key}_command"].job
        # Asked all the time, as a page that is open does: a command that nobody asks ends itself.
        wait_for(lambda job=job: job.line() is not None and not job.running)
        page.run()
        assert not page.exception
