"""The chart of networks by data sets: each figure with what is left of FER2013's."""

import pytest

from fer_core.charts import across_datasets_figure, recall_heatmap_figure
from fer_core.evaluation.dataset_files import read_all_evaluations
from fer_core.evaluation.datasets import DatasetFigures
from fer_core.zoo import MODELS


@pytest.fixture(scope="module")
def press() -> dict[str, DatasetFigures]:
    measured, errors = read_all_evaluations(MODELS)
    assert errors == []
    assert list(measured) == ["press"]
    return measured["press"]


def test_a_drop_is_written_beside_the_figure(press: dict[str, DatasetFigures]) -> None:
    titles = {"flagship": "Flagship", "nano": "Nano", "other": "Not measured"}
    fer2013 = {"flagship": press["flagship"].accuracy + 0.08, "nano": 0.5, "other": 0.4}
    (cells,) = across_datasets_figure(titles, fer2013, {"press": press}).data
    assert tuple(cells.x) == ("FER2013", "press")
    assert tuple(cells.y) == tuple(titles.values())
    flagship, nano, other = cells.text
    assert flagship[1] == f"{press['flagship'].accuracy:.0%} (−8)"
    assert nano[1].endswith(f"({100 * (press['nano'].accuracy - 0.5):+.0f})".replace("-", "−"))
    assert other == ("40%", "") or list(other) == ["40%", ""]


def test_a_class_without_pictures_has_no_recall(press: dict[str, DatasetFigures]) -> None:
    nano = press["nano"]
    none = nano.per_class["disgust"].model_copy(update={"support": 0, "recall": 0.0})
    without = nano.model_copy(update={"per_class": nano.per_class | {"disgust": none}})
    (cells,) = recall_heatmap_figure({"nano": "Nano"}, {"nano": without}).data
    ((angry, disgust, *_),) = cells.z
    assert angry == nano.per_class["angry"].recall
    assert disgust is None or disgust != disgust  # empty


def test_with_nothing_measured_it_says_so() -> None:
    for figure in (across_datasets_figure({}, {}, {}), recall_heatmap_figure({}, {})):
        assert "measured" in figure.layout.annotations[0].text
