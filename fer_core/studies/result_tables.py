"""Findings as tables for people: each figure with its interval, one decimal and its unit."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer_core.emotions import LABELS
from fer_core.studies.statistics import ConditionComparison, CorrectedShares, measure_words


def means_table(means: pd.DataFrame) -> pd.DataFrame:
    """Means by condition with intervals, and beside each what was unsure and without a face."""
    return pd.DataFrame(
        {
            "network": means["network"],
            "condition": means["condition"],
            "measure": [measure_words(name) for name in means["measure"]],
            "mean": [_figure(*row) for row in zip(means["measure"], means["mean"], strict=True)],
            "95 % from": [
                _figure(*row) for row in zip(means["measure"], means["low"], strict=True)
            ],
            "to": [_figure(*row) for row in zip(means["measure"], means["high"], strict=True)],
            "participants": means["participants"],
            "without a face": [f"{share:.1%}" for share in means["no_face"]],
            "of the rest unsure": [f"{share:.1%}" for share in means["unsure"]],
        }
    )


def comparisons_table(comparisons: Sequence[ConditionComparison]) -> pd.DataFrame:
    """One row a comparison, with effect size and both p."""
    return pd.DataFrame(
        [
            {
                "measure": measure_words(one.measure),
                "first": one.first,
                "second": one.second,
                "mean of first": _figure(one.measure, one.mean_first),
                "mean of second": _figure(one.measure, one.mean_second),
                "difference": _figure(one.measure, one.difference),
                "95 % from": _figure(one.measure, one.low),
                "to": _figure(one.measure, one.high),
                "participants": one.n_first
                if one.design == "within"
                else one.n_first + one.n_second,
                "left out": one.left_out,
                "effect size": f"{one.effect_name} {one.effect:.2f}"
                if np.isfinite(one.effect)
                else "",
                "p": f"{one.p:.3f}" if np.isfinite(one.p) else "",
                "p after Holm": f"{one.p_holm:.3f}" if np.isfinite(one.p_holm) else "",
            }
            for one in comparisons
        ]
    )


def corrected_table(corrected: Sequence[CorrectedShares]) -> pd.DataFrame:
    """One row a class and condition, or difference of two."""
    return pd.DataFrame(
        [
            {
                "condition": f"{one.second} less {one.condition}" if one.second else one.condition,
                "expression": label,
                "as read": _figure("share", one.said[i]),
                "corrected": _figure("share", one.corrected[i]),
                "95 % from": _figure("share", one.low[i]),
                "to": _figure("share", one.high[i]),
            }
            for one in corrected
            for i, label in enumerate(LABELS)
        ]
    )


def _figure(measure: str, value: float) -> str:
    if not np.isfinite(value):
        return ""
    text = f"{value:.2f}" if measure == "valence" else f"{100 * value:.1f} %"
    return text.replace("-", "−")
