"""Accuracy, confusion and F1: worked by hand, and as scikit-learn has them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from fer_core.emotions import LABELS
from fer_core.errors import ContractError
from fer_core.metrics import (
    ClassReport,
    accuracy,
    class_shares,
    confusion_matrix,
    macro_f1,
    per_class,
    per_class_table,
)

# true:      0 0 0 1 1 2      predicted: 0 0 1 1 2 2
TRUE = np.array([0, 0, 0, 1, 1, 2])
SEEN = np.array([0, 0, 1, 1, 2, 2])

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=60)


def test_confusion_by_hand() -> None:
    counts = confusion_matrix(TRUE, SEEN, 3)
    assert counts.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert counts.dtype == np.int64


def test_ratios_by_hand() -> None:
    table = per_class_table(confusion_matrix(TRUE, SEEN, 3))
    np.testing.assert_allclose(table[0], [1, 2 / 3, 0.8])
    np.testing.assert_allclose(table[1], [0.5, 0.5, 0.5])
    np.testing.assert_allclose(table[2], [0.5, 1, 2 / 3])
    assert macro_f1(TRUE, SEEN, 3) == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert accuracy(TRUE, SEEN) == pytest.approx(4 / 6)


def test_classes_without_a_label_can_be_left_out() -> None:
    """Three classes of seven; an answer of a fourth is wrong all the same."""
    assert macro_f1(TRUE, SEEN, labelled_only=True) == pytest.approx(macro_f1(TRUE, SEEN, 3))
    other = np.array([0, 0, 6, 1, 1, 2])
    assert macro_f1(TRUE, other, labelled_only=True) == pytest.approx((0.8 + 1 + 1) / 3)


def test_shares_by_hand() -> None:
    assert class_shares(TRUE, 4).tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6, 0])
    with pytest.raises(ContractError, match="no image"):
        class_shares([])


def test_no_images_is_an_empty_matrix_but_no_accuracy() -> None:
    assert confusion_matrix([], []).tolist() == np.zeros((7, 7), int).tolist()
    with pytest.raises(ContractError, match="no image"):
        accuracy([], [])
    with pytest.raises(ContractError, match="no image"):
        macro_f1([], [])


def test_a_class_nobody_saw_counts_zero() -> None:
    figures = per_class([0, 0], [0, 0])
    assert figures["disgust"] == ClassReport(precision=0, recall=0, f1=0, support=0)
    assert tuple(figures) == LABELS


@pytest.mark.parametrize(
    ("true", "seen"),
    [([0, 7], [0, 0]), ([-1], [0]), ([0.5], [0]), ([0, 1], [0]), ([[0]], [[0]])],
)
def test_refuses_what_is_no_class(true: list[object], seen: list[object]) -> None:
    with pytest.raises(ContractError):
        confusion_matrix(true, seen)


@given(pairs)
def test_agrees_with_scikit_learn(rows: list[tuple[int, int]]) -> None:
    true, seen = np.array(rows).T
    counts = confusion_matrix(true, seen)
    np.testing.assert_array_equal(counts, sk.confusion_matrix(true, seen, labels=range(7)))
    assert accuracy(true, seen) == pytest.approx(sk.accuracy_score(true, seen))
    expected = sk.precision_recall_fscore_support(true, seen, labels=range(7), zero_division=0)
    np.testing.assert_allclose(per_class_table(counts).T, expected[:3])
    assert [figures.support for figures in per_class(true, seen).values()] == list(expected[3])
    assert macro_f1(true, seen) == pytest.approx(np.mean(expected[2]))


@given(pairs, st.randoms())
def test_order_of_images_does_not_matter(rows: list[tuple[int, int]], random) -> None:
    true, seen = np.array(rows).T
    random.shuffle(rows)
    shuffled_true, shuffled_seen = np.array(rows).T
    assert macro_f1(true, seen) == macro_f1(shuffled_true, shuffled_seen)
