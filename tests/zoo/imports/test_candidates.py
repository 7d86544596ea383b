"""What file and person say is settled; what they leave open is tried."""

from itertools import pairwise

import pytest

from fer_core.errors import ModelError
from fer_core.zoo.imports import Candidates, Said, find_candidates, parse_range, read_network
from tests.foreign import stripe_network
from tests.zoo.imports.test_graph import source


def candidates(said: Said, **changes: object) -> Candidates:
    return find_candidates(read_network(source(stripe_network(**changes))), said)  # type: ignore[arg-type]


def test_a_file_that_says_all_leaves_the_range_open() -> None:
    found = candidates(Said(), channels=1)
    assert found.how == {
        "layout": "file", "channels": "file", "side": "file", "range": "tried"
    }  # fmt: skip
    ranges = [one.values.name for one in found.preparations]
    assert ranges[:2] == ["0..1", "0..255"]
    assert len(set(ranges)) == len(ranges) == len(found.preparations)


def test_colours_are_usual_where_nobody_says() -> None:
    found = candidates(Said(), channels=3)
    assert found.how["channels"] == "usual"
    assert {one.colours for one in found.preparations if one.values.name != "caffe"} == {"rgb"}
    said = candidates(Said(channels="grey3"), channels=3)
    assert said.how["channels"] == "said"
    assert {one.colours for one in said.preparations} == {"grey3"}


def test_where_a_network_takes_any_size_usual_ones_are_tried() -> None:
    found = candidates(Said(range="0..1"), channels=1, sides=("h", "w"))
    sides = [one.height for one in found.preparations]
    assert all(small < large for small, large in pairwise(sides))
    assert {48, 224} <= set(sides)
    assert found.how["side"] == "tried"
    said = candidates(Said(side=96, range="0..1"), channels=1, sides=("h", "w"))
    assert [one.settings()["side"] for one in said.preparations] == ["96"]


def test_one_thing_is_left_where_all_is_said() -> None:
    found = candidates(Said(channels="bgr", range="0.5/0.5"))
    (only,) = found.preparations
    assert only.settings() == {
        "layout": "NCHW",
        "channels": "bgr",
        "range": "0.5/0.5",
        "side": "48",
    }


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(layout="NHWC"), r"layout: the file says otherwise.*NCHW.*NHWC.*--layout"),
        (Said(layout="sideways"), r"layout: this word is not known.*NHWC, NCHW, NHW"),
        (Said(channels="grey"), r"channels: the file says otherwise.*3 channels.*grey: 1"),
        (Said(channels="infrared"), "channels: this word is not known.*bgr"),
        (Said(side=224), r"side: the file says otherwise.*48 x 48.*224"),
        (Said(range="loud"), r"no range of pixel values.*MEAN/STD"),
        (Said(range="0.5/0"), "standard deviation has to be above zero"),
        (Said(range="0.5,0.5/0.5"), "no range of pixel values"),
    ],
)
def test_what_does_not_go_together_is_refused(said: Said, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        candidates(said)


def test_a_range_of_three_does_not_fit_one_channel() -> None:
    with pytest.raises(ModelError, match=r"another number of channels.*imagenet: 3"):
        candidates(Said(range="imagenet"), channels=1)


def test_a_size_that_no_face_is_cut_to_is_refused() -> None:
    with pytest.raises(ModelError, match=r"8 to 2048 pixels.*4000 x 4000"):
        candidates(Said(side=4000), sides=("h", "w"))


@pytest.mark.parametrize(
    ("text", "level", "expected"),
    [
        ("0..1", 255, 1),
        ("0-255", 255, 255),
        ("-1..1", 0, -1),
        ("0.5/0.25", 255, 2),
        ("128/64", 0, -2),
        (" 0.5 , 0.5, 0.5 / 0.5 ", 255, 1),
    ],
)
def test_ranges_mean_what_is_written(text: str, level: float, expected: float) -> None:
    values = parse_range(text)
    assert (level / values.divisor - values.mean[0]) / values.std[0] == pytest.approx(expected)
