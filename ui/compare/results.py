"""Parts of the tab Result: who is right how often, on which classes, and what is mixed up."""

from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fer_core import charts
from fer_core.dataset import Split
from fer_core.errors import MienError
from ui.compare.chosen import Chosen, show_no_labels
from ui.compare.leaderboard import leaderboard
from ui.compare.leaning import leaning
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal


def ranking(chosen: Chosen) -> None:
    """Every network in a table and in a chart beside it."""
    more = st.toggle("More columns", key="more", bind="query-params")
    place = st.container(key="compare_ranking")
    table, chart = (place.container(), place.container()) if more else place.columns([3, 2])
    with table:
        leaderboard(chosen, more=more)
    published = chosen.images == Split.PRIVATE_TEST
    with chart:
        show_figure(
            charts.ranking_figure(
                [chosen.everyone[key] for key in chosen.figures],
                chosen.figures,
                published=published,
                ticked=list(chosen.ticked),
            ),
            "ranking",
            f"{chosen.measured_on()}; bars are 95 % bootstrap intervals. Bold: chosen. Open "
            "circle: training was cut short."
            + (
                " The upright tick is what the network's origin reports, on its own split and "
                "classes."
                if published
                else ""
            ),
        )


def classes(chosen: Chosen) -> None:
    """Recall of each class over all networks, and of each chosen one."""
    disgust = next(iter(chosen.figures.values())).per_class["disgust"].support
    show_figure(
        charts.recall_heatmap_figure(chosen.titles, chosen.figures),
        "recall",
        f"Recall: the share of a class's images that is named right. {chosen.measured_on()}; "
        f"disgust has only {disgust:,}, so its figures move most.",
    )
    for place, (key, title) in _two_a_row(chosen.ticked):
        with place:
            figures = chosen.figures[key]
            show_figure(
                charts.recall_figure(figures, title=title),
                f"recall_{key}",
                f"{chosen.measured_on([key])}. Macro-F1 {figures.macro_f1:.3f}.",
            )
    leaning(chosen)


def confusion(chosen: Chosen) -> None:
    """Confusion matrices side by side, and the difference of two."""
    shares = "share of the true class"
    show = st.segmented_control(
        "Each cell shows",
        [shares, "number of images"],
        default=shares,
        required=True,
        key="cells",
        bind="query-params",
    )
    truth = chosen.truth()
    counts = {}
    for key in chosen.ticked:
        try:
            table = chosen.confusion(key, truth)
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
            continue
        if table is not None:
            counts[key] = table
    if truth is None and len(counts) < len(chosen.ticked):
        show_no_labels(chosen)
    elif truth is not None:
        chosen.fitting([key for key in chosen.ticked if key not in counts], truth)
    for place, (key, title) in _two_a_row({key: chosen.titles[key] for key in counts}):
        with place:
            show_figure(
                charts.confusion_figure(counts[key], normalised=show == shares, title=title),
                f"confusion_{key}",
                f"{chosen.measured_on([key])}. Right answers are on the diagonal.",
            )
    if len(counts) == 2:
        (a, first), (b, second) = counts.items()
        names = (chosen.titles[a], chosen.titles[b])
        show_figure(
            charts.confusion_difference_figure(first, second, names),
            "confusion_difference",
            f"In points of the true class, {chosen.measured_on(counts)}. On the diagonal blue "
            f"means that {names[0]} is right more often; elsewhere orange means that it errs less.",
        )
    else:
        st.caption("Choose exactly two networks to see the difference of their matrices.")


def _two_a_row(titles: dict[str, str]) -> Iterator[tuple[DeltaGenerator, tuple[str, str]]]:
    """Places for charts, two beside each other, with the keys and titles that belong there."""
    items = list(titles.items())
    for row in range(0, len(items), 2):
        yield from zip(st.columns(2), items[row : row + 2], strict=False)
