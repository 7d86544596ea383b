"""Charts: what their traces say, and that nothing to show is still a figure."""

import json
import tomllib
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from fer_core import charts
from fer_core.charts.dataset import class_counts_figure
from fer_core.charts.template import (
    CELL_INK,
    DIVERGING,
    INK,
    SEQUENTIAL,
    TEMPLATE,
    TEXT,
    signed,
)
from fer_core.dataset import Split
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.evaluation.compared import ComparedNetwork, compared_networks
from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.learning import LearningCurve
from fer_core.evaluation.robustness import AS_IT_IS, RobustnessRow
from fer_core.evaluation.slices import SliceFigures, SliceReport
from fer_core.evaluation.summary import (
    HISTORY_COLUMNS,
    History,
    Metrics,
    ModelSummary,
    read_summaries,
)
from fer_core.faces.corruptions import CONDITIONS
from fer_core.metrics import agreement_matrix, mcnemar_exact, reliability, risk_coverage
from fer_core.pipeline.recording import Marker
from fer_core.pipeline.recording_rows import RecordingRows
from tests.streamed import shares, stream_frame
from tests.tiny import N, tiny_speed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def models(tiny_models: Path) -> list[ModelSummary]:
    """Two summaries, the better one first."""
    return read_summaries(tiny_models)[0]


def compared(
    models: list[ModelSummary], *packages: ExternalReport
) -> tuple[list[ComparedNetwork], dict[str, Metrics]]:
    """The rows of a comparison, and their figures on PrivateTest."""
    rows = compared_networks(models, packages)
    return list(rows.values()), {key: row.metrics for key, row in rows.items()}


def is_empty(figure: go.Figure) -> bool:
    """A figure without traces, with one sentence."""
    return not figure.data and len(figure.layout.annotations) == 1


def test_every_chart_is_a_figure_without_data() -> None:
    zeros = np.zeros((7, 7), int)
    nothing = History({name: np.empty(0) for name in HISTORY_COLUMNS})
    figures = [
        charts.learning_curves_figure({}, "accuracy"),
        charts.learning_curves_figure({"tiny": LearningCurve.of(nothing, {})}, "loss"),
        charts.confusion_figure(zeros),
        charts.confusion_difference_figure(zeros, zeros, ("a", "b")),
        charts.recall_heatmap_figure({}, {}),
        charts.reliability_figure({}),
        charts.risk_coverage_figure({}),
        charts.cost_figure([], {}, "parameters"),
        charts.mcnemar_figure([], {}),
        charts.mcnemar_figure(["alone"], {}),
        charts.agreement_figure(["alone"], np.ones((1, 1)), 5),
        charts.ranking_figure([], {}),
        charts.robustness_heatmap_figure({}, []),
        charts.severity_figure({"tiny": "Tiny"}, [], CONDITIONS[0]),
        charts.slices_figure(SliceReport(networks=("a",), n=1, slices=(), tested=0)),
    ]
    for figure in figures:
        assert is_empty(figure)
        json.loads(figure.to_json())


def test_curves_tell_training_and_validation_apart_without_colour(
    models: list[ModelSummary],
) -> None:
    curves = {m.title: LearningCurve.of(m.history, {}) for m in models}
    figure = charts.learning_curves_figure(curves, "accuracy")
    assert len(figure.data) == 6
    training, validation, best = figure.data[:3]
    assert (training.line.dash, validation.line.dash) == ("dash", "solid")
    assert training.line.color == validation.line.color != figure.data[3].line.color
    assert validation.marker.symbol != figure.data[4].marker.symbol
    assert (best.marker.symbol, list(best.x), list(best.y)) == ("star", [3], [0.54])
    assert list(training.y) == pytest.approx([0.2, 0.4, 0.6])
    assert list(validation.y) == pytest.approx([0.18, 0.36, 0.54])
    loss = charts.learning_curves_figure({"tiny": curves[models[0].title]}, "loss")
    assert list(loss.data[1].y) == pytest.approx([2.1, 1.05, 0.7])
    assert "nats" in loss.layout.yaxis.title.text


def test_smoothed_curves_keep_what_was_measured_behind_them(models: list[ModelSummary]) -> None:
    curve = LearningCurve.of(models[0].history, {})
    figure = charts.learning_curves_figure({"tiny": curve}, "loss", smoothing=0.5)
    faint, smoothed = figure.data[2:4]
    assert (faint.name, smoothed.name) == ("tiny · validation", "tiny · validation, smoothed")
    assert list(faint.y) == pytest.approx([2.1, 1.05, 0.7])
    assert list(smoothed.y) == pytest.approx([2.1, 1.4, 1.0])
    assert faint.opacity < smoothed.opacity
    assert not faint.showlegend


def test_confusion_by_hand() -> None:
    counts = np.zeros((7, 7), int)
    counts[0, :2] = [3, 1]
    counts[1, 1] = 5
    shares = charts.confusion_figure(counts).data[0]
    assert shares.z[0][0] == 0.75
    assert shares.text[0][0] == "75%"
    assert shares.z[6][6] == 0  # a class without images is no division by zero
    assert charts.confusion_figure(counts, normalised=False).data[0].z[0][1] == 1
    assert charts.confusion_figure(counts).layout.yaxis.autorange == "reversed"


def test_confusion_difference_is_in_points_around_zero() -> None:
    first, second = np.eye(7, dtype=int) * 10, np.eye(7, dtype=int) * 10
    second[0] = [5, 5, 0, 0, 0, 0, 0]
    trace = charts.confusion_difference_figure(first, second, ("a", "b")).data[0]
    assert (trace.z[0][0], trace.z[0][1], trace.z[1][1]) == (50, -50, 0)
    assert (trace.text[0][0], trace.text[0][1], trace.text[1][1]) == ("+50", "-50", "0")
    assert trace.zmin == -trace.zmax
    with pytest.raises(ContractError):
        charts.confusion_difference_figure(first[:3], second, ("a", "b"))


def test_recall(models: list[ModelSummary]) -> None:
    bars = charts.recall_figure(models[0].metrics)
    assert [trace.y[0] for trace in bars.data] == pytest.approx(models[0].metrics.recall)
    rows, figures = compared(models)
    heat = charts.recall_heatmap_figure({row.key: row.title for row in rows}, figures).data[0]
    assert np.shape(heat.z) == (2, 7)
    assert list(heat.y) == [model.title for model in models]


def test_reliability_and_risk() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(7), 500).astype(np.float32)
    labels = rng.integers(0, 7, 500)
    figure = charts.reliability_figure({"before": reliability(p, labels)})
    assert figure.data[0].line.dash == "dot"
    assert sum(figure.data[1].customdata) == 500
    assert "ECE" in figure.data[1].name
    assert np.isfinite(np.asarray(figure.data[1].y, float)).all()
    curve = risk_coverage(p, labels)
    drawn = charts.risk_coverage_figure({"a": curve}, {"a": 0.5})
    assert len(drawn.data[0].x) == 300 < len(curve.coverage)
    assert (drawn.data[1].x[0], drawn.data[1].y[0]) == curve.at(0.5)


@pytest.mark.parametrize("cost", charts.COST_AXES)
def test_cost_has_intervals_and_a_front(models: list[ModelSummary], cost: charts.Cost) -> None:
    # The same time for both, as they also cost the same otherwise.
    one = tiny_speed("tiny").models["tiny"]
    speed = tiny_speed().model_copy(update={"models": {"tiny": one, "tiny_b": one}})
    rows, figures = compared(models)
    figure = charts.cost_figure(rows, figures, cost, ticked=["tiny"], speed=speed)
    assert figure.layout.xaxis.type == "log"
    front, best, other = figure.data
    assert front.y[-1] == best.y[0] == models[0].metrics.accuracy
    assert best.x[0] == charts.cost_of(rows[0], cost, speed)
    assert best.error_y.array[0] == pytest.approx(0.1)
    # Same cost, less accuracy: off the front, which an open marker shows without colour.
    assert not best.marker.symbol.endswith("-open")
    assert other.marker.symbol.endswith("-open") == (models[1].metrics.accuracy < front.y[-1])


def test_a_model_without_a_measured_time_is_left_out(models: list[ModelSummary]) -> None:
    rows, figures = compared(models)
    figure = charts.cost_figure(rows, figures, "relative_time", speed=tiny_speed("tiny"))
    assert [trace.name for trace in figure.data[1:]] == ["Tiny tiny"]
    assert figure.data[1].x[0] == 0.25
    assert "1 ms a face, alone" in figure.data[1].hovertemplate
    assert is_empty(charts.cost_figure(rows, figures, "relative_time"))


def test_an_external_package_stands_in_the_chart_of_times(models: list[ModelSummary]) -> None:
    speed = tiny_speed("tiny", external="fer")
    package = ExternalReport(name="fer", title="fer", source="s", metrics=models[0].metrics)
    quoted = ExternalReport(name="deepface", title="deepface", source="s")
    rows, figures = compared(models, package, quoted)
    assert "external.deepface" not in figures
    figure = charts.cost_figure(rows, figures, "relative_time", speed=speed)
    assert {trace.name for trace in figure.data[1:]} == {"Tiny tiny", "fer"}
    (cross,) = (trace for trace in figure.data if trace.name == "fer")
    assert cross.marker.symbol.startswith("x")
    # Other costs of a package are not known.
    assert len(charts.cost_figure(rows, figures, "parameters", speed=speed).data) == 3


def test_mcnemar_marks_what_survives() -> None:
    right = np.ones(400, bool)
    poor = np.arange(400) % 4 > 0
    close = np.arange(400) > 0
    answers = [right, poor, close]
    pairs = {
        (i, j): mcnemar_exact(answers[i], answers[j], resamples=50)
        for i in range(3)
        for j in range(i + 1, 3)
    }
    figure = charts.mcnemar_figure(["a", "b", "c"], pairs)
    trace = figure.data[0]
    assert trace.text[0][1] == "+25.0 ★"
    assert trace.text[1][0] == "-25.0 ★"
    assert trace.text[0][2] == "+0.2"
    assert np.isnan(trace.z[0][0])
    assert "only b right: 0, only a: 100" in trace.customdata[1][0]
    with pytest.raises(ContractError, match="pair"):
        charts.mcnemar_figure(["a", "b", "c"], {(0, 1): pairs[0, 1]})


def test_agreement_is_written_in_per_cent() -> None:
    table = agreement_matrix([[0, 1, 2, 3], [0, 1, 2, 0]])
    trace = charts.agreement_figure(["a", "b"], table, 4).data[0]
    assert trace.text[0][1] == "75%"
    assert "75.0% of 4 images" in trace.customdata[0][1]
    with pytest.raises(ContractError):
        charts.agreement_figure(["a", "b"], table[:1], 4)


def test_ranking_shows_interval_and_published_figure(models: list[ModelSummary]) -> None:
    rows, figures = compared(models)
    ours, published = charts.ranking_figure(rows, figures).data
    assert list(ours.x) == [model.metrics.accuracy for model in models]
    assert ours.error_x.array[0] == pytest.approx(0.1)
    assert ours.customdata[0][2] == N
    assert list(published.x) == [0.4, 0.4]
    assert published.marker.symbol == "line-ns"
    (alone,) = charts.ranking_figure(rows, figures, published=False, ticked=["tiny"]).data
    assert "<b>Tiny tiny</b>" in list(alone.y)


def test_template_leaves_the_page_its_background() -> None:
    layout = charts.new_figure("title").layout.template.layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    styles = {(s.colour, s.marker) for s in map(charts.series_style, range(56))}
    assert len(styles) == 56


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` as WCAG 2 defines it, 0-1."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first: str, second: str) -> float:
    """Contrast of two ``#RRGGBB`` colours as WCAG 2 defines it, 1-21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colour", [c for scale in (SEQUENTIAL, DIVERGING) for _, c in scale])
def test_cells_can_be_read(colour: str) -> None:
    assert contrast(colour, CELL_INK) >= 5


THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_and_words_stand_out_from_the_page(theme: str) -> None:
    page = THEMES[theme]["backgroundColor"]
    assert contrast(INK, page) >= 3  # lines
    assert contrast(THEMES[theme]["textColor"], page) >= 4.5
    assert contrast(TEXT, "#FFFFFF") >= 4.5


def test_words_beside_the_marks_take_the_colour_of_the_page() -> None:
    rows = RecordingRows(1)
    rows.add(0.1, stream_frame(0.1, shares(Emotion.SAD)))
    marked = rows.recording(1.0, markers=[Marker(0.5, "here")])
    for figure in (
        charts.empty_figure("title", "Nothing."),
        charts.timeline_figure(marked, 1),
        class_counts_figure({split: dict.fromkeys(LABELS, 5) for split in Split}),
    ):
        notes = figure.layout.annotations
        assert notes
        assert all(note.font.color is None for note in notes)
    assert TEMPLATE.layout.font.color == TEXT


def test_a_difference_of_nothing_has_no_sign() -> None:
    assert [signed(v, d) for v, d in ((-0.2, 0), (0.26, 1), (-3.0, 0))] == ["0", "+0.3", "-3"]


def test_numbers_of_a_chart_as_csv(models: list[ModelSummary]) -> None:
    counts = np.eye(7, dtype=int)
    cells = charts.figure_csv(charts.confusion_figure(counts)).splitlines()
    assert cells[:2] == ["predicted,true,share of the true class", "angry,angry,1.0"]
    assert len(cells) == 50
    rows, figures = compared(models)
    points = charts.figure_csv(charts.ranking_figure(rows, figures)).splitlines()
    assert points[0] == "series,accuracy,name"
    assert points[-1] == f"published by its origin,0.4,{models[-1].title}"
    assert charts.figure_csv(charts.ranking_figure([], {})) == ""


def test_darker() -> None:
    assert charts.darker("#FF8000", 0.5) == "#804000"


def test_robustness_charts_say_accuracy_by_condition_and_degree() -> None:
    def row(slug: str, condition: str, severity: float, accuracy: float) -> RobustnessRow:
        return RobustnessRow(
            slug=slug,
            graph_sha256="0" * 64,
            condition=condition,
            severity=severity,
            n=898,
            accuracy=accuracy,
            accuracy_low=accuracy - 0.03,
            accuracy_high=accuracy + 0.04,
            macro_f1=accuracy,
        )

    blur = CONDITIONS[0]
    rows = [row("a", AS_IT_IS, 0, 0.7)]
    rows += [row("a", blur.name, by, 0.7 - 0.1 * by) for by in reversed(blur.severities)]
    titles = {"b": "Not measured", "a": "A"}
    heat = charts.robustness_heatmap_figure(titles, rows)
    assert list(heat.data[0].y) == ["A"]
    assert list(heat.data[0].z[0][:2]) == pytest.approx([0.7, 0.5])
    assert heat.data[0].z[0][2] is None  # noise was not measured
    lines = charts.severity_figure(titles, rows, blur)
    assert [trace.name for trace in lines.data] == ["A"]
    assert list(lines.data[0].x) == ["as it is", "σ 1 px", "σ 2 px", "σ 3 px"]
    assert list(lines.data[0].y) == pytest.approx([0.7, 0.6, 0.5, 0.4])
    assert list(lines.data[0].error_y.array) == pytest.approx([0.04] * 4)


def test_slices_of_two_networks_and_what_stands() -> None:
    dark, bright = (
        SliceFigures(
            by="light",
            name=name,
            n=40,
            accuracy=0.5,
            accuracy_low=0.4,
            accuracy_high=0.7,
            other_accuracy=0.25,
            p_holm=p,
        )
        for name, p in (("dark", 0.01), ("bright", 0.2))
    )
    report = SliceReport(networks=("A", "B"), n=80, slices=(dark, bright), tested=2)
    first, second = charts.slices_figure(report).data
    assert list(first.y) == ["light: dark ★", "light: bright"]
    assert list(first.error_x.array) == pytest.approx([0.2, 0.2])
    assert (first.name, second.name, list(second.x)) == ("A", "B", [0.25, 0.25])
    assert not second.error_x.visible
