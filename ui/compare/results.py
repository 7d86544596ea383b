"""Tabs that live on what the model folders hold: they work for everybody."""

from collections.abc import Sequence

import streamlit as st

from fer_core import charts
from fer_core.errors import MienError
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.evaluation.learning import LearningCurve
from fer_core.evaluation.recipe_words import training_in_words
from ui import caches
from ui.compare.leaning import leaning
from ui.widgets.figure import show_figure
from ui.widgets.learning import show_learning_curves, show_settings


def measured_on(models: Sequence[ModelSummary]) -> str:
    """For a caption: the split, and how many images."""
    counts = sorted({model.metrics.n for model in models})
    return f"PrivateTest, {', '.join(f'{n:,}' for n in counts)} images"


def ranking(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Every model's accuracy with its interval, and the published figure."""
    show_figure(
        charts.ranking_figure(models),
        "ranking",
        f"{measured_on(models)}, seven classes; bars are 95 % bootstrap intervals. The upright "
        "tick is what the network's origin reports, on its own split and classes. Open circle: "
        "training was cut short.",
    )


def curves(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Learning curves of the ticked models, one over the other, and what they did otherwise."""
    names = unique_titles(ticked)
    show_learning_curves(
        {
            name: LearningCurve.of(model.history, model.card.recipe)
            for name, model in zip(names, ticked, strict=True)
        },
        "curves",
        "Dashed: training images, as augmented, with dropout on; where a teacher or mixup blends "
        "the targets, right is the likeliest class of the blend. Solid: PublicTest, "
        f"{ticked[0].metrics.public_test.n:,} images, their labels alone, with dropout off; so a "
        "solid line may lie above its dashed one.",
    )
    st.subheader("Settings that differ")
    show_settings(
        {
            name: {}
            if model.card.imported
            else training_in_words(
                model.card.recipe, epochs=model.card.epochs, seed=model.card.seed
            )
            for name, model in zip(names, ticked, strict=True)
        },
        "curves",
    )


def confusion(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Confusion matrices side by side, and the difference of two."""
    show = st.segmented_control(
        "Each cell shows",
        ["share of the true class", "number of images"],
        default="share of the true class",
        required=True,
        key="cells",
        bind="query-params",
    )
    names = unique_titles(ticked)
    for row in range(0, len(ticked), 2):
        for place, index in zip(st.columns(2), range(row, min(row + 2, len(ticked))), strict=False):
            with place:
                show_figure(
                    charts.confusion_figure(
                        ticked[index].confusion,
                        normalised=show != "number of images",
                        title=names[index],
                    ),
                    f"confusion_{ticked[index].slug}",
                    f"{measured_on([ticked[index]])}. Right answers are on the diagonal.",
                )
    if len(ticked) == 2:
        show_figure(
            charts.confusion_difference_figure(
                ticked[0].confusion, ticked[1].confusion, (names[0], names[1])
            ),
            "confusion_difference",
            f"In points of the true class, {measured_on(ticked)}. On the diagonal blue means that "
            f"{names[0]} is right more often; elsewhere orange means that it errs less.",
        )
    else:
        st.caption("Tick exactly two models to see the difference of their matrices.")


def classes(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Recall of each class over all models, and of each ticked model."""
    show_figure(
        charts.recall_heatmap_figure(models),
        "recall",
        f"Recall: the share of a class's images that is named right. {measured_on(models)}; "
        f"disgust has only {models[0].metrics.per_class['disgust'].support:,}, so its figures "
        "move most.",
    )
    names = unique_titles(ticked)
    for row in range(0, len(ticked), 2):
        for place, index in zip(st.columns(2), range(row, min(row + 2, len(ticked))), strict=False):
            model = ticked[index]
            with place:
                show_figure(
                    charts.recall_figure(model.metrics, title=names[index]),
                    f"recall_{model.slug}",
                    f"{measured_on([model])}. Macro-F1 {model.metrics.macro_f1:.3f}.",
                )
    leaning(ticked)


def cost(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Accuracy against what a model costs, with the models that none other beats."""
    try:
        speed = caches.speed()
    except MienError:  # the leaderboard above says what is wrong
        speed = None
    choices: dict[charts.Cost, str] = {
        "multiply_accumulates": "work a face",
        "parameters": "parameters",
        "megabytes": "MB",
    }
    if speed:
        choices["relative_time"] = "relative time a face"
    by_work: charts.Cost = "multiply_accumulates"
    chosen = st.segmented_control(
        "Cost is",
        list(choices),
        default=by_work,
        format_func=choices.__getitem__,
        required=True,
        key="cost",
        bind="query-params",
    )
    try:
        external = caches.external()
    except MienError:
        external = []
    if speed and chosen == "relative_time":
        how = (
            f"One face at a time, one thread, on {speed.processor}. Reference: one detection "
            f"({speed.detector}, 320 × 240) and one face of {speed.yardstick_model}, "
            f"{speed.yardstick_ms:.1f} ms in the same run: ratios to it travel between machines."
            + (" Crosses: external packages, timed in turns with it." if speed.external else "")
        )
    else:
        how = (
            "Work and milliseconds do not go quite together: memory traffic and layer shapes "
            "count as well."
        )
    show_figure(
        charts.cost_figure(
            models, chosen, ticked=[model.slug for model in ticked], speed=speed, external=external
        ),
        "cost",
        f"{measured_on(models)}, 95 % bootstrap intervals. Filled: no other model is both cheaper "
        f"and better (the Pareto front, dotted). {how}",
    )
