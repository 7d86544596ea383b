"""Under the classes: which ones a model names more often than there are labels of them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_core.emotions import LABELS
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles


def leaning(models: Sequence[ModelSummary]) -> None:
    """Each class's share of the answers less its share of the labels, a row for each model."""
    rows = []
    for model, name in zip(models, unique_titles(models), strict=True):
        counts = model.confusion
        points = 100 * (counts.sum(axis=0) - counts.sum(axis=1)) / counts.sum()
        rows.append({"Model": name, **dict(zip(LABELS, points.tolist(), strict=True))})
    st.markdown("**Answers that lean**")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        column_config=dict.fromkeys(LABELS, st.column_config.NumberColumn(format="%+.1f")),
    )
    st.caption(
        "Percentage points by which a class is named more often (+) or less often than "
        f"PrivateTest has labels of it, {models[0].metrics.n:,} images. A model that leans to "
        "neutral finds fewer of all the others."
    )
