"""Rows of a comparison: ours and packages, each told from the others; figures of the same part."""

from pathlib import Path

import pytest

from fer_core.evaluation.compared import compared_networks, same_part
from fer_core.evaluation.dataset_files import read_all_evaluations
from fer_core.evaluation.external import ExternalReport, external_key, external_name
from fer_core.evaluation.summary import ModelSummary, read_summaries
from fer_core.zoo import MODELS
from tests.tiny import tiny_speed


@pytest.fixture
def models(tiny_models: Path) -> list[ModelSummary]:
    return read_summaries(tiny_models)[0]


def package(models: list[ModelSummary], name: str = "tiny", title: str = "fer") -> ExternalReport:
    best = models[0].metrics.model_copy(update={"accuracy": 0.99})
    return ExternalReport(name=name, title=title, source="s", temperature=2.0, metrics=best)


def test_packages_are_rows_among_the_others_the_best_first(models: list[ModelSummary]) -> None:
    quoted = ExternalReport(name="deepface", title="deepface", source="s")
    rows = compared_networks(models, [quoted, package(models)])
    assert list(rows) == ["external.tiny", *(model.slug for model in models)]
    outside, ours = rows["external.tiny"], rows[models[0].slug]
    assert (outside.temperature, outside.unsure_threshold, outside.curve) == (2.0, None, None)
    assert ours.unsure_threshold == models[0].card.unsure_threshold
    assert ours.curve is not None
    assert external_name(external_key("tiny")) == "tiny"
    assert external_name("tiny") is None


def test_one_title_is_one_row(models: list[ModelSummary]) -> None:
    rows = compared_networks(models, [package(models, title=models[0].title)])
    assert len({row.title for row in rows.values()}) == len(rows) == 3


def test_times_of_ours_and_of_a_package(models: list[ModelSummary]) -> None:
    speed = tiny_speed("tiny", external="fer")
    rows = compared_networks(models, [package(models, "fer")])
    assert (rows["tiny"].relative_time(speed), rows["tiny"].milliseconds(speed)) == (0.25, 1.0)
    outside = rows["external.fer"]
    assert (outside.relative_time(speed), outside.milliseconds(speed)) == (0.25, 1.0)
    assert rows["tiny_b"].milliseconds(speed) is rows["tiny"].milliseconds(None) is None


def test_figures_of_another_part_or_of_earlier_pictures_are_left_out() -> None:
    measured, _ = read_all_evaluations(MODELS)
    figures = dict(measured["press"])
    slugs = list(figures)
    assert same_part(figures) == figures
    figures[slugs[0]] = figures[slugs[0]].model_copy(update={"split": "train"})
    figures[slugs[1]] = figures[slugs[1]].model_copy(update={"dataset_fingerprint": "f" * 64})
    assert list(same_part(figures)) == slugs[2:]
    assert same_part({}) == {}
