"""The part on slices: small, dark, blurred, turned faces, groups and persons of a data set."""

import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.evaluation.slices import FEWEST_PICTURES, FEWEST_UNITS, SliceReport
from ui import caches
from ui.compare.chosen import Chosen, labelled_networks
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal


def slices(chosen: Chosen) -> None:
    """Accuracy by slice of one chosen network, or of it less the baseline; what stands."""
    here = labelled_networks(chosen)
    if here is None:
        return
    truth, names = here
    who, against = st.columns(2)
    first = who.selectbox(
        "Network", list(names), format_func=names.__getitem__, key="slice_network"
    )
    others = {"": "the rest of the images"} | {k: v for k, v in names.items() if k != first}
    second = against.selectbox(
        "Against", list(others), format_func=others.__getitem__, key="slice_against"
    )
    keys = (first, second) if second else (first,)
    found = caches.answers.slice_figures(keys, chosen.images, chosen.split)
    if found is None:
        return
    report = found.model_copy(update={"networks": tuple(names[key] for key in keys)})
    st.markdown(literal(report.sentence()))
    if not report.slices:
        return
    show_figure(
        charts.slices_figure(report),
        "slices",
        f"{chosen.measured_on(keys)}; whiskers are 95 % bootstrap intervals over {truth.unit}s. "
        "★: holds after Holm's correction. Thirds are those of these images.",
    )
    _table(report)


def _table(report: SliceReport) -> None:
    both = len(report.networks) == 2
    what = "Difference" if both else "Against the rest"
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "By": row.by,
                    "Slice": row.name,
                    "Images": row.n,
                    report.networks[0]: 100 * row.accuracy,
                    **(
                        {report.networks[1]: 100 * row.other_accuracy}
                        if row.other_accuracy is not None
                        else {}
                    ),
                    what: None if row.difference is None else 100 * row.difference,
                    "95 % interval": None
                    if row.difference_low is None or row.difference_high is None
                    else f"{100 * row.difference_low:+.1f} to {100 * row.difference_high:+.1f}",
                    "p": row.p,
                    "p after Holm": row.p_holm,
                }
                for row in report.slices
            ]
        ),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            **dict.fromkeys(report.networks, st.column_config.NumberColumn(format="%.1f %%")),
            what: st.column_config.NumberColumn(format="%+.1f", help="In points."),
            **dict.fromkeys(("p", "p after Holm"), st.column_config.NumberColumn(format="%.3f")),
        },
    )
    st.caption(
        f"Slices of fewer than {FEWEST_PICTURES} images, or of fewer than {FEWEST_UNITS} persons, "
        "groups or pictures to draw from, are not tested. Of twenty slices one differs by chance: "
        f"Holm's correction is over all {report.tested} that were tested."
    )
