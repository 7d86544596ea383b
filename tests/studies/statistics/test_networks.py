"""Does a finding survive the network, and where do networks disagree?"""

from dataclasses import replace

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.studies.statistics import (
    ConditionComparison,
    compare_conditions,
    disagreements,
    survivals,
)
from tests.studies.statistics.drawn import NAN, figures_of, recording, study

HAPPY, SAD, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL


def compared(network: str, difference: float) -> ConditionComparison:
    """One comparison as a network would give it: people who differ by about so much."""
    values = np.zeros((1, 2, 8, 8))
    values[0, 0] = 0.3
    values[0, 1] = 0.3 + difference + 0.02 * np.linspace(-1, 1, 8)[:, None]
    figures = figures_of(values, ["A", "B"], [f"P{i}" for i in range(8)])
    (result,) = compare_conditions(figures.assign(network=network), ["share_happy"])
    return result


FOUND, LESS, WEAK, AGAINST = (
    compared("fer", 0.10),
    compared("nano", 0.05),
    compared("deep", 0.004),
    compared("wide", -0.06),
)


def test_the_drawn_comparisons_are_what_they_are_called() -> None:
    assert [one.found for one in (FOUND, LESS, WEAK, AGAINST)] == [True, True, False, True]


@pytest.mark.parametrize(
    ("comparisons", "verdict", "found", "same"),
    [
        ([FOUND, LESS], "survives", 2, True),
        ([FOUND, WEAK, LESS], "weaker", 2, True),
        ([WEAK, replace(FOUND, network="x")], "weaker", 1, True),
        ([FOUND, LESS, AGAINST], "reversed", 3, False),
        ([WEAK, replace(WEAK, network="x")], "none", 0, True),
        ([WEAK, replace(WEAK, network="x", difference=-0.001)], "none", 0, False),
        ([FOUND, replace(WEAK, difference=0.0)], "weaker", 1, True),
    ],
)
def test_verdicts(
    comparisons: list[ConditionComparison], verdict: str, found: int, same: bool
) -> None:
    (result,) = survivals(comparisons, comparisons[0].network)
    assert (result.verdict, result.found, result.same_direction) == (verdict, found, same)


def test_the_reported_network_comes_first_and_what_others_lack_is_left_out() -> None:
    valence = replace(FOUND, measure="valence")
    nobody = replace(LESS, measure="valence", difference=NAN)
    results = survivals([LESS, nobody, FOUND, valence, WEAK], "fer")
    assert len(results) == 1
    assert [one.network for one in results[0].comparisons] == ["fer", "nano", "deep"]


def test_one_network_cannot_be_held_against_another() -> None:
    assert survivals([FOUND], "fer") == ()
    assert survivals([], "fer") == ()
    with pytest.raises(ContractError, match="did not read"):
        survivals([FOUND, LESS], "deep")


def test_the_stretch_where_networks_disagree_most_comes_first() -> None:
    fer = [HAPPY] * 4 + [SAD] * 4 + [HAPPY] * 4
    nano = [HAPPY] * 4 + [NEUTRAL] * 4 + [HAPPY] * 3 + [SAD]
    tables = study(
        recording("r1", fer), recording("r1", nano, network="nano"), recording("r2", [SAD])
    )
    table = disagreements(tables, window_s=2.0)
    assert table["start_s"].tolist() == [2, 4, 0]
    assert table["end_s"].tolist() == [4, 6, 2]
    assert (table["recording"] == "r1").all()  # the other was read by one network only
    assert table["disagreement"].tolist() == pytest.approx([0.65, 0.65 / 4, 0])
    assert table["fer"].tolist() == ["sad", "happy", "happy"]
    assert table["nano"].tolist() == ["neutral", "happy", "happy"]
    assert len(disagreements(tables, window_s=2.0, most=1)) == 1


def test_three_networks_disagree_on_the_mean_of_their_pairs() -> None:
    frames = [
        recording("r1", [HAPPY], network="a", sure=1.0),
        recording("r1", [HAPPY], network="b", sure=1.0),
        recording("r1", [SAD], network="c", sure=1.0),
    ]
    assert disagreements(study(*frames))["disagreement"].tolist() == pytest.approx([2 / 3])


def test_only_faces_that_count_are_held_against_each_other() -> None:
    frames = [
        recording("r1", [HAPPY, None, HAPPY, HAPPY], network="a"),
        recording("r1", [SAD, None, HAPPY, HAPPY], network="b"),
    ]
    tables = study(*frames, sheet={"r1": (0.5, 1.75, NAN)})
    (row,) = disagreements(tables).to_dict("records")
    assert row["disagreement"] == 0
    assert row["seconds"] == pytest.approx(0.75)


def test_one_network_disagrees_with_nobody() -> None:
    table = disagreements(study(recording("r1", [HAPPY])))
    assert table.empty
    assert "disagreement" in table
