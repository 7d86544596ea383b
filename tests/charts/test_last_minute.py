"""The chart of a live face's last minute."""

import json

import numpy as np

from fer_core.charts import darker, figure_csv, last_minute_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.live.history import Past
from tests.charts.test_charts import contrast


def past() -> Past:
    rows = np.full((5, 7), 0.1, np.float32)
    rows[:, Emotion.SAD] = 0.4
    rows[2] = np.nan
    return Past(np.linspace(-4, 0, 5).astype(np.float32), rows)


def test_each_class_has_its_line_colour_and_dash() -> None:
    figure = last_minute_figure(past())
    lines = figure.data[1::2]
    assert [trace.name for trace in lines] == list(LABELS)
    for emotion, trace in zip(Emotion, lines, strict=True):
        assert trace.line.color == emotion.style.colour
        assert trace.line.dash == emotion.style.dash
    assert list(figure.layout.xaxis.range) == [-60, 0]


def test_each_line_has_a_darker_edge_that_comes_and_goes_with_it() -> None:
    data = last_minute_figure(past()).data
    for edge, line in zip(data[::2], data[1::2], strict=True):
        assert edge.line.color == darker(line.line.color)
        assert edge.line.width > line.line.width
        assert edge.line.dash == line.line.dash
        assert edge.y == line.y
        assert edge.legendgroup == line.legendgroup
        assert (edge.showlegend, edge.hoverinfo) == (False, "skip")
        assert line.showlegend is None
        # Something of every line can be seen on a white page.
        assert contrast(edge.line.color, "#FFFFFF") >= 3


def test_a_face_that_was_away_leaves_a_gap() -> None:
    sad = json.loads(last_minute_figure(past()).to_json())["data"][2 * Emotion.SAD + 1]
    assert sad["y"] == [0.4, 0.4, None, 0.4, 0.4]
    assert sad["connectgaps"] is False


def test_no_reading_gives_a_sentence() -> None:
    figure = last_minute_figure(Past.none())
    assert not figure.data
    assert "No reading" in figure.layout.annotations[0].text


def test_its_numbers_are_each_line_once_with_an_empty_cell_where_it_was_away() -> None:
    rows = figure_csv(last_minute_figure(past())).splitlines()
    assert rows[0] == "series,seconds from now,probability"
    assert len(rows) == 1 + 5 * len(LABELS)
    sad = [row.split(",")[1:] for row in rows if row.startswith("sad,")]
    assert sad == [["-4.0", "0.4"], ["-3.0", "0.4"], ["-2.0", ""], ["-1.0", "0.4"], ["0.0", "0.4"]]
