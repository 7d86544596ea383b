"""Under the classes: which ones a network names more often than there are labels of them."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import MienError
from fer_core.evaluation.datasets import DatasetFigures
from ui.compare.chosen import Chosen


def leaning(chosen: Chosen) -> None:
    """Each class's share of the answers less its share of the labels, a row for each network."""
    rows = []
    for key, title in chosen.ticked.items():
        points = _points(chosen, key)
        if points is not None:
            rows.append({"Model": title, **dict(zip(LABELS, points.tolist(), strict=True))})
    if not rows:
        return
    st.markdown("**Answers that lean**")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        column_config=dict.fromkeys(LABELS, st.column_config.NumberColumn(format="%+.1f")),
    )
    st.caption(
        "Percentage points by which a class is named more often (+) or less often than there are "
        f"labels of it. {chosen.measured_on(chosen.ticked)}. A network that leans to neutral finds "
        "fewer of all the others."
    )


def _points(chosen: Chosen, key: str) -> NDArray[np.float64] | None:
    figures = chosen.figures[key]
    if isinstance(figures, DatasetFigures):
        return np.array([100 * (figures.answers[one] - figures.labels[one]) for one in LABELS])
    try:
        counts = chosen.confusion(key, chosen.truth())
    except MienError:  # the part on confusion says what is wrong with it
        return None
    if counts is None:
        return None
    return np.asarray(100 * (counts.sum(axis=0) - counts.sum(axis=1)) / counts.sum())
