"""The card of a game's outcome: what is on it can be seen there."""

import io

import numpy as np
import PIL.Image
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.live.game import GameResult
from fer_core.live.score_card import SIZE, score_card
from tests.live.test_game import play


def pixels(png: bytes) -> np.ndarray:
    with PIL.Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def area(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(image - colour).max(axis=2) < 6).sum())


def happy_only(asked: Emotion, within_s: float) -> Emotion:
    return Emotion.HAPPY


def as_asked(asked: Emotion, within_s: float) -> Emotion:
    return asked


def test_each_expression_has_a_bar_as_long_as_its_share() -> None:
    all_right, one_right = (
        pixels(score_card(play(shown), "Tiny")) for shown in (as_asked, happy_only)
    )
    assert all_right.shape == (SIZE[1], SIZE[0], 3)
    for emotion in Emotion:
        bar = area(all_right, emotion.style.rgb)
        assert bar > 2000
        kept = area(one_right, emotion.style.rgb)
        assert kept == pytest.approx(bar, rel=0.02) if emotion == Emotion.HAPPY else kept < 60


def test_the_face_that_confused_is_on_it_and_none_where_nothing_did() -> None:
    grey = (127, 127, 127)  # the drawn frames' only colour
    assert area(pixels(score_card(play(happy_only), "Tiny")), grey) > 35_000
    assert area(pixels(score_card(play(as_asked), "Tiny")), grey) < 500


def test_without_any_reading_there_is_no_score() -> None:
    empty = GameResult(
        order=tuple(Emotion),
        seconds=np.empty(0),
        turns=np.empty(0, np.int64),
        probabilities=np.empty((0, 7), np.float32),
        unsure=np.empty(0, np.bool_),
        models=(),
        seed=0,
    )
    with pytest.raises(ContractError, match="nothing was read"):
        score_card(empty, "Tiny")
