"""The findings of a study: figures, their intervals, and a sentence for each comparison."""

from collections.abc import Sequence

import streamlit as st

from fer_core.charts import comparison_figure, course_figure, networks_figure, shares_figure
from fer_core.errors import MienError
from fer_core.studies.progress import progress_of
from fer_core.studies.result_tables import comparisons_table, corrected_table, means_table
from fer_core.studies.results import Results, state_of, strength
from fer_core.studies.statistics import (
    FAMILY,
    mean_courses,
    measure_words,
    participants_sentence,
    sentence,
)
from fer_core.studies.store import Study
from ui import caches
from ui.studies.agreement import show_agreement
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal

_FIRST_SENTENCES = 3


def show_findings(study: Study) -> None:
    """All of them, or what is missing for them."""
    _show_smoothing(study)
    try:
        results = caches.studies.study_results(study.name, state_of(study))
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
    st.subheader("Agreement with a person who coded")
    show_agreement(study)


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
    st.caption(literal(f"{results.quality()} Read by {', '.join(results.networks)}."))
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


def _show_conditions(results: Results, changed: bool) -> None:
    st.subheader("How long each was shown")
    network = results.networks[0]
    figures = results.changes if changed else results.figures
    show_figure(
        shares_figure(figures, network, results.shown),
        "study_shares",
        literal(
            "Share of the time with a face, less that of the baseline. "
            if changed
            else "Share of the time with a face. "
        )
        + literal(
            "Large: mean over participants with its 95 % interval; thin lines: participants. "
            + results.quality()
        ),
    )
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(means_table(results.means), hide_index=True)


def _show_comparisons(results: Results, changed: bool) -> None:
    st.subheader("What differs between the conditions")
    comparisons = results.reported(results.change_comparisons if changed else results.comparisons)
    if not comparisons:
        st.info(
            "**One condition only.** Comparisons need two, in the sheet.",
            icon=":material/compare_arrows:",
        )
        return
    ordered = sorted(comparisons, key=strength)
    _show_sentences([sentence(one) for one in ordered])
    for pair in dict.fromkeys((one.first, one.second) for one in comparisons):
        own = [one for one in comparisons if (one.first, one.second) == pair]
        show_figure(
            comparison_figure(own),
            f"study_comparison_{'_'.join(pair)}",
            literal(
                "Mean over participants with its 95 % interval; ✓: holds after Holm's correction. "
                + results.quality()
            ),
        )
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(comparisons_table(comparisons), hide_index=True)


def _show_sentences(sentences: Sequence[str]) -> None:
    for text in sentences[:_FIRST_SENTENCES]:
        st.markdown(literal(text))
    if rest := sentences[_FIRST_SENTENCES:]:
        with st.expander(f"{len(rest)} more", icon=":material/notes:"):
            st.markdown("\n\n".join(literal(text) for text in rest))


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
        literal(" ".join(sentence(course) for course in courses) + " " + results.quality()),
    )


def _show_corrected(results: Results) -> None:
    if not results.corrected:
        return
    st.subheader("Corrected by what the network takes for what")
    for one in results.corrected:
        st.markdown(literal(sentence(one)))
    for warning in results.correction_warnings:
        st.warning(literal(warning), icon=":material/warning:")
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(corrected_table(results.corrected), hide_index=True)
    st.caption(literal(f"{results.assumption} {results.quality()}"))


def _show_survival(results: Results) -> None:
    st.subheader("Does the finding survive the network?")
    if not results.survivals:
        st.info(
            "**One network only.** Choose a second one under *Queue*, and both read the same faces "
            "in one pass.",
            icon=":material/rule:",
        )
        return
    order = sorted(results.survivals, key=lambda one: strength(one.comparisons[0]))
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
        caption = " ".join(f"{name}: {results.quality(name)}" for name in results.networks)
        show_figure(networks_figure(own), f"study_networks_{'_'.join(pair)}", literal(caption))
    with st.expander("Where the networks disagree most", icon=":material/call_split:"):
        st.dataframe(
            results.disagreements,
            hide_index=True,
            column_config={"disagreement": st.column_config.NumberColumn(format="percent")},
        )
        st.caption("The worst stretches of two seconds, to look at. 0 %: both say the same.")
