"""A family on the page Train: its seeds, one network of them all, and their curves."""

from collections.abc import Callable, Mapping

import streamlit as st

from fer_core import charts
from fer_core.errors import MienError
from fer_core.evaluation.families import Family, in_per_cent
from fer_core.evaluation.learning import LearningCurve
from fer_core.evaluation.recipe_words import training_in_words
from fer_core.runs.families import RunFamily
from fer_core.runs.queue import go_on
from fer_core.runs.run import Condition, Run
from ui import caches
from ui.commands import forget_result
from ui.train.finished import (
    KEY,
    offer_measuring,
    offer_removal,
    own_card,
    show_button,
    show_heading,
    show_links,
)
from ui.train.leading import is_active, start_queue
from ui.train.words import STATES, how_far, share_done
from ui.widgets.figure import show_figure
from ui.widgets.learning import show_learning_curves, show_settings
from ui.widgets.texts import literal

_LOOK_S, _DRAW_S = 1.0, 3.0

Open = Callable[[str], None]


def show_family_now(family: RunFamily, open_one: Open) -> None:
    """What it is, each seed, and the buttons that fit how they are."""
    order = family.order()
    show_heading(family.name, order, f"seeds {', '.join(map(str, family.seeds))}")
    conditions = family.conditions()
    active = _is_active(family)
    st.fragment(_seeds, run_every=_LOOK_S if active else None)(family, open_one, conditions)
    if active:
        st.caption(
            "They are trained one after the other. Open a seed to see it learn, to pause or to "
            "stop it. You can leave this page, close the tab or end Mien: it goes on."
        )
    ended_badly = [run for run in family.runs if conditions[run.seed or 0] in ("failed", "killed")]
    if ended_badly:
        words = "Let the one that did not end go on"
        if len(ended_badly) > 1:
            words = f"Let the {len(ended_badly)} that did not end go on"
        show_button(words, ":material/play_arrow:", "again", _all_again, ended_badly, primary=True)
    _make_a_network(family)
    if not active:
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown("Checkpoints and curves of all seeds go. A network made of them stays.")
            show_button(
                "Delete all seeds", ":material/delete:", "delete", _delete, family, open_one
            )
            offer_removal(family.name)


def _seeds(family: RunFamily, open_one: Open, before: Mapping[int, Condition]) -> None:
    conditions = family.conditions()
    if _stages(conditions) != _stages(before):
        st.rerun()  # the whole page: other buttons belong to it
    for run in family.runs:
        seed = run.seed or 0
        name, words = st.columns([1, 2], vertical_alignment="center")
        name.button(
            f"Seed {seed}",
            icon=STATES[conditions[seed]][0],
            key=f"train_seed_{seed}",
            type="tertiary",
            on_click=open_one,
            args=(run.name,),
        )
        try:
            snapshot = run.snapshot()
            words.progress(
                share_done(conditions[seed], snapshot),
                literal(how_far(run, conditions[seed], snapshot)),
            )
        except MienError as error:
            words.warning(literal(str(error)), icon=":material/broken_image:")


def _make_a_network(family: RunFamily) -> None:
    ended = [
        run.seed
        for run in family.runs
        if run.has_network() and family.conditions()[run.seed or 0] == "finished"
    ]
    card, frozen = own_card(family.name), caches.measured.families()[0].get(family.name)
    measured = frozen.numbers if card and frozen else ()
    new = [seed for seed in ended if seed not in measured]
    if card is None:
        st.markdown(
            "**Make it a network of yours.** Each seed that has ended is measured on faces that it "
            "has not seen; the weights of the best one, as the validation faces say, go on every "
            "page. On FER2013 that is one look at PrivateTest for each seed, entered in your own "
            "ledger."
        )
    else:
        if frozen:
            st.success(_spread(frozen), icon=":material/casino:")
        show_links(card)
    if card is None or new:
        words = "Measure the seeds, make it a network" if card is None else "Measure the new seeds"
        offer_measuring(family.name, words, "--seeds", ready=bool(new))


def _spread(frozen: Family) -> str:
    n, best = len(frozen.seeds), frozen.best
    seeds = f"Over {n} seeds: {in_per_cent(frozen.spread('accuracy'))}, {best.tested_on}."
    return f"**{literal(seeds)}** " + literal(
        f"Seed {frozen.shipped_seed} is what you use."
        if frozen.shipped_seed is not None
        else "What you use is another training."
    )


def show_family_course(family: RunFamily) -> None:
    """The seeds' curves laid over each other, and as a band once several have ended."""
    st.fragment(_curves, run_every=_DRAW_S if _is_active(family) else None)(family)


def _curves(family: RunFamily) -> None:
    order = family.order()
    recipe = order.settings.model_dump(mode="json")
    histories = {f"seed {run.seed}": run.history() for run in family.runs}
    begun = {name: history for name, history in histories.items() if len(history)}
    if not begun:
        st.caption("Curves begin with the first whole epoch.")
    else:
        show_learning_curves(
            {name: LearningCurve.of(history, recipe) for name, history in begun.items()},
            "train",
            f"Seeds of {literal(family.name)} on {literal(order.dataset)}: faces that are learned "
            "from, and the validation faces, on which each seed's epoch is chosen.",
        )
    conditions = family.conditions()
    ended = [
        history
        for run, history in zip(family.runs, histories.values(), strict=True)
        if conditions[run.seed or 0] == "finished" and len(history)
    ]
    if len(ended) > 1:
        show_figure(
            charts.seed_bands_figure({family.name: ended}),
            "train_band",
            "Validation faces: the line is the mean of the seeds that have ended, the band goes "
            "from the lowest to the highest.",
        )
    with st.expander("All settings", icon=":material/tune:"):
        words = training_in_words(recipe, epochs=order.epochs, seed=order.seed)
        words["Seed"] = ", ".join(map(str, family.seeds))
        show_settings({family.name: words}, "train")


def _is_active(family: RunFamily) -> bool:
    for run in family.runs:
        try:
            if is_active(run):
                return True
        except MienError:
            continue
    return False


def _stages(conditions: Mapping[int, Condition]) -> list[bool]:
    """What a person can do with the family changes only from one of these to the next."""
    return [condition in ("finished", "failed", "killed") for condition in conditions.values()]


def _all_again(runs: list[Run]) -> None:
    forget_result(KEY)
    for run in runs:
        go_on(run)
    start_queue()


def _delete(family: RunFamily, open_one: Open) -> None:
    forget_result(KEY)
    for run in family.runs:
        run.delete()
    open_one("")
