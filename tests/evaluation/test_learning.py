"""Learning curves: stints that follow each other, the best epoch, smoothing."""

from itertools import pairwise

import numpy as np
import pytest

from fer_core.evaluation.learning import LearningCurve, Stage, find_stages, smooth
from fer_core.evaluation.summary import HISTORY_COLUMNS, History, read_history
from fer_core.zoo import MODELS, read_card


def history(*rates: float) -> History:
    columns = {name: np.zeros(len(rates)) for name in HISTORY_COLUMNS}
    return History(
        columns
        | {
            "epoch": np.arange(1.0, len(rates) + 1),
            "learning_rate": np.array(rates),
            "val_accuracy": np.linspace(0, 0.5, len(rates)),
        }
    )


def cosine(epochs: int, highest: float = 0.1) -> list[float]:
    return [highest * (1 + np.cos(np.pi * (e + 1) / epochs)) / 2 for e in range(epochs)]


@pytest.mark.parametrize(
    "rates",
    [
        [],
        [0.1],
        [0.1, 0.0],
        np.linspace(0.1, 0, 9),
        [0.02, 0.06, 0.1, 0.08, 0.06, 0.04, 0.02, 0.0],  # warmed up
        cosine(4),
        cosine(40),
        [0.01] * 9,
    ],
    ids=str,
)
def test_no_schedule_is_taken_for_a_stage(rates: list[float]) -> None:
    assert find_stages(history(*rates), {}) == ()


def test_a_rate_that_rises_or_falls_at_once_begins_a_stage() -> None:
    first = [0.1, 0.08, 0.06]
    again = history(*first, 0.01, 0.05, 0.04, 0.03, 0.02)  # two epochs of warm-up
    assert [stage.epoch for stage in find_stages(history(*first, 0.04, 0.1, 0.09), {})] == [5]
    assert find_stages(again, {})[-1] == Stage(5, "training went on, learning rate 0.05")
    lower = history(0.1, 0.09, 0.08, 0.02, 0.018, 0.016)
    assert [stage.epoch for stage in find_stages(lower, {})] == [4]


def test_faces_grow_in_the_last_stint_only() -> None:
    once = np.linspace(0.1, 0, 7).tolist()
    recipe = {"epochs": 7, "sides_px": [32, 40, 48]}
    grown = [(3, "faces of 40 px"), (5, "faces of 48 px")]
    # Epochs 0 to 6: 0, 0, 0 | 1, 1 | 2, 2, as `TrainingJob.input` counts.
    sides = [recipe["sides_px"][min(epoch * 3 // 7, 2)] for epoch in range(7)]
    changes = [row for row, (a, b) in enumerate(pairwise(sides), start=1) if a != b]
    assert [stage.epoch - 1 for stage in find_stages(history(*once), recipe)] == changes == [3, 5]
    twice = find_stages(history(*once, *once), recipe)
    assert [(s.epoch - 8, s.what) for s in twice[1:]] == grown
    # One that runs has not come there yet.
    assert [s.epoch for s in find_stages(history(*once[:4]), recipe)] == [4]


def test_the_best_epoch_is_the_cards_or_the_highest_so_far() -> None:
    measured = history(0.3, 0.2, 0.1)
    assert LearningCurve.of(measured, {"best_epoch": 2}).best_epoch == 2
    assert LearningCurve.of(measured, {}).best_epoch == 3
    assert LearningCurve.of(history(), {}).best_epoch is None


def test_smoothing_by_hand() -> None:
    assert smooth([2, 4, 6], 0).tolist() == [2, 4, 6]
    # Weights 1/4, 1/2, 1, divided by their sum.
    assert smooth([2, 4, 6], 0.5) == pytest.approx([2, (2 * 0.5 + 4) / 1.5, (0.5 + 2 + 6) / 1.75])
    assert smooth([1, 1, 9, 9], 0.9, starts=[2]) == pytest.approx([1, 1, 9, 9])
    assert smooth([], 0.9).shape == (0,)


def test_stages_of_the_flagship_that_ships() -> None:
    folder = MODELS / "flagship"
    recipe = read_card(folder).recipe
    stages = find_stages(read_history(folder), recipe)
    # compact, 39 epochs of a longer plan, 39 of a shorter, cameras, restored: docs/experiments.md.
    assert [stage.epoch for stage in stages] == [31, 70, 109, 123]
    assert 123 <= recipe["best_epoch"] <= 136
