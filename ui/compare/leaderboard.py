"""The table of all networks: six columns, the rest on demand, differences to the baseline."""

from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from fer_core.dataset import Split
from fer_core.errors import MienError
from fer_core.evaluation.compared import ComparedNetwork, Figures
from fer_core.evaluation.datasets import DatasetFigures
from fer_core.evaluation.families import in_per_cent
from fer_core.evaluation.leaderboard import kaggle_place, leaderboard_csv
from fer_core.evaluation.speed import SpeedReport
from fer_core.metrics import SplitReport
from ui import caches
from ui.compare.chosen import Chosen
from ui.widgets.downloads import offer_file
from ui.widgets.texts import literal

_FIRST = ("model", "accuracy", "interval", "difference", "macro_f1", "time")
_MORE = (
    "seeds", "ece", "flip", "twin_free", "without_disgust", "unseen", "unsure", "sure", "published",
    "place", "milliseconds", "megabytes", "parameters", "mmac", "looks", "status",
)  # fmt: skip
_PLACES = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th"}
_TABLE_PX = 480


def leaderboard(chosen: Chosen, *, more: bool) -> None:
    """The table: the baseline on top, then the best first, packages that are only quoted last.

    Args:
        chosen: its images have figures.
        more: show every column that has a value.
    """
    speed = measured_times()
    table = _table(chosen, speed)
    order = [name for name in (*_FIRST, *(_MORE if more else ())) if name in table.columns]
    st.dataframe(
        table,
        hide_index=True,
        column_config=_columns(speed, chosen),
        column_order=order,
        height=min(_TABLE_PX, 38 + 35 * len(table)),
        placeholder="–",
        key="leaderboard",
    )
    note, download = st.columns([4, 1], vertical_alignment="center")
    note.caption(_note(chosen))
    with download:
        models = [row.model for row in chosen.everyone.values() if row.model]
        offer_file(
            "CSV",
            partial(leaderboard_csv, models, speed, chosen.packages, caches.measured.families()[0]),
            "mien_leaderboard.csv",
            key="leaderboard_csv",
            help="All networks and packages on PrivateTest.",
            quiet=True,
        )


def measured_times() -> SpeedReport | None:
    """What each network takes for a face; None, and a sentence where the file is damaged."""
    try:
        return caches.measured.speed()
    except MienError as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")
        return None


def _note(chosen: Chosen) -> str:
    note = (
        f"{chosen.measured_on()}; best first, differences to the baseline on top. The address of "
        "this page holds what is chosen: send it as a link."
    )
    if any(not row.complete for row in chosen.everyone.values()):
        note += " *Budget-limited*: training was cut short and would still have helped."
    if chosen.on_fer2013:
        for package in chosen.packages:
            if package.metrics:
                note += f" {package.title}: external package, version {package.version}."
            elif package.quoted:
                note += (
                    f" {package.title}: {package.quoted.figure:.2f} % is quoted "
                    f"({package.quoted.source}; {package.quoted.split}), not measured here, so it "
                    "cannot be chosen."
                )
    return note


def _table(chosen: Chosen, speed: SpeedReport | None) -> pd.DataFrame:
    families = caches.measured.families()[0] if chosen.images == Split.PRIVATE_TEST else {}
    keys = list(chosen.figures)
    base = chosen.figures.get(chosen.baseline)
    if base is not None:
        keys.remove(chosen.baseline)
        keys.insert(0, chosen.baseline)
    rows = []
    for key in keys:
        figures, row = chosen.figures[key], _about(chosen.everyone[key], speed)
        if key == chosen.baseline:
            row["model"] = f"{row['model']} · baseline"
        elif base is not None:
            row["difference"] = 100 * (figures.accuracy - base.accuracy)
        if key in families and families[key].is_on_fer2013:
            row["seeds"] = in_per_cent(families[key].spread("accuracy"))
        rows.append(row | _measured(figures))
    if chosen.on_fer2013:
        rows += [
            {
                "model": package.title,
                "published": package.quoted.figure if package.quoted else None,
                "status": package.status,
            }
            for package in chosen.packages
            if not package.metrics
        ]
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def _about(network: ComparedNetwork, speed: SpeedReport | None) -> dict[str, object]:
    """What is known of a network, whatever it was measured on."""
    row: dict[str, object] = {
        "model": network.title,
        "time": network.relative_time(speed),
        "milliseconds": network.milliseconds(speed),
    }
    if network.package:
        return row | {"status": network.package.status}
    assert network.model is not None
    model, card = network.model, network.model.card
    return row | {
        "model": f"{network.title} · imported" if card.imported else network.title,
        "published": card.published.figure if card.published else None,
        "megabytes": model.megabytes,
        "parameters": card.parameters / 1e6,
        "mmac": card.multiply_accumulates / 1e6,
        "looks": model.looks,
        "status": card.status,
    }


def _measured(figures: Figures) -> dict[str, object]:
    """What was measured of it on the images."""
    row: dict[str, object] = {
        "accuracy": 100 * figures.accuracy,
        "interval": f"{100 * figures.accuracy_low:.1f} – {100 * figures.accuracy_high:.1f}",
        "macro_f1": figures.macro_f1,
        "ece": figures.ece_calibrated,
    }
    if isinstance(figures, SplitReport):
        row |= {
            "flip": 100 * figures.accuracy_flip,
            "twin_free": 100 * figures.accuracy_twin_free,
            "without_disgust": 100 * figures.accuracy_without_disgust,
            "place": _PLACES.get(kaggle_place(figures.accuracy) or 0, "–"),
        }
    if isinstance(figures, DatasetFigures):
        unseen, sure = figures.accuracy_unseen, figures.accuracy_sure
        row |= {
            "unseen": None if unseen is None else 100 * unseen,
            "unsure": 100 * figures.share_unsure,
            "sure": None if sure is None else 100 * sure,
        }
    return row


def _columns(speed: SpeedReport | None, chosen: Chosen) -> dict[str, ColumnConfig]:
    number = st.column_config.NumberColumn
    one_face = (
        f"Time for a face, one at a time, in reference times of {speed.yardstick_ms:.1f} ms on "
        f"{speed.processor}."
        if speed
        else ""
    )
    baseline = chosen.everyone[chosen.baseline].title
    return {
        "model": st.column_config.TextColumn("Model", pinned=True, width="medium"),
        "accuracy": number("Accuracy", format="%.1f %%", help="Share of faces named right."),
        "interval": st.column_config.TextColumn(
            "95 % interval",
            help="Bootstrap over identical images, persons or groups.",
        ),
        "difference": number(
            "Difference",
            format="%+.1f",
            help=f"Accuracy less that of {baseline}, in points. Part “Significance” says which "
            "differences are more than luck.",
        ),
        "macro_f1": number(
            "Macro-F1", format="%.3f", help="Mean F1 of the classes; rare ones count alike."
        ),
        "seeds": st.column_config.TextColumn(
            "Over seeds",
            help="Mean and standard deviation of the accuracy over several trainings, in per cent "
            "(lowest to highest); see Training, Seeds.",
        ),
        "time": number("Relative time", format="%.2f ×", help=one_face),
        "milliseconds": number(
            "Milliseconds",
            format="%.2f",
            help="A face, one at a time; a package's on the machine that it was measured on.",
        ),
        **_columns_of_splits(),
        "unseen": number(
            "Without Training’s",
            format="%.1f %%",
            help="Without FER2013's Training images, from which networks learned.",
        ),
        "unsure": number("Unsure", format="%.1f %%", help="Below the network's own threshold."),
        "sure": number("Right, of the sure", format="%.1f %%"),
        "megabytes": number("MB", format="%.1f", help="Size of the network's file, 10⁶ bytes."),
        "parameters": number("Parameters", format="%.2f M"),
        "mmac": number("MMAC", format="%.0f", help="Million multiply-accumulates a face."),
        "looks": number(
            "Looks", format="%d", help="How often PrivateTest was measured for this model."
        ),
        "status": st.column_config.TextColumn("Training"),
    }


def _columns_of_splits() -> dict[str, ColumnConfig]:
    """What only FER2013's test splits have."""
    number = st.column_config.NumberColumn
    return {
        "published": number(
            "Published",
            format="%.1f %%",
            help="What the network's origin reports, on its own split and classes (see Cards).",
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
        "place": st.column_config.TextColumn(
            "Kaggle 2013",
            help="The place that this accuracy on PrivateTest would have taken among the "
            "challenge's first five.",
        ),
    }
