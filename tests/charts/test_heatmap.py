"""The one way to draw a matrix."""

import numpy as np

from fer_core.charts import figure_csv
from fer_core.charts.heatmap import heatmap_figure


def test_every_cell_is_where_its_names_say() -> None:
    figure = heatmap_figure(
        "Counts",
        np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 6.0]]),
        rows=["first", "second"],
        columns=["2024", "2025", "2026"],
        height_px=300,
        hover="%{x}",
        measure="count",
        low=0,
        high=6,
        row_title="what",
    )
    (trace,) = figure.data
    assert (trace.zmin, trace.zmax) == (0, 6)
    assert trace.hovertemplate == "%{x}<extra></extra>"
    assert figure.layout.yaxis.autorange == "reversed", "the first row is on top"
    assert figure.layout.yaxis.title.text == "what"
    assert figure.layout.xaxis.type == "category", "years are names, no dates"
    assert figure_csv(figure).splitlines()[1:3] == ["2024,first,1.0", "2025,first,"]
