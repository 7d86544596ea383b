"""Agreement with a coder: published examples, other implementations, and intervals by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from fer_core.emotions import Emotion
from fer_core.errors import ContractError, StudyError
from fer_core.studies.statistics import (
    coder_agreement,
    cohens_kappa,
    krippendorffs_alpha,
    network_intervals,
)
from tests.studies.statistics.drawn import recording, study

HAPPY, SAD, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL


def counted(first: str, second: str) -> NDArray[np.int64]:
    """Confusion of two strings of one-letter codes."""
    letters = sorted(set(first + second))
    table = np.zeros((len(letters), len(letters)), np.int64)
    for a, b in zip(first, second, strict=True):
        table[letters.index(a), letters.index(b)] += 1
    return table


def test_kappa_of_fleiss_levin_and_paik() -> None:
    # Statistical Methods for Rates and Proportions, 3rd edition 2003, table 18.1: two diagnosing
    # 100 patients as psychotic, neurotic, organic; p_o 0.89, p_e 0.66, kappa 0.68.
    table = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert cohens_kappa(table) == pytest.approx((0.89 - 0.66) / (1 - 0.66), abs=0.005)
    assert round(float(cohens_kappa(table)), 2) == 0.68


def test_alphas_of_krippendorff() -> None:
    # Computing Krippendorff's Alpha-Reliability, 2011: A, two observers, binary data without a
    # gap, alpha 0.095; B, two observers, nominal data without a gap, alpha 0.692.
    assert round(float(krippendorffs_alpha(counted("0100000010", "1110010000"))), 3) == 0.095
    assert round(float(krippendorffs_alpha(counted("aabbdcccedda", "babbbccceddd"))), 3) == 0.692


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_kappa_as_scikit_learn_and_alpha_by_its_pairs(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs).T
    table = np.zeros((4, 4), int)
    np.add.at(table, (a, b), 1)
    pool = np.concatenate([a, b])
    if len(set(pool)) == 1:
        assert np.isnan(krippendorffs_alpha(table))
        assert np.isnan(cohens_kappa(table))
        return
    assert cohens_kappa(table) == pytest.approx(cohen_kappa_score(a, b))
    differ = [x != y for i, x in enumerate(pool) for j, y in enumerate(pool) if i != j]
    assert krippendorffs_alpha(table) == pytest.approx(1 - (a != b).mean() / np.mean(differ))


def test_many_tables_at_once() -> None:
    tables = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    for many in (cohens_kappa, krippendorffs_alpha):
        np.testing.assert_allclose(many(tables), [many(table) for table in tables])


def coded(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["recording", "start_s", "end_s", "label"])


def test_two_codings_on_one_grid() -> None:
    coder = coded(("r1", 0, 2, "happy"), ("r1", 2, 3, "sad"), ("r1", 3.5, 4, "sad"))
    other = coded(("r1", 0.5, 1.5, "happy"), ("r1", 1.5, 4.5, "sad"))
    result = coder_agreement(coder, other, categories=("happy", "sad"))
    assert result.confusion.tolist() == [[10, 5], [0, 15]]
    assert result.agreement.value == pytest.approx(25 / 30)
    assert result.only_first_s == pytest.approx(0.5)
    assert result.only_second_s == pytest.approx(1.0)
    assert result.overlap_s == 0
    coarse = coder_agreement(coder, other, categories=("happy", "sad"), step_s=0.5)
    assert coarse.confusion.tolist() == [[2, 1], [0, 3]]


def test_two_words_at_once_are_left_out_and_told() -> None:
    coder = coded(("r1", 0, 2, "happy"), ("r1", 1, 3, "sad"), ("r1", 2.5, 3, "sad"))
    other = coded(("r1", 0, 3, "happy"))
    result = coder_agreement(coder, other, categories=("happy", "sad"))
    assert result.overlap_s == pytest.approx(1.0)
    # An overlap with the same word is that word.
    assert result.confusion.tolist() == [[10, 0], [10, 0]]


def test_the_network_as_intervals() -> None:
    frames = recording("r1", [HAPPY, HAPPY, None, SAD, NEUTRAL], unsure=[4], step_s=1.0)
    other = recording("r1", [SAD] * 5, network="nano", step_s=1.0)
    # A nominal step that is longer than the time to the next frame ends with it.
    frames["step_s"] = 1.2
    table = network_intervals(study(frames, other), "fer")
    assert table["label"].tolist() == ["happy", "happy", "sad"]
    assert table["start_s"].tolist() == [0, 1, 3]
    assert table["end_s"].tolist() == pytest.approx([1.0, 2.2, 4.2])
    result = coder_agreement(coded(("r1", 0, 5, "happy")), table)
    assert result.confusion[HAPPY].tolist() == [0, 0, 0, 22, 12, 0, 0]
    assert result.only_first_s == pytest.approx(1.6)
    assert result.kappa.value == pytest.approx(0)


def test_two_faces_that_differ_are_two_words() -> None:
    tables = study(recording("r1", [HAPPY] * 2), recording("r1", [SAD], track=2))
    result = coder_agreement(coded(("r1", 0, 1, "happy")), network_intervals(tables, "fer"))
    assert result.overlap_s == pytest.approx(0.5)
    assert result.confusion[HAPPY, HAPPY] == 5


def drawn_codings(
    rng: np.random.Generator, recordings: int, agree: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten seconds each, a word a second; the second coder says the same in ``agree`` of them."""
    names = np.repeat([f"r{i:03}" for i in range(recordings)], 10)
    seconds = np.tile(np.arange(10.0), recordings)
    first = rng.integers(0, 3, len(names))
    moved = (first + rng.integers(1, 3, len(names))) % 3
    second = np.where(rng.random(len(names)) < agree, first, moved)
    words = np.array(["happy", "sad", "neutral"])
    return tuple(
        pd.DataFrame(
            {"recording": names, "start_s": seconds, "end_s": seconds + 1, "label": words[codes]}
        )
        for codes in (first, second)
    )


def test_intervals_over_recordings_cover_at_their_rate() -> None:
    rng = np.random.default_rng(4)
    studies, covered = 120, np.zeros(3)
    for _ in range(studies):
        result = coder_agreement(*drawn_codings(rng, 12, 0.8), step_s=1.0, resamples=800)
        assert (result.unit, result.units) == ("recording", 12)
        for i, (figure, truth) in enumerate(
            ((result.agreement, 0.8), (result.kappa, 0.7), (result.alpha, 0.7))
        ):
            covered[i] += figure.low <= truth <= figure.high
    assert ((covered / studies >= 0.90) & (covered / studies <= 1)).all()


def test_few_recordings_are_drawn_by_segments() -> None:
    codings = drawn_codings(np.random.default_rng(1), 3, 0.8)
    result = coder_agreement(*codings, step_s=1.0, segment_s=5.0)
    assert (result.unit, result.units) == ("segment", 6)
    assert result.kappa.low < result.kappa.value < result.kappa.high


def test_full_agreement_has_no_width() -> None:
    first, _ = drawn_codings(np.random.default_rng(1), 8, 0.8)
    result = coder_agreement(first, first)
    for figure in (result.agreement, result.kappa, result.alpha):
        assert (figure.value, figure.low, figure.high) == pytest.approx((1, 1, 1))


def test_nothing_in_common() -> None:
    first, second = coded(("r1", 0, 1, "sad")), coded(("r1", 1, 2, "sad"))
    result = coder_agreement(first, second)
    assert result.confusion.sum() == 0
    assert np.isnan(result.agreement.value)
    assert np.isnan(result.kappa.value)
    assert result.only_first_s == pytest.approx(1)


def test_codings_that_cannot_be() -> None:
    good = coded(("r1", 0, 1, "sad"))
    with pytest.raises(StudyError, match="no recording has both"):
        coder_agreement(good, coded(("r2", 0, 1, "sad")))
    with pytest.raises(StudyError, match="received joy"):
        coder_agreement(coded(("r1", 0, 1, "joy")), good)
    with pytest.raises(StudyError, match="ends before it starts"):
        coder_agreement(coded(("r1", 2, 1, "sad")), good)
    with pytest.raises(ContractError, match="label"):
        coder_agreement(good.drop(columns="label"), good)
