"""Names in any writing on a video: in a font of this machine, or by the face's number."""

import cv2
import numpy as np
import pytest

from fer_core.pipeline import lettering
from fer_core.pipeline.lettering import font_with, measure, writable, write
from fer_core.studies.annotate import name_on_video

WHITE = (255, 255, 255)


def drawn(words: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    canvas = np.zeros((60, 300, 3), np.uint8)
    write(canvas, words, (10, 40), 20.0, WHITE)
    return canvas


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any font that is looked for."""
    monkeypatch.setattr(lettering, "font_with", lambda letters: None)


def test_ascii_stays_in_the_letters_of_opencv() -> None:
    canvas = np.zeros((60, 300, 3), np.uint8)
    cv2.putText(
        canvas, "happy 81%", (10, 40), cv2.FONT_HERSHEY_SIMPLEX, 20 / 21, WHITE, 2, cv2.LINE_AA
    )
    np.testing.assert_array_equal(drawn("happy 81%"), canvas)


def test_other_letters_are_drawn_where_they_were_measured() -> None:
    words = "Ярослав: happy 81%"
    if font_with(frozenset(words)) is None:
        pytest.skip("this machine has no font with Cyrillic letters")
    extent = measure(words, 20.0)
    ink = np.argwhere(drawn(words).any(axis=2))
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0)
    assert left >= 10 - 2
    assert right <= 10 + extent.width + 2
    assert 40 - extent.above - 2 <= top
    assert bottom <= 40 + extent.below + 2
    assert not np.array_equal(drawn(words), drawn("???????: happy 81%"))
    assert not np.array_equal(drawn(words), drawn("Ярослаа: happy 81%"))
    assert name_on_video("Ярослав", 3) == "Ярослав"


def test_a_letter_that_no_font_has_is_noticed() -> None:
    assert font_with(frozenset("\U0010fffe")) is None
    assert not writable("\U0010fffe")


@pytest.mark.usefixtures("no_fonts")
def test_without_a_font_a_name_is_said_without_marks_or_by_its_number() -> None:
    assert name_on_video("P01", 3) == "P01"
    assert name_on_video("Zoë", 3) == "Zoe"
    for name in ("日本", "Ярослав", "😀", "Zoë 小林"):
        assert name_on_video(name, 3) == "face 3"
    np.testing.assert_array_equal(drawn("日本 a"), drawn("?? a"))
