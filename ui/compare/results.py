"""Tabs of the Compare page that live on what the model folders hold: they work for everybody."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.emotions import LABELS
from fer_core.errors import MienError
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from ui import caches
from ui.widgets.figure import show_figure


def _on(models: Sequence[ModelSummary]) -> str:
    counts = sorted({model.metrics.n for model in models})
    return f"PrivateTest, {', '.join(f'{n:,}' for n in counts)} images"


def ranking(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Every model's accuracy with its interval, and the published figure."""
    show_figure(
        charts.ranking_figure(models),
        "ranking",
        f"{_on(models)}, seven classes; bars are 95 % bootstrap intervals. The upright tick is "
        "what the network's origin reports, on its own split and classes. Open circle: training "
        "was cut short.",
    )


def curves(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Learning curves of the ticked models, one over the other."""
    histories = dict(zip(unique_titles(ticked), (model.history for model in ticked), strict=True))
    caption = (
        "Dashed: training images, as augmented, with dropout on; where a teacher or mixup blends "
        "the targets, right is the likeliest class of the blend. Solid: PublicTest, "
        f"{ticked[0].metrics.public_test.n:,} images, their labels alone, with dropout off; so a "
        "solid line may lie above its dashed one. Drag to zoom, double-click to zoom out; the "
        "legend hides lines."
    )
    left, right = st.columns(2)
    with left:
        show_figure(charts.learning_curves_figure(histories, "accuracy"), "accuracy", caption)
    with right:
        show_figure(
            charts.learning_curves_figure(histories, "loss"),
            "loss",
            "The same images. The training loss may hold weight decay, softened or mixed targets "
            "and a second head's task, so its level says less than its course.",
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
                    f"{_on([ticked[index]])}. Right answers are on the diagonal.",
                )
    if len(ticked) == 2:
        show_figure(
            charts.confusion_difference_figure(
                ticked[0].confusion, ticked[1].confusion, (names[0], names[1])
            ),
            "confusion_difference",
            f"In points of the true class, {_on(ticked)}. On the diagonal blue means that "
            f"{names[0]} is right more often; elsewhere orange means that it errs less.",
        )
    else:
        st.caption("Tick exactly two models to see the difference of their matrices.")


def classes(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Recall of each class over all models, and of each ticked model."""
    show_figure(
        charts.recall_heatmap_figure(models),
        "recall",
        f"Recall: the share of a class's images that is named right. {_on(models)}; disgust has "
        f"only {models[0].metrics.per_class['disgust'].support:,}, so its figures move most.",
    )
    names = unique_titles(ticked)
    for row in range(0, len(ticked), 2):
        for place, index in zip(st.columns(2), range(row, min(row + 2, len(ticked))), strict=False):
            model = ticked[index]
            with place:
                show_figure(
                    charts.recall_figure(model.metrics, title=names[index]),
                    f"recall_{model.slug}",
                    f"{_on([model])}. Macro-F1 {model.metrics.macro_f1:.3f}.",
                )


def cost(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """Accuracy against what a model costs, with the models that none other beats."""
    try:
        speed = caches.speed()
    except MienError:  # the leaderboard above says what is wrong
        speed = None
    choices = {"multiply_accumulates": "work a face", "parameters": "parameters", "megabytes": "MB"}
    if speed:
        choices["relative_time"] = "relative time a face"
    chosen: charts.Cost = st.segmented_control(
        "Cost is",
        list(choices),
        default="multiply_accumulates",
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
            f"One face at a time, one thread, on {speed.processor}. A yardstick is one detection "
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
        f"{_on(models)}, 95 % bootstrap intervals. Filled: no other model is both cheaper and "
        f"better (the Pareto front, dotted). {how}",
    )


def cards(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """The card of each ticked model, to read."""
    for model, name in zip(ticked, unique_titles(ticked), strict=True):
        with st.container(border=True):
            _card(model, name)


def _card(model: ModelSummary, name: str) -> None:
    card, metrics = model.card, model.metrics
    st.subheader(name)
    st.markdown(f"{card.architecture}  \n:gray[Origin: {card.origin}]")
    left, right = st.columns(2)
    published = card.published
    left.markdown(
        f"**Accuracy** {metrics.accuracy:.1%} "
        f"(95 %: {metrics.accuracy_low:.1%} to {metrics.accuracy_high:.1%}) on {_on([model])}  \n"
        + (
            f"**Published** {published.figure:.2f} %, {published.split}, {published.classes} "
            f"classes ({published.source})  \n"
            if published
            else "**Published** its origin states no figure  \n"
        )
        + f"**Input** {card.input.side_px} × {card.input.side_px} px, "
        f"{card.input.channels} channel{'s' if card.input.channels > 1 else ''}  \n"
        f"**Size** {card.parameters:,} parameters, {card.multiply_accumulates:,} "
        f"multiply-accumulates, {model.megabytes:.1f} MB"
    )
    right.markdown(
        f"**Training** {card.epochs} epochs, {card.train_seconds / 60:,.0f} minutes on "
        f"{card.processor}, {card.precision}, seed {card.seed}; {card.status}  \n"
        f"**Temperature** {card.temperature:.3f} · **unsure below** {card.unsure_threshold:.0%}"
        f"  \n**Looks at PrivateTest** {'unknown' if model.looks is None else model.looks}  \n"
        f"**Classes** {', '.join(LABELS)}"
    )
    st.markdown(f"**Meant for** {card.intended_use}  \n**Limits** {card.limits}")
    with st.expander("Recipe, versions, files"):
        recipe, versions = st.columns(2)
        recipe.dataframe(
            pd.DataFrame(
                {"setting": list(card.recipe), "value": [str(v) for v in card.recipe.values()]}
            ),
            hide_index=True,
            height="content",
        )
        versions.dataframe(
            pd.DataFrame({"library": list(card.versions), "version": list(card.versions.values())}),
            hide_index=True,
            height="content",
        )
        versions.dataframe(
            pd.DataFrame(
                [
                    {"file": file, "bytes": entry.bytes, "SHA-256": entry.sha256}
                    for file, entry in card.files.items()
                ]
            ),
            hide_index=True,
            height="content",
        )
        st.download_button(
            "Card as JSON",
            card.to_json(),
            f"{model.slug}_card.json",
            "application/json",
            key=f"card_{model.slug}",
            icon=":material/download:",
            on_click="ignore",
        )
