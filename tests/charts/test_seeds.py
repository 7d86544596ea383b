"""The band over seeds is their range, the line their mean."""

import numpy as np

from fer_core import charts
from fer_core.evaluation.summary import HISTORY_COLUMNS, History


def history(accuracies: list[float]) -> History:
    columns = dict.fromkeys(HISTORY_COLUMNS, np.zeros(len(accuracies)))
    epochs = np.arange(1, len(accuracies) + 1, dtype=np.float64)
    return History(columns | {"epoch": epochs, "val_accuracy": np.array(accuracies)})


def test_the_line_is_the_mean_and_the_band_the_range() -> None:
    seeds = [history([0.2, 0.5]), history([0.4, 0.3, 0.9])]
    figure = charts.seed_bands_figure({"Tiny": seeds, "None": []})
    band, line = figure.data
    np.testing.assert_allclose(line.y, [0.3, 0.4])
    assert list(line.x) == [1, 2], "as far as all seeds go"
    assert list(band.y) == [0.4, 0.5, 0.3, 0.2]
    assert list(band.x) == [1, 2, 2, 1]
    assert line.name == "Tiny · mean of 2 seeds"


def test_nothing_to_show_is_still_a_figure() -> None:
    for curves in ({}, {"Tiny": [history([])]}):
        figure = charts.seed_bands_figure(curves)
        assert not figure.data
        assert "several seeds" in figure.layout.annotations[0].text


def test_few_epochs_have_a_tick_each() -> None:
    few, many = ([history([0.5] * n)] for n in (3, 40))
    assert charts.seed_bands_figure({"Tiny": few}).layout.xaxis.dtick == 1
    assert charts.seed_bands_figure({"Tiny": few, "Long": many}).layout.xaxis.dtick is None
