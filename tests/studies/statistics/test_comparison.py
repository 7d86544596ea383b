"""Two conditions compared: who with whom, what is found, and how often wrongly."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nct, t

from fer_core.emotions import Emotion
from fer_core.studies.statistics import (
    FAMILY,
    compare_conditions,
    counted_totals,
    participant_figures,
)
from tests.studies.statistics.drawn import (
    drawn_values,
    figures_of,
    recording,
    shuffled_script,
    study,
)

STUDIES = 300
PEOPLE = [f"P{i:02}" for i in range(12)]


def drawn_figures(happy: float, seed: int, studies: int = STUDIES) -> pd.DataFrame:
    values = drawn_values(np.random.default_rng(seed), studies, len(PEOPLE), happy=happy)
    return figures_of(values, ["A", "B"], PEOPLE)


@pytest.mark.slow
def test_where_nothing_differs_little_is_flagged() -> None:
    results = compare_conditions(drawn_figures(0.0, seed=11), resamples=50)
    p = np.array([r.p for r in results]).reshape(STUDIES, len(FAMILY))
    found = np.array([r.found for r in results]).reshape(STUDIES, len(FAMILY))
    margin = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    # Each measure by itself in 5 %, and any of the eight in at most 5 % of the studies.
    assert ((p <= 0.05).mean(axis=0) <= 0.05 + margin).all()
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert found.any(axis=1).mean() <= 0.05 + margin


def test_a_planted_difference_is_found_at_the_power_of_its_size() -> None:
    effect = 0.9
    results = compare_conditions(drawn_figures(effect, seed=12), ["share_happy"], resamples=50)
    freedom = len(PEOPLE) - 1
    centre = effect * np.sqrt(len(PEOPLE))
    power = nct.sf(t.ppf(0.975, freedom), freedom, centre)
    rate = np.mean([r.found for r in results])
    assert power == pytest.approx(0.80, abs=0.02)
    assert rate == pytest.approx(power, abs=3 * np.sqrt(power * (1 - power) / STUDIES) + 0.03)
    assert np.mean([r.effect for r in results]) == pytest.approx(effect * 1.07, abs=0.1)


def test_holm_costs_power_and_the_planted_one_is_still_the_one_found() -> None:
    results = compare_conditions(drawn_figures(1.6, seed=13, studies=150), resamples=50)
    found = {name: np.mean([r.found for r in results if r.measure == name]) for name in FAMILY}
    assert found["share_happy"] > 0.85
    assert max(found[name] for name in FAMILY if name not in ("share_happy", "valence")) < 0.1


def test_from_frames_to_a_finding() -> None:
    rng = np.random.default_rng(3)
    frames = []
    for person in PEOPLE:
        habit = rng.dirichlet([1, 1, 1, 6, 2, 1, 8])
        for condition, more in (("A", 0.0), ("B", 0.2)):
            shares = habit * (1 - more) + more * np.eye(7)[Emotion.HAPPY]
            frames += [
                recording(
                    f"{person} {condition} {part}",
                    shuffled_script(rng, shares, 100),
                    participant=person,
                    condition=condition,
                )
                for part in (1, 2)
            ]
    figures = participant_figures(counted_totals(study(*frames)))
    results = {r.measure: r for r in compare_conditions(figures)}
    happy = results["share_happy"]
    assert happy.found
    assert (happy.design, happy.n_first, happy.n_second, happy.higher) == ("within", 12, 12, 12)
    assert happy.p == pytest.approx(2 / 2**12)
    habit_happy = figures[figures["condition"] == "A"]["share_happy"].mean()
    assert happy.difference == pytest.approx(0.2 * (1 - habit_happy), abs=0.01)
    assert happy.low < happy.difference < happy.high
    assert happy.family == 8
    assert results["share_neutral"].difference < 0


def some(values: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Figures of one network: by condition and participant the share of happy."""
    rows = [
        {"network": "fer", "condition": condition, "participant": person, "share_happy": value}
        for condition, people in values.items()
        for person, value in people.items()
    ]
    return pd.DataFrame(rows)


def test_participants_of_one_condition_only_are_left_out() -> None:
    figures = some(
        {
            "A": {"P1": 0.1, "P2": 0.2, "P3": 0.3, "P4": np.nan},
            "B": {"P1": 0.2, "P2": 0.4, "P4": 0.6},
        }
    )
    (result,) = compare_conditions(figures, ["share_happy"])
    assert (result.design, result.n_first, result.n_second) == ("within", 2, 2)
    assert result.left_out == 2
    assert result.difference == pytest.approx(0.15)
    assert (result.higher, result.lower) == (2, 0)


def test_different_people_are_compared_between() -> None:
    a = {f"a{i}": value for i, value in enumerate([0.1, 0.2, 0.3, 0.2])}
    b = {f"b{i}": value for i, value in enumerate([0.6, 0.5, 0.7])}
    figures = some({"A": a | {"both": 0.9}, "B": b | {"both": 0.9}})
    (result,) = compare_conditions(figures, ["share_happy"])
    assert (result.design, result.n_first, result.n_second) == ("between", 4, 3)
    assert result.left_out == 1
    assert result.effect_name == "Hedges' g"
    assert result.difference == pytest.approx(0.4)
    assert result.p < 0.01


def test_too_few_participants_cannot_be_found() -> None:
    five = {f"P{i}": 0.1 * i for i in range(5)}
    more = {person: value + 0.3 + value / 10 for person, value in five.items()}
    (result,) = compare_conditions(some({"A": five, "B": more}), ["share_happy"])
    assert result.p == result.p_least == pytest.approx(1 / 16)
    assert not result.found
    alone = compare_conditions(some({"A": {"P1": 0.1}, "B": {"P2": 0.3}}), ["share_happy"])[0]
    assert np.isnan(alone.p)
    assert np.isnan(alone.p_holm)
    assert not alone.found


def test_what_holm_leaves_within_reach() -> None:
    # Seven people can reach 1/64; times eight that is out of reach, times one it is not.
    values = np.zeros((1, 2, 7, 8))
    values[:, 1] = np.linspace(0.1, 0.2, 7)[None, :, None]
    results = compare_conditions(figures_of(values, ["A", "B"], PEOPLE[:7]))
    assert {r.p_least for r in results} == {8 / 64}
    one = compare_conditions(figures_of(values, ["A", "B"], PEOPLE[:7]), ["valence"])
    assert one[0].p_least == 1 / 64


def test_what_does_not_differ_cannot_be_flipped() -> None:
    a = {f"P{i:02}": 0.1 for i in range(12)}
    up = {f"P{i:02}": 0.1 + (0.1 if i < 4 else 0.0) for i in range(12)}
    (result,) = compare_conditions(some({"A": a, "B": up}), ["share_happy"])
    assert (result.higher, result.lower) == (4, 0)
    assert result.p == result.p_least == 1 / 8
    mixed = {f"P{i:02}": 0.1 + 0.1 * (-1) ** i for i in range(12)}
    (result,) = compare_conditions(some({"A": a, "B": mixed}), ["share_happy"])
    assert (result.p, result.p_least) == (1, 2 / 2**12)


def test_three_conditions_are_three_pairs_in_one_family() -> None:
    figures = pd.concat(
        [drawn_figures(0, seed, 1).assign(condition=name) for seed, name in enumerate("CBA")]
    ).drop_duplicates(["condition", "participant"])
    results = compare_conditions(figures)
    assert [(r.first, r.second) for r in results[::8]] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert {r.family for r in results} == {24}
    chosen = compare_conditions(figures, ["valence"], pairs=[("C", "A")])
    assert [(r.first, r.second, r.family) for r in chosen] == [("C", "A", 1)]


def test_one_condition_has_nothing_to_compare() -> None:
    assert compare_conditions(some({"A": {"P1": 0.1, "P2": 0.2}}), ["share_happy"]) == ()
