"""Networks on other data sets than the one that they learned from."""

from collections.abc import Mapping

import plotly.graph_objects as go

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import empty_figure
from fer_core.evaluation.datasets import DatasetFigures

_FER2013 = "FER2013"


def across_datasets_figure(
    titles: Mapping[str, str],
    fer2013: Mapping[str, float],
    measured: Mapping[str, Mapping[str, DatasetFigures]],
) -> go.Figure:
    """A row for each network, a column for each data set: accuracy, and the drop from FER2013.

    Args:
        titles: slug -> title of the networks to show, in this order; may be empty.
        fer2013: slug -> accuracy on PrivateTest, a fraction.
        measured: data set -> slug -> figures; a cell without stays empty.
    """
    title = "Accuracy across data sets, and the drop from FER2013"
    if not titles or not measured:
        return empty_figure(title, "No network was measured on another data set yet.")
    cells = [[measured[name].get(slug) for name in measured] for slug in titles]
    return heatmap_figure(
        title,
        [
            [fer2013[slug], *(None if cell is None else cell.accuracy for cell in row)]
            for slug, row in zip(titles, cells, strict=True)
        ],
        rows=list(titles.values()),
        columns=[_FER2013, *measured],
        height_px=130 + 34 * len(titles),
        text=[
            [
                f"{fer2013[slug]:.0%}",
                *("" if cell is None else _with_drop(cell, fer2013[slug]) for cell in row),
            ]
            for slug, row in zip(titles, cells, strict=True)
        ],
        about=[["PrivateTest", *("" if c is None else _about(c) for c in row)] for row in cells],
        measure="accuracy",
        hover="%{y}, %{x}: %{z:.1%}<br>%{customdata}",
        low=0,
        high=0.8,
    )


def _with_drop(figures: DatasetFigures, fer2013: float) -> str:
    points = 100 * (figures.accuracy - fer2013)
    return f"{figures.accuracy:.0%} ({points:+.0f})".replace("-", "−")


def _about(figures: DatasetFigures) -> str:
    return (
        f"95 %: {figures.accuracy_low:.1%} to {figures.accuracy_high:.1%}, "
        f"{figures.n:,} pictures of {figures.split}"
    )
