"""Agreement beyond chance, held to the published example."""

import math

import numpy as np
import pytest

from fer_core.errors import ContractError
from fer_core.metrics import fleiss_kappa

FLEISS_1971 = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""Fourteen raters, ten items, five categories: the example of many textbooks, kappa 0.210."""


def test_the_published_example() -> None:
    assert fleiss_kappa(FLEISS_1971) == pytest.approx(0.210, abs=5e-4)


def test_full_agreement_is_one_and_chance_is_none() -> None:
    assert fleiss_kappa([[3, 0], [0, 3]]) == pytest.approx(1)
    answers = np.random.default_rng(0).integers(0, 4, (2000, 5))
    counts = (answers[..., None] == np.arange(4)).sum(axis=1)
    assert fleiss_kappa(counts) == pytest.approx(0, abs=0.02)
    assert math.isnan(fleiss_kappa([[2, 0], [2, 0]]))


@pytest.mark.parametrize("counts", [[], [[1, 0]], [[2, 0], [3, 0]], [1, 2]])
def test_answers_that_do_not_belong_together(counts: list[object]) -> None:
    with pytest.raises(ContractError):
        fleiss_kappa(counts)
