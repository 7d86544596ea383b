"""What stands under a face's bars: only what the network's card promises."""

import numpy as np

from fer_core.zoo import Predictions
from ui.widgets.bars import worth_sentence

ROWS = np.array(
    [[0.02, 0.02, 0.02, 0.5, 0.02, 0.4, 0.02], [0.2, 0.1, 0.15, 0.15, 0.15, 0.15, 0.1]], np.float32
)


def test_share_and_set_in_words_the_likeliest_first() -> None:
    found = Predictions(ROWS, set_threshold=0.1)
    assert worth_sentence(found, 0, 0.614) == (
        "expected right on a face like this: **61%** · 90% sure: **happy or surprise**"
    )
    assert worth_sentence(found, 1, None) == "90% sure: **any expression**"


def test_a_card_that_promises_nothing_gets_no_sentence() -> None:
    assert worth_sentence(Predictions(ROWS), 0, None) == ""
    assert worth_sentence(Predictions(ROWS), 0, 0.5) == (
        "expected right on a face like this: **50%**"
    )


def test_no_answer_is_certain() -> None:
    told = worth_sentence(Predictions(ROWS), 0, 0.998)
    assert "over 99%" in told
    assert "100%" not in told
