"""Prediction sets: the threshold by hand, and what it promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.errors import ContractError
from fer_core.metrics import choose_set_threshold

# The label's probability: 0.9, 0.8, 0.7, ... 0.1, and 0.05.
OWN = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
P, TRUE = np.stack([OWN, 1 - OWN], axis=1), np.zeros(len(OWN), int)


@pytest.mark.parametrize(
    ("coverage", "threshold"),
    # Of 11 faces, the ten and the next one, 1.1, 2.2 and 5.5 may be missed: one, two and five.
    [(0.9, 0.05), (0.8, 0.1), (0.5, 0.4), (0.95, 0.0), (1.0, 0.0)],
)
def test_threshold_by_hand(coverage: float, threshold: float) -> None:
    assert choose_set_threshold(P, TRUE, coverage) == threshold


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 0.8, 0.9]))
def test_other_faces_of_the_same_kind_are_covered(seed: int, coverage: float) -> None:
    """However bad the network: these answers have nothing to do with the labels."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(7, 0.5), 6000)
    labels = rng.integers(0, 7, 6000)
    threshold = choose_set_threshold(p[:3000], labels[:3000], coverage)
    covered = p[np.arange(3000, 6000), labels[3000:]] >= threshold
    # Five standard deviations of both samples together.
    assert covered.mean() >= coverage - 5 * np.sqrt(2 * coverage * (1 - coverage) / 3000)


def test_nothing_is_refused() -> None:
    with pytest.raises(ContractError):
        choose_set_threshold(np.empty((0, 7)), [])
