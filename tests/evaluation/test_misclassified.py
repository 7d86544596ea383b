"""Finding what a model names wrongly."""

import numpy as np
import pytest

from fer_core.errors import ContractError
from fer_core.evaluation.misclassified import find_mistakes


def test_mistakes_begin_with_the_most_confident() -> None:
    p = np.full((4, 7), 0.05, np.float32)
    for row, (column, top) in enumerate([(0, 0.7), (1, 0.4), (2, 0.9), (3, 0.6)]):
        p[row] = (1 - top) / 6
        p[row, column] = top
    mistakes = find_mistakes(p, np.array([0, 0, 0, 1]))
    assert mistakes.rows.tolist() == [2, 3, 1]
    assert mistakes.true.tolist() == [0, 1, 0]
    assert mistakes.predicted.tolist() == [2, 3, 1]
    assert mistakes.only(true=0).rows.tolist() == [2, 1]
    assert mistakes.only(true=0, predicted=1).rows.tolist() == [1]
    assert len(mistakes.only(true=6)) == 0
    assert len(find_mistakes(p, p.argmax(axis=1))) == 0
    with pytest.raises(ContractError):
        find_mistakes(p, np.array([0]))
