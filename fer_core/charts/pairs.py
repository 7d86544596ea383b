"""Every model against every other: who is better, and who says the same."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import (
    DIVERGING,
    SEQUENTIAL,
    empty_figure,
    signed,
)
from fer_core.errors import ContractError
from fer_core.metrics import ALPHA, Comparison, bonferroni

_FEW = 8


def mcnemar_figure(names: Sequence[str], pairs: Mapping[tuple[int, int], Comparison]) -> go.Figure:
    """Accuracy of row less column in points; ★ where McNemar's test survives Bonferroni.

    Args:
        names: of m models.
        pairs: for each i < j the comparison of model i with model j; the other half is mirrored.

    Raises:
        ContractError: a pair of models is missing.
    """
    title = "Row less column, in points"
    m = len(names)
    if m < 2:
        return empty_figure(title, "Two models are needed to compare.")
    wanted = [(i, j) for i in range(m) for j in range(i + 1, m)]
    if set(pairs) != set(wanted):
        raise ContractError(
            "one comparison for each pair",
            where="mcnemar_figure",
            expected=f"{len(wanted)} pairs i < j",
            received=f"{len(pairs)} pairs",
        )
    survivors = bonferroni([pairs[pair].mcnemar_p for pair in wanted])
    verdict = {True: "survives", False: "does not survive"}
    digits = 1 if m <= _FEW else 0  # of many models the cells are narrow
    points = np.full((m, m), np.nan)
    text = np.full((m, m), "", dtype=object)
    hover = np.full((m, m), "", dtype=object)
    for (i, j), survives in zip(wanted, survivors, strict=True):
        result = pairs[i, j]
        for row, column, sign in ((i, j, 1), (j, i, -1)):
            value = 100 * sign * result.difference
            low, high = sorted((100 * sign * result.low, 100 * sign * result.high))
            right = (result.only_a_right, result.only_b_right)[::sign]
            points[row, column] = value
            text[row, column] = signed(value, digits) + (" ★" if survives else "")
            hover[row, column] = (
                f"{names[row]} less {names[column]}: {value:+.2f} points"
                f" (95 %: {low:+.2f} to {high:+.2f})<br>only {names[row]} right: {right[0]:,},"
                f" only {names[column]}: {right[1]:,}<br>McNemar p = {result.mcnemar_p:.2g}"
                f", {verdict[bool(survives)]} Bonferroni at {ALPHA / len(wanted):.2g}"
            )
    reach = max(float(np.nanmax(np.abs(points))), 1.0)
    return _square(
        names, points, text, hover, title, "difference, points", DIVERGING, -reach, reach
    )


def agreement_figure(
    names: Sequence[str],
    table: NDArray[np.float64],
    n: int,
    *,
    title: str = "How often two models say the same",
    images: str = "images",
) -> go.Figure:
    """Share of ``n`` images on which two models, or people, say the same class; needs no labels.

    Args:
        names: of m who answer.
        table: (m, m) shares, 0-1.
        n: images.
        title: of the figure.
        images: what the images are called.

    Raises:
        ContractError: ``table`` is not square with a row for each name.
    """
    if len(names) < 2:
        return empty_figure(title, "Two models are needed to compare.")
    if table.shape != (len(names), len(names)):
        raise ContractError(
            "one row and column for each model",
            where="agreement_figure",
            expected=(len(names), len(names)),
            received=table.shape,
        )
    text = np.array([[f"{value:.0%}" for value in row] for row in table], dtype=object)
    hover = np.array(
        [
            [
                f"{first} and {second}: the same class on {value:.1%} of {n:,} {images}"
                for second, value in zip(names, row, strict=True)
            ]
            for first, row in zip(names, table, strict=True)
        ],
        dtype=object,
    )
    return _square(
        names,
        table,
        text,
        hover,
        title,
        "share alike",
        SEQUENTIAL,
        max(0.0, table.min() - 0.1),
        1.0,
    )


def _square(
    names: Sequence[str],
    values: NDArray[np.float64],
    text: NDArray[np.object_],
    hover: NDArray[np.object_],
    title: str,
    measure: str,
    scale: Sequence[tuple[float, str]],
    low: float,
    high: float,
) -> go.Figure:
    figure = heatmap_figure(
        title,
        values,
        rows=names,
        columns=names,
        height_px=max(320, 160 + 34 * len(names)),
        about=hover,
        text=text,
        measure=measure,
        hover="%{customdata}",
        scale=scale,
        low=low,
        high=high,
    )
    return figure.update_xaxes(tickangle=0 if len(names) <= 5 else -45)
