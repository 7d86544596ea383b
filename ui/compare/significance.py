"""The part on pairs of networks: who is better beyond luck, and who says the same."""

import streamlit as st

from fer_core import charts
from fer_core.evaluation.labelled import named_classes
from fer_core.metrics import agreement_matrix
from ui import caches
from ui.compare.chosen import Chosen, show_no_labels
from ui.widgets.figure import show_figure


def significance(chosen: Chosen) -> None:
    """Who is better beyond luck, and who says the same."""
    sound = chosen.answering(chosen.figures)
    if len(sound) < 2:
        st.info("Two networks are needed to compare.", icon=":material/compare_arrows:")
        return
    truth = chosen.truth()
    if truth is None:
        show_no_labels(chosen)
    elif len(fitting := chosen.fitting(sound, truth)) > 1:
        pairs = caches.answers.compared_pairs(tuple(fitting), chosen.images, chosen.split)
        show_figure(
            charts.mcnemar_figure([chosen.titles[key] for key in fitting], pairs),
            "mcnemar",
            f"{chosen.measured_on(fitting)}. ★: exact McNemar test, holds for all {len(pairs)} "
            f"pairs together (Bonferroni, 5 %). Intervals are over {truth.unit}s; hover for "
            "interval and p.",
        )
    answers = [chosen.answers(key) for key in sound]
    sizes = {len(logits) for logits in answers}
    if len(sizes) > 1:
        st.caption("These networks' stored answers are to different sets of images.")
        return
    table = agreement_matrix([named_classes(logits) for logits in answers])
    show_figure(
        charts.agreement_figure([chosen.titles[key] for key in sound], table, sizes.pop()),
        "agreement",
        f"{chosen.measured_on(sound)}; needs no labels. Two networks that often disagree gain most "
        "from being averaged.",
    )
