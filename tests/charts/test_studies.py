"""Charts of a study's findings: what is drawn is what was found."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_core import charts
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.studies.statistics import (
    FAMILY,
    SHARES,
    CoderAgreement,
    Coefficient,
    Course,
    Survival,
    compare_conditions,
    condition_figures,
    counted_totals,
    participant_figures,
)
from tests.charts.test_charts import is_empty
from tests.studies.statistics.drawn import recording, study

HAPPY, SAD, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    """Nine people under two conditions; one of them was not under B, one showed no face under A."""
    frames = []
    for i in range(9):
        own = {"participant": f"P{i}"}
        a = [None] * 10 if i == 8 else [HAPPY] * (1 + i // 2) + [NEUTRAL] * (8 - i // 2) + [SAD]
        frames.append(recording(f"a{i}", a, condition="A", **own))
        if i > 0:
            b = [HAPPY] * (5 + i // 2) + [NEUTRAL] * (5 - i // 2)
            frames.append(recording(f"b{i}", b, condition="B", **own))
    return participant_figures(counted_totals(study(*frames)))


def test_shares_have_a_mean_and_a_line_for_each_participant(figures: pd.DataFrame) -> None:
    figure = charts.shares_figure(figures, "fer")
    assert len(figure.data) == 2 * len(SHARES)
    lines, means = figure.data[2 * HAPPY : 2 * HAPPY + 2]
    # P1 to P7 from A to B, P0 under A and P8 under B alone, each followed by a gap.
    assert lines.x.count(None) == 9
    assert lines.x[:2] == ("A", None)
    assert lines.x[2:5] == ("A", "B", None)
    assert lines.y[2:4] == pytest.approx((0.1, 0.5))
    assert lines.customdata[2] == "P1: of 5 s with a face"
    table = condition_figures(figures, ["share_happy"]).set_index("condition")
    assert list(means.y) == pytest.approx(table["mean"].tolist())
    assert np.add(means.y, means.error_y.array) == pytest.approx(table["high"])
    assert np.subtract(means.y, means.error_y.arrayminus) == pytest.approx(table["low"])
    assert means.marker.color == HAPPY.style.colour
    assert means.marker.symbol == HAPPY.style.marker
    assert [note.text for note in figure.layout.annotations] == [*LABELS, "unsure"]
    json.loads(figure.to_json())


def test_differences_are_in_points_with_a_tick_where_they_hold(figures: pd.DataFrame) -> None:
    results = compare_conditions(figures)
    figure = charts.comparison_figure(results)
    assert len(figure.data) == len(FAMILY)
    happy = figure.data[HAPPY]
    (found,) = (one for one in results if one.measure == "share_happy")
    assert found.n_first == 7
    assert happy.x[0] == pytest.approx(100 * found.difference) == pytest.approx(40)
    assert happy.x[0] + happy.error_x.array[0] == pytest.approx(100 * found.high)
    holds = charts.comparison_figure([replace(found, p_holm=0.04)]).data[0]
    fails = charts.comparison_figure([replace(found, p_holm=0.06)]).data[0]
    assert (holds.y[0], fails.y[0]) == ("happy ✓", "happy")
    assert "7 participants, 7 with more and 0 with less" in happy.hovertemplate
    assert figure.layout.title.text == "B less A, by fer"


def test_networks_are_told_apart_by_marker_and_filled_where_they_found_it(
    figures: pd.DataFrame,
) -> None:
    (found,) = compare_conditions(figures, ["share_happy"])
    other = replace(found, network="nano", difference=0.1, p_holm=0.3)
    figure = charts.networks_figure([Survival((found, other))])
    first, second = figure.data
    assert (first.name, second.name) == ("fer", "nano")
    assert first.marker.symbol == ("circle",)
    assert second.marker.symbol == ("square-open",)
    assert second.x[0] == pytest.approx(10)
    assert first.offsetgroup != second.offsetgroup
    assert figure.layout.scattermode == "group"


def course(band: float) -> Course:
    mean = np.array([0.1, 0.2, np.nan, 0.4])
    return Course(
        "fer", "A", "share_happy", np.array([-0.5, 0.5, 1.5, 2.5]), mean, mean - 0.05, mean + 0.05,
        mean - band, mean + band, np.array([7, 7, 0, 6]), 7,
    )  # fmt: skip


def test_a_course_has_its_band_and_keeps_its_gap() -> None:
    figure = charts.course_figure([course(0.1), replace(course(0.1), condition="B")])
    band, line = figure.data[:2]
    assert json.loads(figure.to_json())["data"][1]["connectgaps"] is False
    assert np.isnan(line.y[2])
    # Two pieces with a gap between: along the lower edge and back along the upper one.
    assert list(band.x) == pytest.approx([-0.5, 0.5, 0.5, -0.5, np.nan, 2.5, 2.5], nan_ok=True)
    assert list(band.y) == pytest.approx([0, 0.1, 0.3, 0.2, np.nan, 0.3, 0.5], nan_ok=True)
    assert "band of the whole course" in band.name
    assert line.name == "A, 7 participants"
    assert figure.data[1].line.dash != figure.data[3].line.dash
    assert figure.layout.title.text == "Happy around the onset"


def test_without_a_band_the_interval_of_each_moment_is_drawn_and_named() -> None:
    band = charts.course_figure([course(np.nan)]).data[0]
    assert "interval at each moment" in band.name
    assert band.y[0] == pytest.approx(0.05)


def test_coder_and_network() -> None:
    table = np.zeros((7, 7), np.int64)
    table[HAPPY, HAPPY], table[HAPPY, NEUTRAL] = 30, 10
    nan = Coefficient(np.nan, np.nan, np.nan)
    agreement = CoderAgreement(LABELS, table, 0.1, nan, nan, nan, "recording", 1, 0, 0, 0)
    figure = charts.coder_figure(agreement)
    assert figure.data[0].z[HAPPY][HAPPY] == 0.75
    assert figure.data[0].customdata[HAPPY][NEUTRAL].tolist() == pytest.approx([1, 4])
    assert figure.layout.xaxis.title.text == "network"
    assert is_empty(charts.coder_figure(replace(agreement, confusion=table * 0)))
    with pytest.raises(ContractError):
        charts.coder_figure(replace(agreement, confusion=table[:2, :2]))


def test_nothing_to_show_is_still_a_figure(figures: pd.DataFrame) -> None:
    nobody = replace(course(0.1), mean=np.full(4, np.nan))
    for figure in (
        charts.shares_figure(figures, "another"),
        charts.comparison_figure([]),
        charts.networks_figure([]),
        charts.course_figure([]),
        charts.course_figure([nobody]),
    ):
        assert is_empty(figure)


def test_every_chart_has_its_numbers_as_csv(figures: pd.DataFrame) -> None:
    (found,) = compare_conditions(figures, ["share_happy"])
    for figure, words in (
        (charts.shares_figure(figures, "fer"), "\"happy, mean\",A,"),
        (charts.comparison_figure([found]), "happy,40.0"),
        (charts.networks_figure([Survival((found, found))]), "fer,40.0"),
        (charts.course_figure([course(0.1)]), "\"A, 7 participants\",-0.5,0.1"),
    ):  # fmt: skip
        assert words in charts.figure_csv(figure)


def test_names_that_a_person_typed_are_no_markup(figures: pd.DataFrame) -> None:
    loud = figures.replace({"condition": {"A": "<b>A</b>"}, "participant": {"P1": "<i>P1</i>"}})
    assert "<i>" not in charts.shares_figure(loud, "fer").to_json().replace("\\u003c", "<")
    (found,) = compare_conditions(loud, ["share_happy"])
    assert "&lt;b&gt;" in charts.comparison_figure([found]).layout.title.text
