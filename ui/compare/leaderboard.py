"""The table of all models: what is ticked in it is compared, and the link says so."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from fer_core.errors import MienError
from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.leaderboard import (
    ModelSummary,
    kaggle_place,
    leaderboard_csv,
    unique_titles,
)
from fer_core.evaluation.speed import SpeedReport
from fer_core.metrics import SplitReport
from ui import caches
from ui.widgets.downloads import offer_file
from ui.widgets.pickers import show_no_model

LINK = "models"
"""Query parameter with the ticked slugs, comma-separated: a comparison can be sent as a link."""

_KEPT = "compare_models"
_BEST = 2

_ORDER = (
    "model", "accuracy", "interval", "published", "macro_f1", "flip", "twin_free",
    "without_disgust", "ece", "megabytes", "parameters", "mmac", "time", "place", "looks", "status",
)  # fmt: skip

_PLACES = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th"}


def read_models() -> list[ModelSummary]:
    """All sound models, most accurate first; says what is wrong with the others."""
    models, errors = caches.summaries()
    if not models:
        show_no_model()
    for error in errors:
        st.warning(f"Left out: {error}", icon=":material/broken_image:")
    return models


def leaderboard(models: Sequence[ModelSummary]) -> list[ModelSummary]:
    """Show the table and return the ticked models; the two best where none is ticked."""
    images = ", ".join(sorted({f"{model.metrics.n:,}" for model in models}))
    st.caption(
        f"All figures on PrivateTest: {images} faces kept out of training, measured without "
        "test-time tricks unless a column says so. **Tick rows to compare them below.**"
    )
    speed, external = _speed(), _external()
    slugs = [model.slug for model in models]
    start = [slugs.index(slug) for slug in _start(slugs)]
    event = st.dataframe(
        _table(models, speed, external),
        hide_index=True,
        column_config=_columns(speed),
        column_order=_ORDER,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": start}},
        height="content",
        placeholder="–",
        key="leaderboard",
    )
    rows = [row for row in event["selection"]["rows"] if row < len(models)]
    ticked = [models[row] for row in sorted(rows)]
    # An empty choice is kept as well: a link without names opens with nothing ticked.
    st.query_params[LINK] = st.session_state[_KEPT] = ",".join(model.slug for model in ticked)
    note, download = st.columns([4, 1], vertical_alignment="center")
    note.caption(_note(models, ticked) + _external_note(external))
    with download:
        offer_file(
            "Table (CSV)",
            partial(leaderboard_csv, models, speed, external),
            "mien_leaderboard.csv",
            key="leaderboard_csv",
            width="stretch",
        )
    return ticked or list(models[:_BEST])


def _start(slugs: Sequence[str]) -> list[str]:
    """What is ticked on opening: the link's models, else the last choice, else the two best."""
    wanted = st.query_params.get(LINK, st.session_state.get(_KEPT))
    if wanted is None:
        return list(slugs[:_BEST])
    return [slug for slug in wanted.split(",") if slug in slugs]


def _note(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> str:
    note = "The address of this page holds the ticked models and the open tab: send it as a link."
    if not ticked:
        shown = " and ".join(unique_titles(models[:_BEST]))
        note = f"Nothing is ticked, so {shown} {'are' if len(models) > 1 else 'is'} shown. {note}"
    if any(model.card.status != "complete" for model in models):
        note += " *Budget-limited*: training was cut short and would still have helped."
    return note


def _speed() -> SpeedReport | None:
    try:
        return caches.speed()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def _external() -> list[ExternalReport]:
    try:
        return caches.external()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return []


def _external_note(external: Sequence[ExternalReport]) -> str:
    if not external:
        return ""
    note = " *External packages* stand last and cannot be ticked."
    for package in external:
        if package.metrics:
            note += f" {package.title}: version {package.version}, measured on the same images."
        elif package.quoted:
            note += (
                f" {package.title}: {package.quoted.figure:.2f} % is quoted "
                f"({package.quoted.source}; {package.quoted.split}), not measured here."
            )
    return note


def _figures(m: SplitReport) -> dict[str, object]:
    return {
        "accuracy": 100 * m.accuracy,
        "interval": f"{100 * m.accuracy_low:.1f} – {100 * m.accuracy_high:.1f}",
        "macro_f1": m.macro_f1,
        "flip": 100 * m.accuracy_flip,
        "twin_free": 100 * m.accuracy_twin_free,
        "without_disgust": 100 * m.accuracy_without_disgust,
        "ece": m.ece_calibrated,
        "place": _PLACES.get(kaggle_place(m.accuracy) or 0, "–"),
    }


def _table(
    models: Sequence[ModelSummary], speed: SpeedReport | None, external: Sequence[ExternalReport]
) -> pd.DataFrame:
    """A row for each model, then one for each external package with the columns that it has."""
    ours = [
        {
            "model": f"{name} · imported" if model.card.imported else name,
            **_figures(model.metrics),
            "published": model.card.published.figure if model.card.published else None,
            "megabytes": model.megabytes,
            "parameters": model.card.parameters / 1e6,
            "mmac": model.card.multiply_accumulates / 1e6,
            **({"time": speed.relative_time(model.slug)} if speed else {}),
            "looks": model.looks,
            "status": model.card.status,
        }
        for model, name in zip(models, unique_titles(models), strict=True)
    ]
    outside = [
        {
            "model": package.title,
            **(_figures(package.metrics) if package.metrics else {}),
            "published": package.quoted.figure if package.quoted else None,
            **({"time": speed.relative_time(package.name)} if speed else {}),
            "status": package.status,
        }
        for package in external
    ]
    return pd.DataFrame([*ours, *outside])


def _columns(speed: SpeedReport | None) -> dict[str, ColumnConfig]:
    number = st.column_config.NumberColumn
    measured = (
        f"Time for a face, one at a time, in reference times of {speed.yardstick_ms:.1f} ms on "
        f"{speed.processor}."
        if speed
        else ""
    )
    return {
        "model": st.column_config.TextColumn("Model", pinned=True, width="medium"),
        "accuracy": number("Accuracy", format="%.1f %%", help="Share of faces named right."),
        "interval": st.column_config.TextColumn(
            "95 % interval", help="Bootstrap over groups of identical images, in per cent."
        ),
        "published": number(
            "Published",
            format="%.1f %%",
            help="What the network's origin reports, on its own split and classes (see Cards).",
        ),
        "macro_f1": number(
            "Macro-F1", format="%.3f", help="Mean F1 of the seven classes; rare ones count alike."
        ),
        "flip": number("With flip", format="%.1f %%", help="Mean with the mirrored face."),
        "twin_free": number(
            "Twin-free",
            format="%.1f %%",
            help="Without the test images that are pixel-identical to a training image.",
        ),
        "without_disgust": number(
            "Six classes", format="%.1f %%", help="Without disgust, as some projects report."
        ),
        "ece": number(
            "ECE", format="%.3f", help="Calibration error after temperature; 0 is perfect."
        ),
        "megabytes": number("MB", format="%.1f", help="Size of the network's file, 10⁶ bytes."),
        "parameters": number("Parameters", format="%.2f M"),
        "mmac": number("MMAC", format="%.0f", help="Million multiply-accumulates a face."),
        "time": number("Relative time", format="%.2f ×", help=measured),
        "place": st.column_config.TextColumn(
            "Kaggle 2013", help="The place it would have taken among the challenge's first five."
        ),
        "looks": number(
            "Looks", format="%d", help="How often PrivateTest was measured for this model."
        ),
        "status": st.column_config.TextColumn("Training"),
    }
