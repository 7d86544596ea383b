"""Faces as a value that checks itself."""

import numpy as np
import pytest

from fer_core.errors import ContractError
from fer_core.faces import Faces


def test_faces_refuse_wrong_arrays() -> None:
    with pytest.raises(ContractError, match=r"Faces\.scores"):
        Faces.from_boxes(np.ones((2, 4)), scores=np.ones(3))
    with pytest.raises(ContractError, match="not a box"):
        Faces.from_boxes(np.array([[0, 0, 0, 5]]))
    with pytest.raises(ContractError, match="not a box"):
        Faces.from_boxes(np.array([[0, 0, np.nan, 5]]))


def test_largest_first_moves_rows_together() -> None:
    faces = Faces.from_boxes(
        np.array([[0, 0, 2, 2], [5, 5, 9, 9], [1, 1, 4, 4]]), scores=np.array([0.1, 0.2, 0.3])
    ).largest_first()
    assert faces.boxes[:, 2].tolist() == [9, 4, 2]
    assert faces.scores.tolist() == pytest.approx([0.2, 0.3, 0.1])
