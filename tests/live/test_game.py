"""The game with a clock of its own: what is asked, what is counted, what comes out."""

import io
import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from fer_core.charts import game_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.live.game import (
    COLUMNS,
    DURATION_S,
    FACE_PX,
    MOMENTS,
    READY_S,
    TURN_S,
    TURNS,
    Game,
    GameResult,
    game_csv,
    game_json,
    turn_order,
)
from tests.streamed import Clock, shares, stream_frame

Shown = Callable[[Emotion, float], Emotion | None]
"""What the face shows: by what is asked and the seconds within the turn; None: it is away."""


def play(shown: Shown, *, seed: int = 5, frames_per_second: float = 12) -> GameResult:
    clock = Clock()
    game = Game(clock)
    game.start(seed)
    started = clock.now
    while (turn := game.turn()) is not None:
        emotion = shown(turn.asked, TURN_S - turn.seconds_left)
        rows = [] if emotion is None else [shares(emotion), shares(Emotion.NEUTRAL)]
        game.on_frame(stream_frame(clock.now, *rows))
        clock.now += 1 / frames_per_second
    assert clock.now - started == pytest.approx(DURATION_S, abs=0.1)
    result = game.result
    assert result is not None
    return result


@pytest.mark.parametrize("seed", range(30))
def test_each_is_asked_for_equally_often_and_never_twice_in_a_row(seed: int) -> None:
    order = turn_order(seed)
    assert len(order) == TURNS
    assert set(Counter(order).values()) == {TURNS // len(LABELS)}
    assert all(a != b for a, b in pairwise(order))


def test_the_order_comes_from_the_seed() -> None:
    assert turn_order(1) == turn_order(1)
    assert len({turn_order(seed) for seed in range(10)}) == 10


@pytest.mark.parametrize("frames_per_second", [8, 30])
def test_who_shows_what_is_asked_gets_all_of_it(frames_per_second: float) -> None:
    result = play(lambda asked, _: asked, frames_per_second=frames_per_second)
    assert result.order == turn_order(5)
    assert result.share == 1.0
    assert (result.turns_right, result.turns_read) == (TURNS, result.order)
    assert result.counts.diagonal().sum() == len(result) == result.counts.sum()
    assert set(result.counts.diagonal()) == {2 * MOMENTS}  # each weighs the same
    assert len(result) == result.moments


def test_the_time_to_get_ready_is_not_counted() -> None:
    late = play(lambda asked, within: asked if within >= READY_S else Emotion.NEUTRAL)
    assert late.share == 1.0


def test_confusions_stand_in_the_row_of_what_was_asked() -> None:
    result = play(lambda asked, _: Emotion.SURPRISE if asked is Emotion.FEAR else asked)
    assert result.counts[Emotion.FEAR, Emotion.SURPRISE] == 2 * MOMENTS
    assert result.counts[Emotion.FEAR, Emotion.FEAR] == 0
    assert result.share == pytest.approx(6 / 7)
    assert result.turns_right == 12


def test_a_face_that_was_away_is_not_counted_against_anybody() -> None:
    result = play(lambda asked, _: None if asked is Emotion.SAD else asked)
    assert result.counts[Emotion.SAD].sum() == 0
    assert result.share == 1.0
    assert result.turns_read.count(None) == 2
    assert len(result) / result.moments == pytest.approx(6 / 7)
    nobody = play(lambda asked, _: None)
    assert len(nobody) == 0
    assert np.isnan(nobody.share)
    assert json.loads(game_json(nobody))["share"] is None
    assert len(pd.read_csv(io.BytesIO(game_csv(nobody)))) == 0


def test_what_is_asked_now() -> None:
    clock = Clock()
    game = Game(clock)
    assert game.turn() is None
    game.start(5)
    first = game.turn()
    assert first is not None
    assert (first.asked, first.number, first.counting) == (turn_order(5)[0], 1, False)
    assert first.face_seen is False
    clock.now += TURN_S + READY_S + 0.01
    game.on_frame(stream_frame(clock.now, shares(Emotion.SAD)))
    second = game.turn()
    assert second is not None
    assert (second.asked, second.number, second.counting) == (turn_order(5)[1], 2, True)
    assert second.face_seen
    assert second.seconds_left == pytest.approx(TURN_S - READY_S, abs=0.02)


def test_the_result_stays_until_it_is_discarded_and_half_a_game_has_none() -> None:
    clock = Clock()
    game = Game(clock)
    game.start(1)
    clock.now += DURATION_S + 1  # no frame, and nobody looked
    result = game.result
    assert result is not None
    game.start(2)
    assert game.result is result
    game.on_end()
    assert (game.turn(), game.broken_off) == (None, True)
    game.start(3)
    assert not game.broken_off
    game.stop()
    game.on_end()
    assert (game.turn(), game.broken_off) == (None, False)
    assert game.result is result
    game.discard()
    assert game.result is None


def test_files_have_every_reading_and_the_matrix() -> None:
    result = play(lambda asked, _: Emotion.SURPRISE if asked is Emotion.FEAR else asked)
    table = pd.read_csv(io.BytesIO(game_csv(result)))
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == len(result)
    assert set(table["turn"]) == set(range(1, TURNS + 1))
    assert (table["asked"] == table["read"]).mean() == pytest.approx(result.share)
    assert table["model"].unique().tolist() == ["tiny"]
    data = json.loads(game_json(result))
    assert data["asked_by_read"] == result.counts.tolist()
    assert data["turns_right"] == 12
    assert [turn["asked"] for turn in data["turns"]] == [e.label for e in turn_order(5)]


def test_the_matrix_says_asked_and_read() -> None:
    figure = game_figure(play(lambda asked, _: asked).counts)
    assert figure.layout.yaxis.title.text == "asked for"
    assert figure.layout.xaxis.title.text == "read"
    assert "images" not in figure.data[0].hovertemplate
    assert not game_figure(np.zeros((7, 7), int)).data


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ContractError):
        GameResult(
            turn_order(0),
            np.zeros(2),
            np.zeros(2, np.int64),
            np.zeros((2, 7), np.float32),
            np.zeros(2, bool),
            ("tiny",),
            0,
        )


def test_the_face_that_was_surest_and_wrong_is_kept() -> None:
    clock = Clock()
    game = Game(clock)
    game.start(5)
    sure = {Emotion.FEAR: 0.6, Emotion.SAD: 0.9, Emotion.HAPPY: 0.99}
    while (turn := game.turn()) is not None:
        # Fear and sad are read as surprise, sad with more certainty; all else is read as asked.
        wrong = turn.asked in (Emotion.FEAR, Emotion.SAD)
        read = Emotion.SURPRISE if wrong else turn.asked
        game.on_frame(stream_frame(clock.now, shares(read, sure.get(turn.asked, 0.95))))
        clock.now += 0.1
    result = game.result
    assert result is not None
    found = result.confusing
    assert found is not None
    assert (found.asked, found.read) == (Emotion.SAD, Emotion.SURPRISE)
    assert found.confidence == pytest.approx(0.9)
    assert found.rgb.shape == (FACE_PX, FACE_PX, 3)
    assert play(lambda asked, _: asked).confusing is None


def test_no_face_is_kept_of_a_game_that_was_broken_off() -> None:
    game = Game(Clock())
    game.start(5)
    game.on_frame(stream_frame(0.0, shares(Emotion.SAD)))
    for end in (game.stop, game.on_end):
        end()
        assert game.result is None
