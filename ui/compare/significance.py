"""The tab on pairs of models: who is better beyond luck, and who says the same."""

from collections.abc import Sequence

import streamlit as st

from fer_core import charts
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.metrics import agreement_matrix
from ui import caches
from ui.compare.answers import fit_labels, labels_here, private_logits, readable
from ui.widgets.figure import show_figure, show_no_labels


def significance(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Who is better beyond luck, and who says the same."""
    sound = readable(models)
    if len(sound) < 2:
        st.info("Two models are needed to compare.", icon=":material/compare_arrows:")
        return
    truth = labels_here()
    fitting = fit_labels(sound, truth) if truth else []
    if truth is None:
        show_no_labels()
    elif len(fitting) > 1:
        pairs = caches.compared_pairs(tuple(model.slug for model in fitting))
        show_figure(
            charts.mcnemar_figure(unique_titles(fitting), pairs),
            "mcnemar",
            f"PrivateTest, {len(truth.private_labels):,} images. ★: exact McNemar test, holds for "
            f"all {len(pairs)} pairs together (Bonferroni, 5 %). Hover for interval and p.",
        )
    sizes = {len(private_logits(model)) for model in sound}
    if len(sizes) > 1:
        st.caption("These models' stored answers are to different sets of images.")
        return
    table = agreement_matrix([private_logits(model).argmax(axis=1) for model in sound])
    n = sizes.pop()
    show_figure(
        charts.agreement_figure(unique_titles(sound), table, n),
        "agreement",
        f"PrivateTest, {n:,} images; needs no labels. Two models that often disagree gain most "
        "from being averaged.",
    )
