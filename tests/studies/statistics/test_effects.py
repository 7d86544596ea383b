"""Effect sizes: by hand, without bias, and covered by their intervals."""

import numpy as np
import pytest
from scipy.stats import nct

from fer_core.studies.statistics import cohens_dz, hedges_g

STUDIES = 600


def test_dz_by_hand() -> None:
    dz, low, high = cohens_dz([1.0, 2.0, 3.0, 6.0])
    assert dz == pytest.approx(3 / np.sqrt(14 / 3))
    # At the ends a t as far out as this one comes in 2.5 %.
    t = dz * 2
    assert nct.sf(t, 3, low * 2) == pytest.approx(0.025, abs=1e-4)
    assert nct.cdf(t, 3, high * 2) == pytest.approx(0.025, abs=1e-4)


def test_g_by_hand() -> None:
    # Pooled variance (2 + 2) / 4, difference 3; J is about 1 - 3 / (4 m - 1) for m = 4.
    g, low, high = hedges_g([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    assert g == pytest.approx(3 * (1 - 3 / 15), rel=0.005)
    unit = np.sqrt(2 / 3) * g / 3  # of t, made smaller as g is
    assert nct.sf(3 / np.sqrt(2 / 3), 4, low / unit) == pytest.approx(0.025, abs=1e-4)
    assert nct.cdf(3 / np.sqrt(2 / 3), 4, high / unit) == pytest.approx(0.025, abs=1e-4)
    assert hedges_g([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]) == pytest.approx((-g, -high, -low))


def test_without_spread_there_is_no_effect_size() -> None:
    for result in (
        cohens_dz([0.2]),
        cohens_dz([0.2, 0.2, 0.2]),
        hedges_g([0.1], [0.1, 0.2]),
        hedges_g([0.1, 0.1], [0.3, 0.3]),
    ):
        assert np.isnan(result).all()


def test_intervals_cover_and_g_has_no_bias() -> None:
    rng = np.random.default_rng(7)
    dz = np.array([cohens_dz(row) for row in rng.normal(0.6, 1, (STUDIES, 10))])
    g = np.array(
        [
            hedges_g(a, b)
            for a, b in zip(
                rng.normal(0, 1, (STUDIES, 8)), rng.normal(0.6, 1, (STUDIES, 10)), strict=True
            )
        ]
    )
    for table in (dz, g):
        if table is g:  # its interval is that of d, made smaller with it
            assert table[:, 0].mean() == pytest.approx(0.6, abs=3 * 0.5 / np.sqrt(STUDIES))
        rate = ((table[:, 1] <= 0.6) & (table[:, 2] >= 0.6)).mean()
        assert 0.92 <= rate <= 0.975
