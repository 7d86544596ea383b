"""Lanes of faces: what each showed when, what was mended, and nothing where there is nobody."""

from dataclasses import replace

import numpy as np
import pytest

from fer_core.charts import figure_csv, lanes_figure, timeline_figure, valence_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.pipeline.recording import Marker, Network, Recording, stretches


def recording(shown: dict[int, list[Emotion]], step_s: float = 0.5) -> Recording:
    rows = [
        (number * step_s, track_id, emotion)
        for track_id, emotions in shown.items()
        for number, emotion in enumerate(emotions)
    ]
    rows.sort()
    shares = np.full((len(rows), len(LABELS)), 0.02, np.float32)
    for row, (_, _, emotion) in zip(shares, rows, strict=True):
        row[emotion] = 0.88
    return Recording(
        seconds=np.array([row[0] for row in rows], np.float64),
        track_ids=np.array([row[1] for row in rows], np.int64),
        raw=shares,
        smoothed=shares,
        unsure=np.zeros(len(rows), np.bool_),
        steps_s=np.full(len(rows), step_s),
        markers=(Marker(1.0, "<b>door</b>"),),
        networks=(Network(0.0, "tiny"),),
        duration_s=5.0,
    )


HAPPY, SAD = Emotion.HAPPY, Emotion.SAD


def test_each_stretch_is_a_bar_in_its_lane_and_colour() -> None:
    seen = recording({1: [HAPPY, HAPPY, SAD, SAD], 4: [SAD]})
    figure = lanes_figure(seen, {4: "Anna <3"})
    bars = {
        (trace.name, lane, base, base + length)
        for trace in figure.data
        for lane, base, length in zip(trace.y, trace.base, trace.x, strict=True)
    }
    expected = {
        (LABELS[part.state], lane, part.start_s, part.end_s)
        for track_id, lane in ((1, "face 1"), (4, "Anna &lt;3 (4)"))
        for part in stretches(seen, track_id)
    }
    assert bars == expected
    assert len(bars) == 3
    colours = {trace.name: trace.marker.color for trace in figure.data}
    assert colours["happy"] == HAPPY.style.colour
    assert "<b>" not in str(figure.layout.annotations)


def test_its_numbers_say_from_when_to_when_each_face_showed_what() -> None:
    seen = recording({1: [HAPPY, HAPPY, SAD, SAD], 4: [SAD]})
    assert figure_csv(lanes_figure(seen, {4: "Anna"})).splitlines() == [
        "series,from seconds,to seconds,face",
        "happy,0.0,1.0,face 1",
        "sad,1.0,2.0,face 1",
        "sad,0.0,0.5,Anna (4)",
    ]


def test_what_was_mended_is_seen() -> None:
    seen = recording({1: [HAPPY] * 4, 2: [SAD] * 2})
    figure = lanes_figure(
        seen,
        {},
        pictures={1: np.zeros((8, 8, 3), np.uint8)},
        ignored=(2,),
        excluded=((0.5, 1.0),),
        baseline=(0.0, 0.5),
    )
    opacities = {trace.name: list(trace.marker.opacity) for trace in figure.data}
    assert opacities["happy"] == [1.0]
    assert opacities["sad"][0] < 0.5
    spans = [(shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert spans == [(0.5, 1.0), (0.0, 0.5), (1.0, 1.0)]
    (picture,) = figure.layout.images
    assert picture.y == 0
    assert picture.source.startswith("data:image/png;base64,")


def test_the_shortest_stretches_give_way_in_long_recordings() -> None:
    flicker = [HAPPY, SAD] * 2000
    figure = lanes_figure(recording({1: [*flicker, *[HAPPY] * 20]}, 0.01), {})
    lengths = np.concatenate([trace.x for trace in figure.data])
    assert len(lengths) == 3000
    assert lengths.max() == pytest.approx(0.2, abs=0.02)


def test_nobody_gives_an_empty_figure() -> None:
    figure = lanes_figure(recording({}), {})
    assert not figure.data


def test_valence_is_a_line_that_ends_where_the_face_goes() -> None:
    seen = replace(recording({1: [HAPPY, SAD]}, step_s=3.0), steps_s=np.full(2, 0.5))  # it was away
    (line,) = valence_figure(seen, 1).data
    assert not line.connectgaps
    drawn = [(x, y) for x, y in zip(line.x, line.y, strict=True) if y == y]
    assert [y for _, y in drawn] == pytest.approx([0.86, 0.86, -0.86, -0.86])
    assert np.isnan(line.y).sum() == 2
    assert "derived" in valence_figure(seen, 1).layout.title.text
    assert not valence_figure(seen, 9).data
    above = timeline_figure(seen, 1).layout
    assert above.margin.l == valence_figure(seen, 1).layout.margin.l  # one moment, one place
