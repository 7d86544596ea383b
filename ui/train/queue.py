"""The queue: every training or family in a line of its own, the one that is looked at marked."""

from collections.abc import Callable, Sequence

import streamlit as st

from fer_core.errors import MienError
from fer_core.runs.families import RunFamily, group_runs
from fer_core.runs.queue import is_led
from fer_core.runs.run import Run
from fer_core.runs.shelf import list_runs
from ui.train.leading import is_active, is_starting, last_words, start_queue
from ui.train.words import STATES, how_far, how_far_family, share_done, share_of_family
from ui.widgets.texts import literal

_LOOK_S = 1.0
_SHOWN = 6
_FAULT = "train_queue_fault"

Open = Callable[[str], None]


def show_queue(runs: Sequence[Run], chosen: str, open_one: Open) -> None:
    """Lines of the newest trainings, looked at once a second while one goes on.

    Args:
        runs: all, the newest last.
        chosen: name of the training or family that is looked at; "" for none.
        open_one: looks at another one.
    """
    newest = group_runs(runs)[::-1]
    active = any(map(_is_active, runs))
    show = st.fragment(_lines, run_every=_LOOK_S if active else None)
    show(newest[:_SHOWN], chosen, open_one, active)
    if newest[_SHOWN:]:
        with st.expander(f"{len(newest) - _SHOWN} earlier ones"):
            _rows(newest[_SHOWN:], chosen, open_one)
    _offer_to_go_on(runs)


def _lines(shown: Sequence[Run | RunFamily], chosen: str, open_one: Open, was_active: bool) -> None:
    if was_active and not any(map(_is_active, list_runs())):
        st.rerun()  # all have ended: the whole page, without looking again
    _rows(shown, chosen, open_one)


def _rows(shown: Sequence[Run | RunFamily], chosen: str, open_one: Open) -> None:
    with st.container(horizontal=True, key=f"train_rows_{len(shown)}"):
        st.button(
            "New training",
            icon=":material/add:",
            key=f"train_new_{len(shown)}",
            on_click=open_one,
            args=("",),
        )
    for one in shown:
        try:
            _row(one, chosen, open_one)
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")


def _row(one: Run | RunFamily, chosen: str, open_one: Open) -> None:
    name, bar, words = st.columns([2, 3, 4], vertical_alignment="center")
    condition = one.condition()
    sign, _ = STATES[condition]
    name.button(
        one.name,
        icon=sign,
        key=f"train_open_{one.name}",
        type="primary" if one.name == chosen else "tertiary",
        on_click=open_one,
        args=(one.name,),
    )
    if isinstance(one, RunFamily):
        bar.progress(share_of_family(one))
        words.markdown(literal(how_far_family(one)))
        return
    snapshot = one.snapshot()
    bar.progress(share_done(condition, snapshot))
    words.markdown(literal(how_far(one, condition, snapshot)))


def _offer_to_go_on(runs: Sequence[Run]) -> None:
    """Where something waits and nobody works: after the machine was restarted, say."""
    fault = st.session_state.pop(_FAULT, "") or last_words()
    if fault:
        st.error(literal(fault), icon=":material/error:")
    if is_led() or is_starting() or not any(_waits(run) for run in runs):
        return
    st.warning(
        "**Nobody works on the queue.** It was ended from outside, perhaps as the machine was "
        "switched off. Nothing that waits is lost.",
        icon=":material/pause_circle:",
    )
    st.button(
        "Go on with the queue",
        icon=":material/play_arrow:",
        type="primary",
        key="train_queue_go",
        on_click=_go,
    )


def _go() -> None:
    try:
        start_queue()
    except MienError as error:
        st.session_state[_FAULT] = str(error)


def _is_active(run: Run) -> bool:
    try:
        return is_active(run)
    except MienError:
        return False


def _waits(run: Run) -> bool:
    try:
        return run.condition() == "waiting"
    except MienError:
        return False
