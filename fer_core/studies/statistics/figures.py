"""Figures by participant and by condition, each with what was unsure and without a face beside it.

Several recordings of a participant under a condition are pooled by time: a minute counts the same
in a long recording and in a short one.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer_core.emotions import LABELS
from fer_core.pipeline.recording import STATES
from fer_core.studies.statistics.bootstrap import RESAMPLES, mean_intervals
from fer_core.studies.statistics.tables import CELL, PROBABILITIES, WORTH_COLUMNS

SHARES = tuple(f"share_{state}" for state in STATES)
"""Share of the time with a face in which a state was shown, 0-1; the eight sum to 1."""

MEANS = tuple(f"mean_{label}" for label in LABELS)
"""Mean probability of a class over the time with a face, 0-1."""

MEASURES = (*SHARES, *MEANS, "valence")
"""What is figured out for each participant; ``valence`` is -1 to 1, see `emotions.valence`."""

SAID = tuple(f"said_{label}" for label in LABELS)
"""Shares by the likeliest class, unsure or not: what a confusion matrix can correct."""

QUALITY = ("no_face", "several_faces", "unsure")
"""Shares of the time without a face and with several; of the time with a face, unsure."""

GROUP = ("network", "participant", "condition")


def participant_figures(totals: pd.DataFrame) -> pd.DataFrame:
    """Each participant's figures under each condition, by each network.

    Args:
        totals: as `totals.counted_totals` gives, of one study or of some of its recordings.

    Returns:
        `GROUP`; ``recordings`` pooled, ``seconds`` of all, ``face_s`` with a face; `QUALITY`,
        `WORTH_COLUMNS`, `MEASURES` and `SAID`, those NaN where there was no face at all.
    """
    grouped = totals.drop(columns=["recording"]).groupby(list(GROUP), observed=True)
    sums = grouped.sum()
    with_face = sums["face_s"].where(sums["face_s"] > 0)
    all_time = sums["seconds"].where(sums["seconds"] > 0)
    columns = {
        "recordings": totals.groupby(list(GROUP), observed=True).size(),
        "seconds": sums["seconds"],
        "face_s": sums["face_s"],
        "no_face": 1 - sums["face_s"] / all_time,
        "several_faces": sums["several_s"] / all_time,
        "unsure": sums["unsure_s"] / with_face,
    }
    known = grouped[[f"{name}_s" for name in WORTH_COLUMNS]].sum(min_count=1)
    columns |= {name: known[f"{name}_s"] / with_face for name in WORTH_COLUMNS}
    columns |= {f"share_{state}": sums[f"{state}_s"] / with_face for state in STATES}
    columns |= {
        mean: sums[f"{name}_s"] / with_face for mean, name in zip(MEANS, PROBABILITIES, strict=True)
    }
    columns["valence"] = sums["valence_s"] / with_face
    columns |= {said: sums[f"{said}_s"] / with_face for said in SAID}
    return pd.DataFrame(columns).reset_index()


def baseline_changes(totals: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """`participant_figures` whose measures are changes from the participant's baseline.

    Only recordings that have a baseline count, on both sides. The columns that are no measure
    stay those of the stretch that counts.

    Args:
        totals: as `totals.counted_totals` gives.
        baselines: as `totals.baseline_totals` gives; of no recording: no row comes back.
    """
    kept = totals.merge(baselines[list(CELL)], on=list(CELL))
    figures = participant_figures(kept)
    before = figures[list(GROUP)].merge(participant_figures(baselines), on=list(GROUP))
    figures[list(MEASURES)] -= before[list(MEASURES)]
    return figures


def condition_figures(
    figures: pd.DataFrame,
    measures: Sequence[str] = MEASURES,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Mean of each measure over the participants of a condition, with its 95 % interval.

    Args:
        figures: as `participant_figures` or `baseline_changes` gives.
        measures: which.
        resamples: bootstrap samples of participants.
        seed: makes the intervals repeatable.

    Returns:
        ``network``, ``condition``, ``measure``; ``mean``, ``low``, ``high`` (see
        `bootstrap.mean_intervals`; NaN for a single participant); ``participants`` with figures,
        ``without_face`` participants without any; `QUALITY`, each a mean over participants.
    """
    rows = []
    for (network, condition), group in figures.groupby(["network", "condition"], observed=True):
        seen = group[group[list(measures)].notna().all(axis=1)]
        values = seen[list(measures)].to_numpy(np.float64)
        low, high = mean_intervals(values, resamples, seed)
        for i, measure in enumerate(measures):
            rows.append(
                {
                    "network": network,
                    "condition": condition,
                    "measure": measure,
                    "mean": values[:, i].mean() if len(seen) else np.nan,
                    "low": low[i],
                    "high": high[i],
                    "participants": len(seen),
                    "without_face": len(group) - len(seen),
                    **{name: group[name].mean() for name in QUALITY},
                }
            )
    columns = ["network", "condition", "measure", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "participants", "without_face", *QUALITY])
