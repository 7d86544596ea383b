"""The models' stored answers to single images, and the labels where they are here."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import MienError
from fer_core.evaluation.leaderboard import ModelSummary
from fer_core.evaluation.truth import SplitTruth
from ui import caches


def readable(models: Sequence[ModelSummary]) -> list[ModelSummary]:
    """Those whose stored answers can be read; says so of the others."""
    sound = []
    for model in models:
        try:
            caches.stored_logits(model.slug)
            sound.append(model)
        except MienError as error:
            st.warning(str(error), icon=":material/broken_image:")
    return sound


def private_logits(model: ModelSummary) -> NDArray[np.float32]:
    """(n, 7): a model's answers to PrivateTest."""
    return caches.stored_logits(model.slug)["private_logits"]


def labels_here() -> SplitTruth | None:
    """The test splits' labels; None where they are not here, or cannot be read, which is said."""
    try:
        return caches.split_truth()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def fit_labels(models: Sequence[ModelSummary], truth: SplitTruth) -> list[ModelSummary]:
    """Those whose stated accuracy these labels give; says so of the others."""
    fitting = [model for model in models if truth.fits(model, private_logits(model))]
    if others := [model.title for model in models if model not in fitting]:
        st.caption(
            f"Left out: {', '.join(others)}. Its stored answers belong to another data set than "
            "the one on this machine."
        )
    return fitting
