"""The queue: every training in a line of its own, the one that is looked at marked."""

from collections.abc import Callable, Sequence

import streamlit as st

from fer_core.errors import MienError
from fer_core.runs.queue import is_led
from fer_core.runs.run import Run
from ui.train.leading import is_active, is_starting, last_words, start_queue
from ui.train.words import STATES, how_far
from ui.widgets.texts import literal

_LOOK_S = 1.0
_SHOWN = 6
_FAULT = "train_queue_fault"

Open = Callable[[str], None]


def show_queue(runs: Sequence[Run], chosen: Run | None, open_one: Open) -> None:
    """Lines of the newest trainings, looked at once a second while one goes on."""
    newest = list(runs)[::-1]
    active = any(map(_is_active, runs))
    name = chosen.name if chosen else ""
    show = st.fragment(_lines, run_every=_LOOK_S if active else None)
    show(newest[:_SHOWN], name, open_one, active)
    if newest[_SHOWN:]:
        with st.expander(f"{len(newest) - _SHOWN} earlier ones"):
            _rows(newest[_SHOWN:], name, open_one)
    _offer_to_go_on(runs)


def _lines(runs: Sequence[Run], chosen: str, open_one: Open, was_active: bool) -> None:
    if was_active and not any(map(_is_active, runs)):
        st.rerun()  # all have ended: the whole page, without looking again
    _rows(runs, chosen, open_one)


def _rows(runs: Sequence[Run], chosen: str, open_one: Open) -> None:
    with st.container(horizontal=True, key=f"train_rows_{len(runs)}"):
        st.button(
            "New training",
            icon=":material/add:",
            key=f"train_new_{len(runs)}",
            on_click=open_one,
            args=("",),
        )
    for run in runs:
        try:
            _row(run, chosen, open_one)
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")


def _row(run: Run, chosen: str, open_one: Open) -> None:
    name, bar, words = st.columns([2, 3, 4], vertical_alignment="center")
    condition, snapshot = run.condition(), run.snapshot()
    sign, _ = STATES[condition]
    name.button(
        run.name,
        icon=sign,
        key=f"train_open_{run.name}",
        type="primary" if run.name == chosen else "tertiary",
        on_click=open_one,
        args=(run.name,),
    )
    share = 1.0 if condition == "finished" else snapshot.share if snapshot else 0.0
    bar.progress(share)
    words.markdown(literal(how_far(run, condition, snapshot)))


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
