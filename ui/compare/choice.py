"""The row on top of the Compare page: which networks, against which one, on which images."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core.dataset import Split, list_datasets
from fer_core.errors import MienError
from fer_core.evaluation.compared import ComparedNetwork, Figures, compared_networks, same_part
from fer_core.evaluation.datasets import ALL, DatasetFigures, SplitName
from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.leaderboard import ModelSummary
from ui import caches
from ui.compare.chosen import TEST_SPLITS, Chosen
from ui.widgets.pickers import kept_choice, show_no_model
from ui.widgets.texts import literal

LINK = "models"
"""Name in the address of the chosen keys, comma-separated: a comparison is sent as a link."""

_KEPT, _WIDGET = "compare_models", "compare_models_picker"
_WRITTEN, _UNKNOWN = "compare_models_written", "compare_models_unknown"
_BEST = 2
_NAMES_PX = 250


def read_models() -> list[ModelSummary]:
    """All sound models, most accurate first; says what is wrong with the others."""
    models, errors = caches.measured.summaries()
    if not models:
        show_no_model()
    for error in errors:
        st.warning(f"Left out: {error}", icon=":material/broken_image:")
    return models


def read_packages() -> list[ExternalReport]:
    """External packages, measured or quoted; [] and a sentence where a file is damaged."""
    try:
        return caches.measured.external()
    except MienError as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")
        return []


def choose(models: Sequence[ModelSummary], packages: Sequence[ExternalReport]) -> Chosen:
    """Let the visitor choose networks, baseline and images; what is not there is said.

    Args:
        models: at least one.
        packages: that were measured or quoted.
    """
    everyone = compared_networks(models, packages)
    titles = {key: row.title for key, row in everyone.items()}
    row = st.container(horizontal=True)
    # Side by side where there is room for the longest name, else under one another.
    with row, st.container(width="stretch"):
        picked = _pick_networks(titles)
    shown = picked or tuple(titles)[:_BEST]
    with row, st.container(width=_NAMES_PX):
        baseline = kept_choice(
            "Baseline",
            "compare_baseline",
            "baseline",
            shown,
            shown[0],
            titles.__getitem__,
            "The network that the others' differences are to.",
        )
    measured, errors = caches.measured.dataset_figures()
    with row, st.container(width=_NAMES_PX):
        names = dict.fromkeys([*TEST_SPLITS, *measured, *list_datasets()])
        images = kept_choice(
            "Measured on",
            "compare_images",
            "dataset",
            tuple(names),
            Split.PRIVATE_TEST.value,
            lambda name: f"FER2013 {name}" if name in TEST_SPLITS else name,
            "Test splits of FER2013, and every data set with a name.",
        )
    for error in errors:
        st.warning(literal(error), icon=":material/broken_image:")
    if not picked:
        st.caption(
            f"Nothing is chosen, so {' and '.join(literal(titles[key]) for key in shown)} "
            f"{'are' if len(shown) > 1 else 'is'} shown."
        )
    split, figures = _figures(everyone, images, measured.get(images, {}))
    return Chosen(images, split, everyone, shown, figures, baseline, packages)


def _pick_networks(titles: Mapping[str, str]) -> tuple[str, ...]:
    """The chosen keys, the best first; the link's, else the last choice, else the two best."""
    asked = st.query_params.get(LINK)
    if asked is not None and asked != st.session_state.get(_WRITTEN):
        wanted = [key for key in asked.split(",") if key]
        st.session_state[_KEPT] = [key for key in wanted if key in titles]
        st.session_state[_UNKNOWN] = [key for key in wanted if key not in titles]
    kept = st.session_state.get(_KEPT, tuple(titles)[:_BEST])
    st.session_state[_WIDGET] = st.session_state[_KEPT] = [key for key in titles if key in kept]

    def keep() -> None:
        st.session_state[_KEPT] = st.session_state[_WIDGET]
        st.session_state[_UNKNOWN] = []

    st.multiselect(
        "Networks to compare",
        list(titles),
        format_func=titles.__getitem__,
        key=_WIDGET,
        on_change=keep,
        placeholder="Type a name, or choose from the list",
        help="External packages are among them, and stand wherever they have figures.",
    )
    if unknown := st.session_state.get(_UNKNOWN):
        one = len(unknown) == 1
        st.warning(
            f"The address asks for **{'**, **'.join(map(literal, unknown))}**, which "
            f"{'is' if one else 'are'} not here.",
            icon=":material/link_off:",
        )
    chosen = tuple(key for key in titles if key in st.session_state[_WIDGET])
    # An empty choice is kept as well: a link without names opens with nothing chosen.
    st.query_params[LINK] = st.session_state[_WRITTEN] = ",".join(chosen)
    return chosen


def _figures(
    everyone: Mapping[str, ComparedNetwork], images: str, measured: Mapping[str, DatasetFigures]
) -> tuple[SplitName, dict[str, Figures]]:
    """The part that was measured, and figures there, the best first."""
    split: SplitName = ALL
    found: dict[str, Figures] = {}
    if images == Split.PRIVATE_TEST:
        found = {key: row.metrics for key, row in everyone.items()}
    elif images == Split.PUBLIC_TEST:
        found = {key: row.metrics.public_test for key, row in everyone.items()}
    else:
        alike = same_part({slug: one for slug, one in measured.items() if slug in everyone})
        found = dict(alike)
        split = next(iter(alike.values())).split if alike else ALL
    return split, dict(sorted(found.items(), key=lambda item: -item[1].accuracy))


def say_what_is_missing(chosen: Chosen) -> None:
    """Name the chosen networks without figures on the images, with the command that measures."""
    missing = {
        key: title for key, title in chosen.picked_titles.items() if key not in chosen.figures
    }
    if not missing:
        return
    ours = [key for key in missing if chosen.everyone[key].model]
    outside = [title for key, title in missing.items() if key not in ours]
    words = []
    if ours:
        command = f"python -m fer_core evaluate --dataset {chosen.images} {' '.join(ours)}"
        words.append(
            f"Not measured on {literal(chosen.images)}: "
            f"{', '.join(literal(missing[key]) for key in ours)}. This measures: `{command}`"
        )
    if outside:
        words.append(
            f"External packages are measured on FER2013 only: {', '.join(map(literal, outside))}."
        )
    st.caption("  \n".join(words))
