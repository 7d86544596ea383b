"""The four tabs, and the parts of each: only the one that is shown is worked out."""

from collections.abc import Callable, Mapping

import streamlit as st

from ui import address
from ui.compare.calibration import calibration
from ui.compare.cards import cards
from ui.compare.chosen import Chosen
from ui.compare.cost import cost
from ui.compare.datasets import across_datasets
from ui.compare.learning import curves
from ui.compare.mistakes import mistakes
from ui.compare.results import classes, confusion, ranking
from ui.compare.robustness import robustness
from ui.compare.seeds import seeds
from ui.compare.significance import significance
from ui.compare.slices import slices
from ui.compare.variants import difference
from ui.widgets.texts import literal

Part = Callable[[Chosen], None]

TABS: Mapping[str, Mapping[str, Part]] = {
    "Result": {
        "Ranking": ranking,
        "Classes": classes,
        "Confusion": confusion,
        "Calibration and unsure": calibration,
        "Significance": significance,
        "Slices": slices,
        "Robustness": robustness,
        "Across data sets": across_datasets,
    },
    "Mistakes": {"Mistakes": mistakes},
    "Cost": {"Cost": cost},
    "Training": {
        "Curves and settings": curves,
        "Seeds": seeds,
        "What made the difference": difference,
        "Cards": cards,
    },
}
"""By tab and part. A tab of one part has no choice of them."""

ANY_IMAGES = ("Robustness", "Across data sets", *TABS["Training"])
"""Parts that say the same whatever networks are measured on."""

_EARLIER = {"Curves": "Curves and settings", "Speed against accuracy": "Cost"}
"""Names of parts in links of before."""


_VIEW = "view"

_TAB_OF = {name: name for name in TABS} | {
    name: tab
    for tab, parts in TABS.items()
    for name in [*parts, *(old for old, new in _EARLIER.items() if new in parts)]
}


def show_tabs(chosen: Chosen) -> None:
    """The views under the choice; the link names tab and part, or a part alone."""
    # Not bound by Streamlit: a part's name, which is no tab's, would be lost from the address.
    asked = address.newly_asked(_VIEW, _TAB_OF)
    if asked:
        st.session_state[_VIEW] = tab = _TAB_OF[asked]
        part = _EARLIER.get(asked, asked)
        if part in TABS[tab] and len(TABS[tab]) > 1:
            st.session_state[_part_key(tab)] = part
    tabs = st.tabs(list(TABS), key=_VIEW, on_change="rerun")
    for place, (name, parts) in zip(tabs, TABS.items(), strict=True):
        if place.open:
            address.keep(_VIEW, name, next(iter(TABS)))
            with place:
                _show(chosen, name, parts)


def _show(chosen: Chosen, tab: str, parts: Mapping[str, Part]) -> None:
    name = first = next(iter(parts))
    if len(parts) > 1:
        key = _part_key(tab)
        if asked := address.newly_asked(key, parts):
            st.session_state[key] = asked
        st.session_state.setdefault(key, first)
        shown = st.segmented_control(
            f"Parts of {tab}", list(parts), required=True, key=key, label_visibility="collapsed"
        )
        name = shown or first
        address.keep(key, name, first)
    if name not in ANY_IMAGES and not chosen.ticked:
        st.info(
            f"None of these networks was measured on {literal(chosen.images)}.",
            icon=":material/photo_library:",
        )
        return
    parts[name](chosen)


def _part_key(tab: str) -> str:
    return f"part_{tab.lower()}"
