"""In the tab on confidence: what cards promise on faces as cameras see them, and what came."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_core.errors import MienError
from fer_core.evaluation.calibration import DEGRADED, DETECTED, SHARES
from fer_core.evaluation.calibration_report import current_calibration
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.evaluation.robustness import AS_IT_IS
from fer_core.metrics import DEFAULT_COVERAGE
from fer_core.zoo import AnswersAs
from ui import caches

_WORDS = {
    AS_IT_IS: "as they are",
    DETECTED: "found by the detector",
    DEGRADED: "blurred, noisy, dark, small …",
}
_WHOSE = {AnswersAs.LABELS: "labels", AnswersAs.VOTERS: "voters"}
_PERCENT = ("Right", "Sure", "Expected right", "Unsure", "Set holds the label")


def promises(ticked: Sequence[ModelSummary]) -> None:
    """A row for each model, number of views and kind of faces; a sentence where nobody measured."""
    if not ticked:
        return
    try:
        rows = current_calibration(caches.measured.calibration(), (model.card for model in ticked))
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    st.markdown("**What an answer is worth on faces as cameras see them**")
    if not rows:
        st.caption(
            "Not measured for these models. `python -m fer_core calibrate` chooses and measures."
        )
        return
    names = dict(zip((m.slug for m in ticked), unique_titles(ticked), strict=True))
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Model": names[row.slug],
                    "Answers as": _WHOSE[row.answers_as],
                    "Faces": _WORDS[row.condition],
                    "Views": row.views,
                    "Right": 100 * row.accuracy,
                    "Sure": 100 * row.confidence,
                    "ECE": row.ece,
                    "Expected right": 100 * row.expected_right,
                    "Unsure": 100 * row.share_unsure,
                    "Set holds the label": 100 * row.coverage,
                    "Classes in a set": row.set_size,
                }
                for row in rows
                if row.condition in _WORDS
            ]
        ),
        hide_index=True,
        height="content",
        column_config={
            **dict.fromkeys(_PERCENT, st.column_config.NumberColumn(format="%.1f %%")),
            "ECE": st.column_config.NumberColumn(format="%.3f"),
            "Classes in a set": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    mixture = ", ".join(f"{share:.0%} {_WORDS[part]}" for part, share in SHARES.items())
    st.caption(
        f"On {rows[0].n:,} PublicTest images that nothing was chosen on. Temperature, threshold, "
        f"sets (aimed at {DEFAULT_COVERAGE:.0%}) and the expected share were chosen on the others: "
        f"{mixture}. “Sure” is the mean confidence; it and “expected right” should be as large as "
        "“right”. Answers as voters, which your own pictures get, are held to what most of FER+'s "
        "voters named, on the images that these have a word for."
    )
