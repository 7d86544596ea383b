"""The report of a study: what was done, what came of it, and what that does not say."""

from collections.abc import Sequence

import pandas as pd

from fer_core import __version__
from fer_core.charts import comparison_figure, course_figure, networks_figure, shares_figure
from fer_core.report.page import Page
from fer_core.studies.mend import edits_of
from fer_core.studies.progress import progress_of
from fer_core.studies.result_tables import comparisons_table, corrected_table, means_table
from fer_core.studies.results import Results, find, strength
from fer_core.studies.settings import StudySettings
from fer_core.studies.statistics import (
    FAMILY,
    ConditionComparison,
    mean_courses,
    participants_sentence,
    sentence,
)
from fer_core.studies.store import Study, now
from fer_core.zoo import AnswersAs

_COURSES = 2

_WORDS = {
    AnswersAs.VOTERS: "most people name faces (FER+'s voters)",
    AnswersAs.LABELS: "FER2013's labels",
}

_LIMITS = (
    "Mien names the expression that a face shows, not what the person feels.",
    "Intervals and tests are over participants, never over frames; they say how far these "
    "figures would differ for other participants of the same kind, not how well a network reads "
    "faces.",
    "A network's mistakes differ between people, light and cameras. Where two networks disagree, "
    "a finding may be theirs and not the participants'.",
    "Shares of time are shares of the time with a face; beside them stands how much had none.",
)


def study_report(study: Study, results: Results | None = None) -> str:
    """The report of a study, as far as it is read.

    Args:
        study: which.
        results: of it, where they are at hand.

    Returns:
        An HTML file of about 5 MB, most of it the script that draws the charts.

    Raises:
        StudyError: nothing is read yet of anybody who is in the sheet.
        StorageError: the place of the readings cannot be read.
    """
    results = results or find(study)
    page = Page(study.name)
    page.text(participants_sentence(results.figures))
    page.text(results.quality(), "small")
    _add_state(page, study, results)
    _add_conditions(page, results)
    _add_comparisons(page, results, results.comparisons, "What differs between the conditions")
    if results.change_comparisons:
        _add_comparisons(
            page, results, results.change_comparisons, "Changes from each participant's baseline"
        )
    _add_courses(page, results)
    _add_corrected(page, results)
    _add_survival(page, results)
    _add_method(page, study)
    page.heading("What this does not say")
    page.listed(_LIMITS)
    return page.html()


def _add_state(page: Page, study: Study, results: Results) -> None:
    progress = progress_of(study)
    if not progress.is_read:
        share = progress.seconds_done / progress.seconds
        page.text(
            f"The study is not read to its end ({share:.0%}): these figures will change.", "warning"
        )
    if results.notes:
        page.heading("What is missing")
        page.listed(results.notes)


def _add_conditions(page: Page, results: Results) -> None:
    page.heading("How long each was shown")
    page.chart(
        shares_figure(results.figures, results.networks[0], results.shown),
        "Share of the time with a face. Large: mean over participants with its 95 % interval; thin "
        f"lines: participants. {results.quality()}",
    )
    page.table(means_table(results.means[results.means["network"] == results.networks[0]]))


def _add_comparisons(
    page: Page, results: Results, comparisons: Sequence[ConditionComparison], words: str
) -> None:
    own = results.reported(comparisons)
    if not own:
        return
    page.heading(words)
    for one in sorted(own, key=strength):
        page.text(sentence(one))
    for pair in dict.fromkeys((one.first, one.second) for one in own):
        page.chart(
            comparison_figure([one for one in own if (one.first, one.second) == pair]),
            "Mean over participants with its 95 % interval; ✓: holds after Holm's correction. "
            + results.quality(),
        )
    page.table(comparisons_table(own))


def _add_courses(page: Page, results: Results) -> None:
    own = results.courses[results.courses["network"] == results.networks[0]]
    if own.empty:
        return
    page.heading("Course around the onset")
    clearest = [one.measure for one in sorted(results.reported(results.comparisons), key=strength)]
    for measure in (clearest or list(FAMILY))[:_COURSES]:
        courses = mean_courses(own, measure, results.grid)
        words = " ".join(sentence(course) for course in courses)
        page.chart(course_figure(courses), f"{words} {results.quality()}")


def _add_corrected(page: Page, results: Results) -> None:
    if not results.corrected:
        return
    page.heading("Corrected by what the network takes for what")
    for one in results.corrected:
        page.text(sentence(one))
    for warning in results.correction_warnings:
        page.text(warning, "warning")
    page.table(corrected_table(results.corrected))
    page.text(
        f"{results.assumption} {results.quality()}",
        "small",
    )


def _add_survival(page: Page, results: Results) -> None:
    if not results.survivals:
        return
    page.heading("Does the finding survive the network?")
    for one in sorted(results.survivals, key=lambda one: strength(one.comparisons[0])):
        page.text(sentence(one))
    pairs = [(one.comparisons[0].first, one.comparisons[0].second) for one in results.survivals]
    quality = " ".join(f"{name}: {results.quality(name)}" for name in results.networks)
    for pair in dict.fromkeys(pairs):
        own = [one for one, its in zip(results.survivals, pairs, strict=True) if its == pair]
        page.chart(networks_figure(own), quality)


def _add_method(page: Page, study: Study) -> None:
    recordings, settings = study.recordings(), study.settings
    edits = sum(not edit.undone for recording in recordings for edit in edits_of(study, recording))
    page.heading("How it was done")
    page.text(
        f"{len(recordings)} recordings, {sum(each.seconds for each in recordings) / 60:.1f} minutes"
        f" together, were read by {_settings_words(settings)}. A person's edits in force: {edits}. "
        f"Made with Mien {__version__}, {now()}."
    )
    page.table(
        pd.DataFrame(
            {
                "network": [network.slug for network in settings.networks],
                "SHA-256 of its file": [network.graph_sha256[:16] for network in settings.networks],
                "answers as": [_WORDS[network.answers_as] for network in settings.networks],
                "unsure below": [
                    f"{network.unsure_threshold:.0%}" for network in settings.networks
                ],
            }
        )
    )
    page.table(
        pd.DataFrame(
            {
                "recording": [each.name for each in recordings],
                "seconds": [f"{each.seconds:.1f}" for each in recordings],
                "frames": [each.frames for each in recordings],
                "recorded": [each.recorded_at for each in recordings],
                "SHA-256": [each.sha256[:16] for each in recordings],
            }
        )
    )
    page.text("What each figure means, and its sources: docs/findings.md of Mien.", "small")


def _settings_words(settings: StudySettings) -> str:
    every = "every frame" if settings.every == 1 else f"one frame in {settings.every}"
    averaged = (
        "each face's probabilities averaged over time"
        if settings.smoothed
        else "each frame's probabilities as they are"
    )
    return (
        f"{', '.join(settings.slugs)} (the first one is reported), {every}, faces found by "
        f"{settings.detector}, {averaged}"
    )
