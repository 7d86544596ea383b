"""The arena says whose word each network gives, where that is not the same for all."""

import numpy as np

from fer_core.live.arena import Answer, ArenaState
from fer_core.zoo import AnswersAs, Predictions
from ui.live.arena import whose_words

TITLES = {"flagship": "Flagship", "triple": "Triple"}


def _round(*words: tuple[str, AnswersAs]) -> ArenaState:
    even = np.full((1, 7), 1 / 7, np.float32)
    return ArenaState(
        tuple(
            Answer(slug, Predictions(even, answers_as=answers_as), 1.0)
            for slug, answers_as in words
        )
    )


def test_different_words_are_told_apart() -> None:
    told = whose_words(_round(("triple", AnswersAs.LABELS), ("flagship", AnswersAs.VOTERS)), TITLES)
    assert "most people would name the face: Flagship; as FER2013's labels" in told
    assert told.endswith("differ: Triple.")


def test_the_same_word_needs_no_sentence() -> None:
    for answers_as in AnswersAs:
        both = _round(("triple", answers_as), ("flagship", answers_as))
        assert whose_words(both, TITLES) == ""
