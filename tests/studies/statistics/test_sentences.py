"""Findings in sentences: the numbers are right, and so is the direction."""

from dataclasses import replace

import numpy as np
import pytest

from fer_core.emotions import LABELS, Emotion
from fer_core.studies.statistics import (
    CoderAgreement,
    Coefficient,
    ConditionComparison,
    CorrectedShares,
    Course,
    Survival,
    condition_figures,
    counted_totals,
    in_words,
    measure_words,
    participant_figures,
    participants_sentence,
    quality_sentence,
    sentence,
)
from tests.studies.statistics.drawn import recording, study

NAN = float("nan")
HAPPY, SAD = Emotion.HAPPY, Emotion.SAD

FOUND = ConditionComparison(
    network="fer",
    measure="share_happy",
    first="A",
    second="B",
    design="within",
    n_first=20,
    n_second=20,
    left_out=0,
    mean_first=0.30,
    mean_second=0.42,
    difference=0.12,
    low=0.07,
    high=0.17,
    higher=18,
    lower=2,
    effect=1.1,
    effect_low=0.5,
    effect_high=1.7,
    p=0.00025,
    p_holm=0.002,
    p_least=0.0008,
    family=8,
)


def test_a_finding_reads_once() -> None:
    assert sentence(FOUND) == (
        "In 18 of 20 participants happy was shown longer under B than under A: on average 12 points"
        " of the time more (95 % interval 7 to 17), p 0.002 after Holm's correction over eight"
        " comparisons."
    )


def test_the_condition_with_more_is_named_first() -> None:
    turned = replace(FOUND, difference=-0.12, low=-0.17, high=-0.07, higher=2, lower=18)
    assert sentence(turned) == sentence(FOUND).replace("B than under A", "A than under B")


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("share_unsure", "participants the network was unsure longer under B"),
        ("mean_sad", "the mean probability of sad was higher under B than under A: on average 12"
                     " points more"),
        ("valence", "the valence index was higher under B than under A: on average 0.12 more"
                    " (95 % interval 0.07 to 0.17)"),
    ],
)  # fmt: skip
def test_each_kind_of_measure_has_its_words(measure: str, words: str) -> None:
    assert words in sentence(replace(FOUND, measure=measure))


def test_small_differences_get_a_decimal_and_small_p_a_bound() -> None:
    small = replace(FOUND, difference=0.012, low=0.004, high=0.02, p_holm=0.00031)
    assert "1.2 points of the time more (95 % interval 0.4 to 2.0), p under 0.001" in sentence(
        small
    )


def test_what_was_not_found_is_not_said_to_be_nothing() -> None:
    none = replace(FOUND, difference=0.02, low=-0.0337, high=0.08, p=0.41, p_holm=0.83)
    assert sentence(none) == (
        "No difference was found in how long happy was shown under A and B: on average 2 points of"
        " the time more (95 % interval −3 to 8) under B, p 0.83 after Holm's correction over eight"
        " comparisons. That does not show that there is none."
    )


def test_too_few_to_say() -> None:
    few = replace(
        FOUND, n_first=5, n_second=5, higher=5, lower=0, p=0.0625, p_holm=0.5, p_least=0.5
    )
    assert sentence(few) == (
        "Whether there is a difference in how long happy was shown under A and B cannot be said:"
        " with five participants, the test over eight comparisons cannot give a p under 0.5. What"
        " was seen: on average 12 points of the time more (95 % interval 7 to 17) under B."
    )
    rare = replace(FOUND, measure="share_disgust", higher=3, lower=1, p_holm=1, p_least=0.25)
    assert "where it differs in four of twenty participants" in sentence(rare)
    never = replace(rare, higher=0, lower=0, p=1, p_least=1)
    assert "where it differs in none of twenty participants" in sentence(never)
    nobody = replace(FOUND, design="between", n_first=1, n_second=0, p=NAN, p_holm=NAN)
    assert "one participant under A and no participants under B are too few" in sentence(nobody)
    alike = replace(FOUND, design="between", n_first=9, n_second=9, p=NAN, p_holm=NAN)
    assert "all participants are alike" in sentence(alike)


def test_different_people_under_each_condition() -> None:
    between = replace(FOUND, design="between", n_first=18, n_second=22, higher=0, lower=0)
    assert sentence(between).startswith(
        "Among 22 participants under B happy was shown longer than among 18 others under A: on"
    )


def test_survival() -> None:
    nano = replace(FOUND, network="nano", difference=0.09)
    deep = replace(FOUND, network="deep", difference=0.03, p_holm=0.2)
    wide = replace(FOUND, network="wide", difference=-0.05)
    assert sentence(Survival((FOUND, nano))) == (
        "The finding survives the network: by both networks happy was shown longer under B than"
        " under A, by 9 to 12 points, and each of these differences holds after Holm's correction."
    )
    assert sentence(Survival((FOUND, nano, deep))) == (
        "The finding is weaker with another network: by all three networks happy was shown longer"
        " under B than under A, by 3 to 12 points, but with deep the difference does not hold after"
        " Holm's correction."
    )
    assert sentence(Survival((FOUND, nano, wide))) == (
        "The finding depends on the network: by fer and nano happy was shown longer under B, by"
        " wide under A."
    )
    assert sentence(Survival((deep, replace(deep, network="x")))) == (
        "None of the two networks finds a difference in how long happy was shown under A and B."
    )


def corrected(second: str) -> CorrectedShares:
    values = np.array([0.1, 0, 0.05, 0.4, 0.05, 0.1, 0.3])
    if second:
        values = np.array([0.02, 0, 0, -0.14, 0.02, 0, 0.1])
    return CorrectedShares(
        "fer", "A", second, "within", 12, values * 0.9, values, values - 0.06, values + 0.06, 3.0, 0
    )


def test_corrected_shares_and_differences() -> None:
    assert sentence(corrected("")) == (
        "Corrected by what fer takes for what, the longest shown under A were happy 40 % of the"
        " time (95 % interval 34 to 46), not 36 %; neutral 30 % of the time (95 % interval 24 to"
        " 36), not 27 %; angry 10 % of the time (95 % interval 4 to 16), not 9 %."
    )
    assert sentence(corrected("B")) == (
        "Corrected by what fer takes for what, happy was shown longer under A than under B: on"
        " average 14 points of the time more (95 % interval 8 to 20); as read it was 13."
    )


def test_a_course_and_its_top() -> None:
    steps = np.array([-0.5, 0.5, 1.5])
    mean = np.array([0.1, 0.5, np.nan])
    course = Course(
        "fer", "B", "share_happy", steps, mean, mean, mean, mean - 0.2, mean + 0.2,
        np.array([7, 7, 0]), 7,
    )  # fmt: skip
    assert sentence(course) == (
        "Under B the mean course of happy is highest 0.5 s after the onset: 50 % (95 % band 30 to"
        " 70), over seven participants."
    )
    blind = replace(course, mean=np.full(3, np.nan))
    assert sentence(blind) == "No face was seen around the onset under B."


def test_agreement_with_a_coder() -> None:
    table = np.zeros((7, 7), np.int64)
    table[3, 3], table[3, 6] = 2500, 500
    figure = Coefficient(0.702, 0.61, 0.784)
    agreement = CoderAgreement(
        LABELS, table, 0.1, Coefficient(0.83, 0.76, 0.91), figure, figure, "recording", 8, 0, 0, 0
    )
    assert sentence(agreement) == (
        "The two gave the same word in 83 % of 300 s (95 % interval 76 to 91). Beyond chance:"
        " Cohen's kappa 0.70 (95 % interval 0.61 to 0.78), Krippendorff's alpha 0.70 (95 % interval"
        " 0.61 to 0.78), over eight recordings."
    )
    undefined = replace(agreement, kappa=Coefficient(NAN, NAN, NAN))
    assert "Only one word occurs" in sentence(undefined)
    nothing = replace(agreement, confusion=np.zeros((7, 7), np.int64))
    assert "no moment" in sentence(nothing)


def test_other_things_have_no_sentence() -> None:
    with pytest.raises(TypeError, match="int"):
        sentence(3)


def test_participants_and_quality_in_words() -> None:
    frames = [
        recording(f"{person}{condition}", [HAPPY, None, SAD, SAD], participant=person,
                  condition=condition, unsure=[2])
        for person, conditions in {"P1": "AB", "P2": "AB", "P3": "B"}.items()
        for condition in conditions
    ]  # fmt: skip
    figures = participant_figures(counted_totals(study(*frames)))
    assert participants_sentence(figures) == (
        "Three participants were read: 2 under A and B, 1 under B. That is few: under six"
        " participants an interval is too narrow, and no test within participants can reach 0.05."
    )
    assert participants_sentence(figures[figures["condition"] == "A"]).startswith(
        "Two participants were read under A."
    )
    assert participants_sentence(figures[:0]) == "No participant has been read."
    assert quality_sentence(condition_figures(figures)) == (
        "Under A 25 % of the time had no face, and in 33 % of the rest the network was unsure;"
        " under B 25 % of the time had no face, and in 33 % of the rest the network was unsure."
    )


def test_words() -> None:
    assert in_words(0, "participant") == "no participants"
    assert in_words(1, "network") == "one network"
    assert in_words(20, "recording") == "twenty recordings"
    assert in_words(1200, "recording") == "1,200 recordings"
    assert measure_words("share_sad") == "sad"
    assert measure_words("mean_sad") == "sad, mean probability"
    assert measure_words("valence") == "valence index"
