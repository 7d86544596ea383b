"""The chip with the face detector that is really on."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from ui import caches


def chip() -> None:
    from ui.widgets.pickers import show_detector_on

    show_detector_on("yunet")


@pytest.mark.parametrize(
    ("on", "reason", "words"),
    [("yunet", "", "Faces found by YuNet"), ("haar", "Haar finds the faces until", "Haar")],
)
def test_it_names_the_detector_that_is_on_and_why(
    on: str, reason: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches.detectors, "detector", lambda name: SimpleNamespace(name=on))
    monkeypatch.setattr(caches.detectors, "detector_reason", lambda name: reason)
    page = AppTest.from_function(chip).run()
    assert not page.exception
    (badge,) = page.markdown
    assert words in badge.value
    assert (":orange-badge" in badge.value) == (on == "haar")
    assert badge.proto.help.startswith(reason)
