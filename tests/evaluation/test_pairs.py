"""Every pair of models on the same images."""

import numpy as np

from fer_core.evaluation.pairs import compare_pairs
from fer_core.metrics import mcnemar_exact


def test_pairs_are_those_of_mcnemar() -> None:
    rng = np.random.default_rng(0)
    labels, groups = rng.integers(0, 7, 50), np.arange(50)
    answers = [rng.normal(0, 1, (50, 7)) + scale * np.eye(7)[labels] for scale in (0, 1, 3)]
    right = [logits.argmax(axis=1) == labels for logits in answers]
    pairs = compare_pairs(right, groups)
    assert list(pairs) == [(0, 1), (0, 2), (1, 2)]
    assert pairs[0, 2] == mcnemar_exact(right[0], right[2], groups)
    assert compare_pairs([], groups) == {}
    assert compare_pairs(right[:1], groups) == {}
