"""Charts of the data set: what their traces say, and that nothing to show is still a figure."""

import json

import numpy as np
import pytest

from fer_core.charts import darker, figure_csv
from fer_core.charts.dataset import (
    class_counts_figure,
    ferplus_agreement_figure,
    ferplus_figure,
    spread_figure,
)
from fer_core.dataset import MAJORITIES, FerPlusCounts, Spread
from fer_core.emotions import LABELS, Emotion

COUNTS = {
    "Training": dict(zip(LABELS, (40, 10, 0, 30, 10, 5, 5), strict=True)),
    "PublicTest": dict(zip(LABELS, (2, 0, 0, 1, 1, 0, 0), strict=True)),
}


@pytest.fixture
def votes() -> FerPlusCounts:
    """Label and majority agree on 8 of 10 images a class, but for fear, which has none."""
    counts = {label: dict.fromkeys(MAJORITIES, 0) for label in LABELS}
    for label in LABELS:
        if label != "fear":
            counts[label] |= {label: 8, "tie": 2}
    return FerPlusCounts(counts=counts)


def test_nothing_to_show_is_still_a_figure() -> None:
    zeros = FerPlusCounts(counts={label: dict.fromkeys(MAJORITIES, 0) for label in LABELS})
    for figure in (
        class_counts_figure({}),
        class_counts_figure({"Training": dict.fromkeys(LABELS, 0)}),
        ferplus_figure(None),
        ferplus_figure(zeros),
        ferplus_agreement_figure(None),
        spread_figure({}, title="Light", axis="grey level"),
    ):
        assert not figure.data
        assert len(figure.layout.annotations) == 1
        json.loads(figure.to_json())


def test_each_split_has_a_panel_on_the_same_scale() -> None:
    figure = class_counts_figure(COUNTS)
    training, public = figure.data
    assert list(training.x) == list(COUNTS["Training"].values())
    assert list(training.marker.color) == [emotion.style.colour for emotion in Emotion]
    assert training.marker.line.color[0] == darker(Emotion.ANGRY.style.colour)
    assert (training.text[0], training.name, public.name) == ("40", "Training", "PublicTest")
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    assert figure.layout.xaxis2.domain[1] == pytest.approx(1)
    assert "<b>PublicTest</b> · 4" in [note.text for note in figure.layout.annotations]
    assert figure_csv(figure).splitlines()[1] == "Training,40.0,angry"


def test_shares_make_splits_comparable() -> None:
    training, public = class_counts_figure(COUNTS, shares=True).data
    assert training.x[0] == pytest.approx(0.4)
    assert public.x[0] == pytest.approx(0.5)
    assert sum(public.x) == pytest.approx(1)
    assert public.text[3] == "25.0%"


def test_an_empty_split_is_no_division_by_zero() -> None:
    empty = {"PublicTest": dict.fromkeys(LABELS, 0)}
    assert sum(class_counts_figure(COUNTS | empty, shares=True).data[1].x) == 0


def test_votes_by_hand(votes: FerPlusCounts) -> None:
    trace = ferplus_figure(votes).data[0]
    assert np.shape(trace.z) == (7, 11)
    assert trace.z[0][0] == pytest.approx(0.8)
    assert (trace.text[0][0], trace.text[0][1]) == ("80%", "")
    assert trace.z[Emotion.FEAR][Emotion.FEAR] == 0
    assert list(trace.x) == list(MAJORITIES)
    bars = ferplus_agreement_figure(votes)
    assert bars.data[Emotion.HAPPY].x[0] == pytest.approx(0.8)
    assert bars.data[Emotion.FEAR].text[0] == "0%"
    assert bars.layout.shapes[0].x0 == pytest.approx(votes.agreement)


def test_spread_has_a_median_between_its_quartiles() -> None:
    spread = Spread(low=10, lower=20, middle=30, upper=40, high=50)
    figure = spread_figure({"sad": spread}, title="Light", axis="grey level")
    thin, thick, median = figure.data
    assert (list(thin.base), list(thin.x)) == ([10], [40])  # a bar begins at its base
    assert (list(thick.base), list(thick.x)) == ([20], [20])
    assert list(median.x) == [30]
    assert thin.width < thick.width
    assert {trace.y[0] for trace in figure.data} == {"sad"}
    assert figure_csv(figure).splitlines() == [
        "series,from grey level,to grey level,expression",
        "5 to 95 %,10.0,50.0,sad",
        "middle half,20.0,40.0,sad",
        "median,30.0,30.0,sad",
    ]
