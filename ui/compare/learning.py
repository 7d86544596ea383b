"""The tab Training: how networks learned, and with which settings."""

import streamlit as st

from fer_core.evaluation.recipe_words import training_in_words
from ui.compare.chosen import Chosen
from ui.widgets.learning import show_learning_curves, show_settings
from ui.widgets.texts import literal


def curves(chosen: Chosen) -> None:
    """Learning curves of the chosen networks, one over the other, and what they did otherwise."""
    rows = {key: chosen.everyone[key] for key in chosen.picked}
    known = {row.title: curve for row in rows.values() if (curve := row.curve)}
    if without := [row.title for row in rows.values() if row.title not in known]:
        st.caption(
            f"Learned elsewhere, so nothing is known of how: {', '.join(map(literal, without))}."
        )
    if known:
        counts = sorted(
            {f"{row.metrics.public_test.n:,}" for row in rows.values() if row.title in known}
        )
        show_learning_curves(
            known,
            "curves",
            "Dashed: training images, as augmented, with dropout on; where a teacher or mixup "
            "blends the targets, right is the likeliest class of the blend. Solid: PublicTest, "
            f"{', '.join(counts)} images, their labels alone, with dropout off; so a solid line "
            "may lie above its dashed one.",
        )
    st.header("Settings that differ")
    show_settings(
        {
            row.title: {}
            if row.model is None or row.model.card.imported
            else training_in_words(
                row.model.card.recipe, epochs=row.model.card.epochs, seed=row.model.card.seed
            )
            for row in rows.values()
        },
        "curves",
    )
