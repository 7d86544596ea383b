"""Figures over seeds, against SciPy's own tests and by hand."""

import numpy as np
import pytest
from scipy import stats

from fer_core.errors import ContractError
from fer_core.metrics import paired_difference, spread, unpaired_difference

A, B = [0.56, 0.58, 0.57], [0.54, 0.55, 0.56]


def test_spread_by_hand() -> None:
    found = spread(A)
    assert (found.n, found.lowest, found.highest) == (3, 0.56, 0.58)
    assert found.mean == pytest.approx(0.57)
    assert found.sd == pytest.approx(0.01)


def test_one_seed_has_no_spread() -> None:
    found = spread([0.5])
    assert (found.n, found.mean, found.sd) == (1, 0.5, None)
    for difference in (paired_difference([0.5], [0.4]), unpaired_difference([0.5], [0.4])):
        assert difference.difference == pytest.approx(0.1)
        assert (difference.low, difference.high, difference.p) == (None, None, None)
        assert difference.within_chance is None


def test_paired_is_scipys_test() -> None:
    found = paired_difference(A, B)
    reference = stats.ttest_rel(A, B)
    assert found.p == pytest.approx(reference.pvalue)
    interval = reference.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.difference == pytest.approx(0.02)
    assert found.within_chance is True, "t is 4.3 for three seeds"


def test_unpaired_is_scipys_test_with_equal_variances() -> None:
    found = unpaired_difference(A, B[:2])
    reference = stats.ttest_ind(A, B[:2], equal_var=True)
    assert found.p == pytest.approx(reference.pvalue)
    interval = reference.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_one_seed_against_several_is_a_prediction_interval() -> None:
    found = unpaired_difference([0.60], A)
    reach = stats.t.ppf(0.975, 2) * 0.01 * np.sqrt(1 + 1 / 3)
    assert found.high is not None
    assert found.high - found.difference == pytest.approx(reach)
    assert found.within_chance is True
    assert unpaired_difference([0.70], A).within_chance is False


def test_seeds_that_agree_to_the_digit() -> None:
    assert paired_difference([0.6, 0.7], [0.5, 0.6]).p == 0
    assert paired_difference(A, A).p == 1
    assert paired_difference(A, A).within_chance is True


@pytest.mark.parametrize("wrong", [[], [[0.5]]])
def test_what_is_no_figure_of_each_seed_is_refused(wrong: list[float]) -> None:
    for ask in (
        lambda: spread(wrong),
        lambda: paired_difference(wrong, wrong),
        lambda: unpaired_difference([0.5], wrong),
    ):
        with pytest.raises(ContractError):
            ask()
    with pytest.raises(ContractError, match="same seeds"):
        paired_difference([0.5, 0.6], [0.5])
