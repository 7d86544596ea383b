"""Two networks by their seeds: paired, not paired, and where only one has some."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from scipy import stats

from fer_core.evaluation.family_comparison import (
    Contender,
    compare_families,
    read_contender,
)
from fer_core.evaluation.seeds import SEEDS
from tests.seeds import write_seeds
from tests.tiny import write_tiny_folder


def contender(root: Path, name: str, seeds: dict[int, float], shipped: float = 0.5) -> Contender:
    folder = write_tiny_folder(root, name)
    if seeds:
        write_seeds(folder, seeds)
    found = read_contender(folder)
    return replace(found, shipped=found.shipped.model_copy(update={"accuracy": shipped}))


@pytest.fixture
def tiny(tmp_path: Path) -> Contender:
    return contender(tmp_path, "tiny", {0: 0.56, 1: 0.58, 2: 0.57})


def test_the_seeds_that_both_have_are_paired(tiny: Contender, tmp_path: Path) -> None:
    found = compare_families(tiny, contender(tmp_path, "other", {1: 0.55, 2: 0.56, 3: 0.99}))
    assert found is not None
    assert found.seeds == found.a_seeds == found.b_seeds == (1, 2)
    assert found.accuracy.difference == pytest.approx(0.02)
    # 0.03 and 0.01: half their difference is the standard error, t for two seeds is 12.7.
    assert found.accuracy.high == pytest.approx(0.02 + 12.706 * 0.01, abs=1e-4)
    assert "over 2 seeds (1, 2): 57.5 % ± 0.7" in found.text()
    assert "paired t p" in found.text()
    assert "other seeds alone could make it; few seeds" in found.text()


@pytest.mark.parametrize("theirs", [{5: 0.50, 6: 0.52}, {2: 0.50, 6: 0.52}])
def test_other_seeds_are_set_apart_without_pairs(
    theirs: dict[int, float], tiny: Contender, tmp_path: Path
) -> None:
    found = compare_families(tiny, contender(tmp_path, "other", theirs))
    assert found is not None
    assert found.seeds == ()
    expected = stats.ttest_ind([0.56, 0.58, 0.57], [0.50, 0.52])
    assert found.accuracy.p == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx((low, high))
    named = ", ".join(map(str, theirs))
    assert f"over 3 seeds (0, 1, 2) against 2 seeds ({named}), not paired" in found.text()
    assert ", t p" in found.text()
    assert json.loads(json.dumps(asdict(found)))["b_seeds"] == list(theirs)


@pytest.mark.parametrize(
    ("shipped", "verdict"),
    [(0.55, "other seeds alone could make it"), (0.45, "more than seeds make")],
)
def test_one_training_is_held_against_the_other_ones_spread(
    shipped: float, verdict: str, tiny: Contender, tmp_path: Path
) -> None:
    alone = contender(tmp_path, "alone", {}, shipped)
    found, back = compare_families(tiny, alone), compare_families(alone, tiny)
    assert found is not None
    assert back is not None
    # A new one of three: its distance over their standard deviation, wider by their mean's own.
    reach = stats.t.ppf(0.975, 2) * 0.01 * (1 + 1 / 3) ** 0.5
    assert found.accuracy.difference == pytest.approx(0.57 - shipped)
    assert found.accuracy.high == pytest.approx(0.57 - shipped + reach)
    assert (found.b.n, found.b.sd, found.b.mean) == (1, None, shipped)
    assert "3 seeds (0, 1, 2) of the first against the one training of the second" in found.text()
    assert "the one training of the first against 3 seeds (0, 1, 2) of the second" in back.text()
    assert verdict in found.text()
    assert verdict in back.text()
    assert back.accuracy.p == pytest.approx(found.accuracy.p)


def test_where_chance_cannot_be_told_that_is_said(tmp_path: Path) -> None:
    one, other = (contender(tmp_path, name, {seed: 0.5}) for name, seed in (("a", 0), ("b", 3)))
    for pair in ((one, other), (one, contender(tmp_path, "c", {}))):
        found = compare_families(*pair)
        assert found is not None
        assert "one seed tells nothing of chance" in found.text()
    assert compare_families(*(contender(tmp_path, name, {}) for name in ("d", "e"))) is None


def test_seeds_that_were_measured_on_other_faces_do_not_count(tmp_path: Path) -> None:
    folder = write_seeds(write_tiny_folder(tmp_path, "own"), {0: 0.9, 1: 0.9})
    for path in (folder / SEEDS).glob("*.json"):
        path.write_text(path.read_text().replace('"fer2013"', '"mine"'))
    own = read_contender(folder)
    assert own.family is not None
    assert own.family.dataset == "mine"
    assert own.seeds == ()
    assert compare_families(own, contender(tmp_path, "other", {})) is None
