"""The Compare page's tab on recipes: the same network, trained in another way."""

from collections.abc import Sequence

import streamlit as st

from fer_core import charts
from fer_core.errors import MienError
from fer_core.evaluation.variants import (
    Trial,
    ablation_trials,
    changed_settings,
    published_trials,
    seed_difference,
)
from ui import caches
from ui.compare.chosen import Chosen
from ui.widgets.figure import show_figure

_HOW_TO = (
    "No network has been trained a second way yet. One that repeats its project's own recipe: "
    "`python -m fer_core train flip24 --variant published --recipe published_flip24`"
)


def difference(chosen: Chosen) -> None:
    """As published against our recipe, and ablations; in words what each recipe changed."""
    try:
        rows = caches.measured.variants()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if not rows:
        st.info(_HOW_TO, icon=":material/science:")
        return
    models = [row.model for row in chosen.everyone.values() if row.model]
    families, _ = caches.measured.families()
    if published := published_trials(rows, models, families):
        _published(published)
    for trials in ablation_trials(rows, models, families):
        _ablation(trials)


def _published(groups: Sequence[Sequence[Trial]]) -> None:
    show_figure(
        charts.variants_figure(groups),
        "variants",
        f"{_on([trial for group in groups for trial in group])} "
        + " ".join(f"{group[0].title}: {_costs(group)}." for group in groups),
    )
    for place, group in zip(st.columns(2) * len(groups), groups, strict=False):
        with place.container(border=True):
            _words(group[0], group[1:])


def _ablation(trials: Sequence[Trial]) -> None:
    show_figure(
        charts.ablation_figure(trials),
        f"ablation_{trials[0].slug}",
        f"{_on(trials)} Macro-F1 counts each class alike, so rare ones weigh more than in "
        f"accuracy. {trials[0].title}: {_costs(trials)}.",
    )
    with st.container(border=True):
        _words(trials[0], trials[1:])


def _on(trials: Sequence[Trial]) -> str:
    counts = ", ".join(f"{n:,}" for n in sorted({trial.n for trial in trials}))
    seeds = (
        " or, of several seeds, from the lowest to the highest"
        if any(trial.seeds for trial in trials)
        else ""
    )
    return (
        f"PublicTest, {counts} images, seven classes; whiskers are 95 % bootstrap intervals{seeds}."
        " Each "
        "training's best epoch was chosen on the same images, so all figures flatter a little, "
        "and alike. PrivateTest was not looked at for this."
    )


def _costs(trials: Sequence[Trial]) -> str:
    return ", ".join(
        f"{trial.epochs} epochs in {trial.train_seconds:,.0f} s {trial.how}" for trial in trials
    )


def _words(first: Trial, others: Sequence[Trial]) -> None:
    """What each further training did otherwise than the first, and what came of it."""
    st.markdown(f"**{first.title}**, {first.how}: {first.accuracy:.1%}")
    if not others:
        st.caption("There is nothing to compare it with: no such network ships yet.")
    for other in others:
        points = 100 * (other.accuracy - first.accuracy)
        lines = [
            f"**{other.how}**: {other.accuracy:.1%} ({points:+.1f} points{_chance(first, other)})"
        ]
        lines += [
            f"- {topic}: {before} → {after}"
            for topic, before, after in changed_settings(first, other)
        ]
        if len(lines) == 1:
            lines.append("- nothing but chance differs")
        st.markdown("\n".join([lines[0], "", *lines[1:]]))


def _chance(first: Trial, other: Trial) -> str:
    """Whether the difference is more than another seed makes, as far as seeds say."""
    found = seed_difference(first, other)
    if found is None or found.low is None or found.high is None:
        return ", one seed each, so whether chance alone makes it is not known"
    interval = f"95 %: {100 * found.low:+.1f} to {100 * found.high:+.1f}"
    verdict = "inside what other seeds do" if found.within_chance else "more than other seeds do"
    alone = [trial.how for trial in (first, other) if not trial.seeds]
    taken = f"; {alone[0]} has one seed, taken to vary as the other does" if alone else ""
    return f", {verdict}; {interval}{taken}"
