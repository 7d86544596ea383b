"""The findings of a study: figures, their intervals, and a sentence for each comparison."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from fer_core.charts import comparison_figure, course_figure, networks_figure, shares_figure
from fer_core.emotions import LABELS
from fer_core.errors import MienError
from fer_core.studies import Study, progress_of
from fer_core.studies.results import Results, state_of
from fer_core.studies.statistics import (
    FAMILY,
    SHARES,
    ConditionComparison,
    CorrectedShares,
    mean_courses,
    measure_words,
    participants_sentence,
    quality_sentence,
    sentence,
)
from ui import caches
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal

_FIRST_SENTENCES = 3


def show_findings(study: Study) -> None:
    """All of them, or what is missing for them."""
    _show_smoothing(study)
    try:
        results = caches.study_results(study.name, state_of(study))
    except MienError as error:
        st.info(literal(str(error)), icon=":material/hourglass_empty:")
        return
    _show_head(study, results)
    changed = False
    if len(results.changes):
        changed = st.toggle(
            "Changes from each participant's baseline", key=f"studies_changes_{study.name}"
        )
    _show_conditions(results, changed)
    _show_comparisons(results, changed)
    _show_courses(study, results)
    _show_corrected(results)
    _show_survival(results)


def _show_smoothing(study: Study) -> None:
    """Cheap to change: nothing is read again."""
    settings = study.settings
    smoothed = st.toggle(
        "Averaged over time",
        settings.smoothed,
        key=f"studies_smoothed_{study.name}",
        help="Each face's probabilities, averaged over about a second, as live video shows them. "
        "Off: as each frame alone says. Nothing is read again.",
    )
    if smoothed != settings.smoothed:
        study.settings = settings.model_copy(update={"smoothed": smoothed})


def _show_head(study: Study, results: Results) -> None:
    st.markdown(literal(participants_sentence(results.figures)))
    st.caption(literal(f"{_quality(results)} Read by {', '.join(results.networks)}."))
    now = progress_of(study)
    if not now.is_read:
        st.warning(
            f"The study is not read to its end ({now.seconds_done / now.seconds:.0%}): these "
            "figures will change.",
            icon=":material/hourglass_top:",
        )
    if results.notes:
        with st.expander(f"What is missing ({len(results.notes)})", icon=":material/info:"):
            st.markdown("\n".join(f"- {literal(note)}" for note in results.notes))


def _quality(results: Results, network: str | None = None) -> str:
    means = results.means
    return quality_sentence(means[means["network"] == (network or results.networks[0])])


def _show_conditions(results: Results, changed: bool) -> None:
    st.subheader("How long each was shown")
    network = results.networks[0]
    figures = results.changes if changed else results.figures
    measures = [name for name in SHARES if figures[name].abs().max() > 0] or list(SHARES)
    show_figure(
        shares_figure(figures, network, measures),
        "study_shares",
        literal(
            "Share of the time with a face, less that of the baseline. "
            if changed
            else "Share of the time with a face. "
        )
        + literal(
            "Large: mean over participants with its 95 % interval; thin lines: participants. "
            + _quality(results)
        ),
    )
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(means_table(results.means), hide_index=True)


def means_table(means: pd.DataFrame) -> pd.DataFrame:
    """Means by condition with intervals, and beside each what was unsure and without a face."""
    return pd.DataFrame(
        {
            "network": means["network"],
            "condition": means["condition"],
            "measure": [measure_words(name) for name in means["measure"]],
            "mean": [_figure(*row) for row in zip(means["measure"], means["mean"], strict=True)],
            "95 % from": [
                _figure(*row) for row in zip(means["measure"], means["low"], strict=True)
            ],
            "to": [_figure(*row) for row in zip(means["measure"], means["high"], strict=True)],
            "participants": means["participants"],
            "without a face": [f"{share:.1%}" for share in means["no_face"]],
            "of the rest unsure": [f"{share:.1%}" for share in means["unsure"]],
        }
    )


def _figure(measure: str, value: float) -> str:
    if not np.isfinite(value):
        return ""
    text = f"{value:.2f}" if measure == "valence" else f"{100 * value:.1f} %"
    return text.replace("-", "−")


def _show_comparisons(results: Results, changed: bool) -> None:
    st.subheader("What differs between the conditions")
    comparisons = results.reported(results.change_comparisons if changed else results.comparisons)
    if not comparisons:
        st.info(
            "**One condition only.** Comparisons need two, in the sheet.",
            icon=":material/compare_arrows:",
        )
        return
    ordered = sorted(comparisons, key=_by_strength)
    _show_sentences([sentence(one) for one in ordered])
    for pair in dict.fromkeys((one.first, one.second) for one in comparisons):
        own = [one for one in comparisons if (one.first, one.second) == pair]
        show_figure(
            comparison_figure(own),
            f"study_comparison_{'_'.join(pair)}",
            literal(
                "Mean over participants with its 95 % interval; ★: holds after Holm's correction. "
                + _quality(results)
            ),
        )
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(comparisons_table(comparisons), hide_index=True)


def _by_strength(one: ConditionComparison) -> tuple[float, float]:
    p = one.p if np.isfinite(one.p) else 2.0
    return p, -abs(one.difference)


def _show_sentences(sentences: Sequence[str]) -> None:
    for text in sentences[:_FIRST_SENTENCES]:
        st.markdown(literal(text))
    if rest := sentences[_FIRST_SENTENCES:]:
        with st.expander(f"{len(rest)} more", icon=":material/notes:"):
            st.markdown("\n\n".join(literal(text) for text in rest))


def comparisons_table(comparisons: Sequence[ConditionComparison]) -> pd.DataFrame:
    """One row a comparison, with effect size and both p."""
    return pd.DataFrame(
        [
            {
                "measure": measure_words(one.measure),
                "first": one.first,
                "second": one.second,
                "mean of first": _figure(one.measure, one.mean_first),
                "mean of second": _figure(one.measure, one.mean_second),
                "difference": _figure(one.measure, one.difference),
                "95 % from": _figure(one.measure, one.low),
                "to": _figure(one.measure, one.high),
                "participants": one.n_first
                if one.design == "within"
                else one.n_first + one.n_second,
                "left out": one.left_out,
                "effect size": f"{one.effect_name} {one.effect:.2f}"
                if np.isfinite(one.effect)
                else "",
                "p": f"{one.p:.3f}" if np.isfinite(one.p) else "",
                "p after Holm": f"{one.p_holm:.3f}" if np.isfinite(one.p_holm) else "",
            }
            for one in comparisons
        ]
    )


def _show_courses(study: Study, results: Results) -> None:
    st.subheader("Course around the onset")
    if results.courses.empty:
        st.info(
            "**No onset in the sheet.** Say there when the stimulus begins, in seconds.",
            icon=":material/timeline:",
        )
        return
    measure = st.selectbox(
        "Measure",
        FAMILY,
        index=FAMILY.index("share_happy"),
        format_func=measure_words,
        key=f"studies_course_{study.name}",
        width=220,
    )
    own = results.courses[results.courses["network"] == results.networks[0]]
    courses = mean_courses(own, measure, results.grid)
    show_figure(
        course_figure(courses),
        "study_course",
        literal(" ".join(sentence(course) for course in courses) + " " + _quality(results)),
    )


def _show_corrected(results: Results) -> None:
    if not results.corrected:
        return
    st.subheader("Corrected by what the network takes for what")
    for one in results.corrected:
        st.markdown(literal(sentence(one)))
    for warning in dict.fromkeys(w for one in results.corrected for w in one.warnings):
        st.warning(literal(warning), icon=":material/warning:")
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(corrected_table(results.corrected), hide_index=True)
    st.caption(
        "This assumes that the network errs on these faces as on its test images (PrivateTest of "
        "FER2013). " + literal(_quality(results))
    )


def corrected_table(corrected: Sequence[CorrectedShares]) -> pd.DataFrame:
    """One row a class and condition, or difference of two."""
    return pd.DataFrame(
        [
            {
                "condition": f"{one.second} less {one.condition}" if one.second else one.condition,
                "expression": label,
                "as read": _figure("share", one.said[i]),
                "corrected": _figure("share", one.corrected[i]),
                "95 % from": _figure("share", one.low[i]),
                "to": _figure("share", one.high[i]),
            }
            for one in corrected
            for i, label in enumerate(LABELS)
        ]
    )


def _show_survival(results: Results) -> None:
    st.subheader("Does the finding survive the network?")
    if not results.survivals:
        st.info(
            "**One network only.** Make a study with two, and both read the same faces in one "
            "pass.",
            icon=":material/rule:",
        )
        return
    order = sorted(results.survivals, key=lambda one: _by_strength(one.comparisons[0]))
    _show_sentences([sentence(one) for one in order])
    pairs = dict.fromkeys(
        (one.comparisons[0].first, one.comparisons[0].second) for one in results.survivals
    )
    for pair in pairs:
        own = [
            one
            for one in results.survivals
            if (one.comparisons[0].first, one.comparisons[0].second) == pair
        ]
        caption = " ".join(f"{name}: {_quality(results, name)}" for name in results.networks)
        show_figure(networks_figure(own), f"study_networks_{'_'.join(pair)}", literal(caption))
    with st.expander("Where the networks disagree most", icon=":material/call_split:"):
        st.dataframe(
            results.disagreements,
            hide_index=True,
            column_config={"disagreement": st.column_config.NumberColumn(format="percent")},
        )
        st.caption("The worst stretches of two seconds, to look at. 0 %: both say the same.")
